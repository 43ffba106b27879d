import HTTPServer
import Metrics
import RedisCollectors
import RedisFleet
import Synchronization

/// How polls become what a scraper reads: format, labels of the node, namespace.
final class NodeExposure: Sendable {
    /// What is used where a scraper does not say how long it waits.
    private static let defaultPatience: Duration = .seconds(10)
    private static let textType = MediaType("text", "plain", [.init("version", "0.0.4")])
    private static let openMetricsType = MediaType(
        "application", "openmetrics-text", [.init("version", "1.0.0")]
    )
    /// Roles of nodes beyond this number are not remembered.
    private static let roleLimit = 10_000

    private let exposition: TextExposition
    private let repeated: RepeatedExposition
    private let options: ExporterOptions
    /// The last known roles, for nodes that are down.
    private let roles = Mutex<[Node: ServerFacts.Role]>([:])

    init(exposition: TextExposition, options: ExporterOptions) {
        self.exposition = exposition
        repeated = RepeatedExposition(exposition)
        self.options = options
    }

    /// The samples of a poll with the labels of its node.
    func expose(_ outcome: PollOutcome, withInstance: Bool) -> ExposedNode {
        guard options.appendsRole else {
            let labelText = withInstance ? outcome.node.labelTextWithInstance : outcome.node.labelText
            return ExposedNode(labelText: labelText, samples: outcome.samples)
        }
        var labels = outcome.node.labels.merging(Labels([("instance_role", role(of: outcome).exporterName)]))
        if withInstance { labels = Labels([("instance", outcome.node.instance)]).merging(labels) }
        return ExposedNode(labelText: LabelText.render(labels), samples: outcome.samples)
    }

    /// The answer to a scrape, in the format that was asked for.
    ///
    /// - Parameter repeats: Whether the same nodes are likely to be asked for the next time.
    func respond(_ nodes: [ExposedNode], to request: HTTPRequest, repeats: Bool) -> HTTPResponse {
        let format = Self.format(for: request)
        let bytes = repeats ? repeated.render(nodes, as: format) : exposition.render(nodes, as: format)
        return HTTPResponse(contentType: format.contentType, bytes: options.namespace.apply(to: bytes))
    }

    /// Nine tenths of the time the scraper gives us, so that the answer arrives before it gives up.
    static func patience(of request: HTTPRequest) -> Duration {
        guard let text = request.headers.first("X-Prometheus-Scrape-Timeout-Seconds"), let seconds = Double(text),
            seconds > 0, seconds < 3600
        else { return defaultPatience }
        return .milliseconds(Int64(seconds * 900))
    }

    static func format(for request: HTTPRequest) -> ExpositionFormat {
        request.accept.preferredIndex(among: [textType, openMetricsType]) == 1 ? .openMetrics : .prometheusText
    }

    private func role(of outcome: PollOutcome) -> ServerFacts.Role {
        roles.withLock { roles in
            if let role = outcome.facts?.role, roles.count < Self.roleLimit || roles[outcome.node] != nil {
                roles[outcome.node] = role
            }
            return outcome.facts?.role ?? roles[outcome.node] ?? .unknown
        }
    }
}

extension ServerFacts.Role {
    /// The role as INFO has it, and so redis_exporter.
    fileprivate var exporterName: String {
        switch self {
        case .replica: "slave"
        case .unknown: ""
        case .master, .sentinel: rawValue
        }
    }
}

import Alerting
import HTTPServer
import JSON
import Metrics
import PromQL
import RedisClient
import RedisCollectors
import RedisFleet
import Synchronization

/// `/api/redstart/v1/nodes`: every node on one line, with the few figures that a list of a thousand can show.
final class NodesRoute: Sendable {
    /// The figures by metric, as the answer names them.
    private static let figures = [
        ("redis_memory_used_bytes", "memoryUsed"), ("redis_memory_max_bytes", "memoryMax"),
        ("redis_connected_clients", "clients"), ("redis_instantaneous_ops_per_second", "operations"),
        ("redis_uptime_in_seconds", "uptime"),
    ]
    /// Many pages ask for the same within a moment: when they hear that nodes were polled.
    private static let maxAge: Duration = .seconds(1)

    private let fleet: Fleet
    private let source: StoreSeriesSource
    private let query: Query?
    private struct State {
        var last: (made: ContinuousClock.Instant, response: HTTPResponse)?
        /// The answer that is being made, for all who ask meanwhile.
        var making: Task<HTTPResponse, Never>?
    }

    private let state = Mutex(State())

    init(fleet: Fleet, source: StoreSeriesSource) {
        self.fleet = fleet
        self.source = source
        let names = Self.figures.map(\.0).joined(separator: "|")
        query = try? Query(parsing: "{__name__=~\"\(names)\",job=\"redis\"}")
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        enum Answer {
            case ready(HTTPResponse)
            case making(Task<HTTPResponse, Never>)
        }
        let answer: Answer = state.withLock { state in
            if let last = state.last, .now - last.made < Self.maxAge { return .ready(last.response) }
            if let making = state.making { return .making(making) }
            let making = Task {
                let response = await make().shared
                self.state.withLock { $0 = State(last: (.now, response)) }
                return response
            }
            state.making = making
            return .making(making)
        }
        return switch answer {
        case .ready(let response): response
        case .making(let task): await task.value
        }
    }

    private func make() async -> HTTPResponse {
        let conditions = await fleet.conditions()
        var places: [String: Topology.Node] = [:]
        for topology in await fleet.topologies() {
            for node in topology.nodes { places[node.endpoint.description] = node }
        }
        let values = figureValues()
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("time")
                PrometheusTime.append(WallClock.milliseconds(), to: &writer)
                writer.key("nodes")
                writer.array(of: conditions) { writer, one in
                    let instance = one.node.instance
                    Self.write(one.node, one.condition, places[instance], values[instance] ?? [:], to: &writer)
                }
            }
        }
    }

    /// By instance, then by the name of the figure.
    private func figureValues() -> [String: [String: Double]] {
        guard let query,
            let result = try? QueryEngine().instant(query, at: WallClock.milliseconds(), source: source),
            case .vector(let samples) = result.value
        else { return [:] }
        let names = Dictionary(Self.figures) { first, _ in first }
        var values: [String: [String: Double]] = [:]
        for sample in samples {
            guard let instance = sample.labels["instance"], let metric = sample.labels[Labels.metricNameLabel],
                let name = names[metric]
            else { continue }
            values[instance, default: [:]][name] = sample.value
        }
        return values
    }

    private static func write(
        _ node: Node,
        _ condition: NodeCondition,
        _ place: Topology.Node?,
        _ values: [String: Double],
        to writer: inout JSONWriter
    ) {
        let outcome = condition.outcome
        writer.object { writer in
            writer.member("instance", node.instance)
            writer.member("state", outcome.map { $0.failure == nil ? "up" : "down" } ?? "unknown")
            // The topology is looked at less often than the node.
            let known = place?.role == .unknown ? nil : place?.role
            writer.member("role", (known ?? outcome?.facts?.role ?? .unknown).rawValue)
            writer.member("deployment", place?.deployment ?? "")
            writer.member("shard", place?.shard ?? "")
            writer.member("health", place?.health.rawValue ?? "")
            if let facts = outcome?.facts {
                writer.member("product", facts.product.rawValue)
                writer.member("version", "\(facts.version)")
            } else {
                writer.member("version", place?.version ?? "")
            }
            if let problem = outcome?.failure ?? outcome?.shortfall {
                writer.member("reason", problem.reason.rawValue)
                writer.member("problem", "\(problem)")
            }
            if condition.failures > 0 { writer.member("failures", condition.failures) }
            if let retryAt = condition.retryAt {
                writer.key("retrySeconds")
                writer.number(max(0, (retryAt - .now).inSeconds))
            }
            if let outcome {
                writer.key("polledAt")
                PrometheusTime.append(outcome.samples.timestamp, to: &writer)
                writer.key("pollSeconds")
                writer.number(outcome.duration.inSeconds)
            }
            if !node.labels.isEmpty {
                writer.key("labels")
                QueryResultWriter.write(node.labels, to: &writer)
            }
            for (_, name) in figures {
                guard let value = values[name] else { continue }
                writer.key(name)
                writer.number(value)
            }
        }
    }
}

public import HTTPClient
public import Metrics
public import Outbound
import YAML

/// Where `ALERTS_FOR_STATE` can be asked for: the query API of the store that is written to.
public struct AlertStateSource: Sendable, Equatable {
    /// Where the API is; `/api/v1/query` is added.
    public var url: HTTPURL
    private let access: HTTPAccess
    /// The labels that the series must have beside those of the alerts.
    public var labels: Labels
    /// The names of all labels that series get on their way there, which alerts do not have.
    public var addedLabels: [String]
    private var fields: [EndpointConfiguration.Header]

    /// The longest that an answer may take.
    public var timeout: Duration {
        access.timeout
    }

    /// How a connection is encrypted.
    public var tls: ClientTLSOptions {
        access.tls
    }

    /// The header fields of a question.
    ///
    /// - Throws: `SecretProblem` where a secret cannot be read.
    public func headers() throws(SecretProblem) -> [(name: String, value: String)] {
        fields.map { ($0.name, $0.value) } + (try access.headers())
    }

    init(_ node: YAMLNode, externalLabels: Labels) throws(YAMLError) {
        self = try node.read("`alerts_for_state`") { (reader) throws(YAMLError) in
            let url = try reader.url("url")
            let access = try reader.access()
            let fields = try reader.headers()
            let ignored = try reader.optional("ignore_external_labels")?.strings("a list of names of labels") ?? []
            for name in ignored where externalLabels[name] == nil {
                throw node.error("`\(name)` is no external label", expected: "names that `external_labels` has")
            }
            return AlertStateSource(
                url: url,
                access: access,
                labels: externalLabels.dropping(ignored),
                addedLabels: externalLabels.pairs.map(\.name),
                fields: fields
            )
        }
    }
}

extension AlertStateSource {
    private init(
        url: HTTPURL,
        access: HTTPAccess,
        labels: Labels,
        addedLabels: [String],
        fields: [EndpointConfiguration.Header]
    ) {
        self.url = url
        self.access = access
        self.labels = labels
        self.addedLabels = addedLabels
        self.fields = fields
    }
}

import HTTPClient
import Metrics
import Outbound
public import YAML

extension RemoteWriteConfiguration {
    /// Adds what the sections of a configuration file say; those that are not there are `nil`.
    ///
    /// - Parameters:
    ///   - remoteWrite: A list in the form of Prometheus.
    ///   - otlp: A list of endpoints of OTLP over HTTP.
    ///   - alertsForState: Where clocks of alerts are asked for.
    ///   - externalLabels: A mapping of names to texts.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public mutating func add(
        remoteWrite: YAMLNode?,
        otlp: YAMLNode?,
        alertsForState: YAMLNode? = nil,
        externalLabels: YAMLNode?
    ) throws(YAMLError) {
        for node in try remoteWrite?.items("a list of endpoints") ?? [] {
            try add(try EndpointConfiguration(remoteWrite: node), at: node)
        }
        for node in try otlp?.items("a list of endpoints") ?? [] {
            try add(try EndpointConfiguration(otlp: node), at: node)
        }
        if let externalLabels { self.externalLabels = try externalLabels.labelPairs() }
        alertStates = try alertsForState.map { node throws(YAMLError) in
            try AlertStateSource(node, externalLabels: self.externalLabels)
        }
    }

    private mutating func add(_ endpoint: EndpointConfiguration, at node: YAMLNode) throws(YAMLError) {
        guard !endpoints.contains(where: { $0.name == endpoint.name }) else {
            throw node.error(
                "there are two endpoints `\(endpoint.name)`", expected: "a field `name` of its own in each")
        }
        endpoints.append(endpoint)
    }
}

extension EndpointConfiguration {
    fileprivate init(remoteWrite node: YAMLNode) throws(YAMLError) {
        self = try node.read("an endpoint of remote write") { (fields) throws(YAMLError) in
            let url = try fields.url("url")
            let format = fields.optional("protobuf_message")
            var endpoint = EndpointConfiguration(
                name: try fields.optional("name")?.nonEmptyText() ?? url.origin,
                url: url,
                format: try format?.choice(of: RemoteWriteFormat.self).format ?? .remoteWrite1,
                access: try fields.access(timeout: "remote_timeout")
            )
            // As in Prometheus, which waits longer for this than for others.
            if fields.optional("remote_timeout") == nil { endpoint.access.timeout = .seconds(30) }
            endpoint.headers = try fields.headers()
            endpoint.relabelling = try fields.optional("write_relabel_configs").map(RelabelRule.list) ?? []
            if let queue = fields.optional("queue_config") { endpoint.sending = try Sending(queue) }
            try fields.refuse("send_exemplars", "there are no exemplars to send")
            try fields.refuse("send_native_histograms", "there are no native histograms to send")
            try fields.optional("metadata_config")?.read("`metadata_config`") { (fields) throws(YAMLError) in
                try fields.refuse("send", "metadata goes with the samples, in version 2.0 (`protobuf_message`)")
            }
            return endpoint
        }
    }

    fileprivate init(otlp node: YAMLNode) throws(YAMLError) {
        self = try node.read("an endpoint of OTLP") { (fields) throws(YAMLError) in
            let base = try fields.optional("endpoint")?.httpURL()
            let whole = try fields.optional("metrics_endpoint")?.httpURL()
            guard let url = whole ?? base?.appending(path: "/v1/metrics"), base == nil || whole == nil else {
                throw node.error("an endpoint of OTLP needs one address", expected: "`endpoint` or `metrics_endpoint`")
            }
            var endpoint = EndpointConfiguration(
                name: try fields.optional("name")?.nonEmptyText() ?? url.origin,
                url: url,
                format: .otlp,
                access: try fields.access()
            )
            endpoint.headers = try fields.headers()
            endpoint.relabelling = try fields.optional("write_relabel_configs").map(RelabelRule.list) ?? []
            if let queue = fields.optional("queue_config") { endpoint.sending = try Sending(queue) }
            return endpoint
        }
    }
}

/// The values of `protobuf_message`.
private enum RemoteWriteFormat: String, CaseIterable {
    case version1 = "prometheus.WriteRequest"
    case version2 = "io.prometheus.write.v2.Request"

    var format: EndpointConfiguration.Format {
        switch self {
        case .version1: .remoteWrite1
        case .version2: .remoteWrite2
        }
    }
}

extension EndpointConfiguration.Sending {
    fileprivate init(_ node: YAMLNode) throws(YAMLError) {
        self = try node.read("`queue_config`") { (fields) throws(YAMLError) in
            var sending = EndpointConfiguration.Sending()
            if let most = try fields.optional("max_samples_per_send")?.count(through: 100_000) {
                sending.maxSamples = most
            }
            if let most = try fields.optional("max_shards")?.count(through: 200) { sending.maxShards = most }
            if let wait = try fields.optional("batch_send_deadline")?.positiveDuration() {
                sending.deadline = .milliseconds(wait)
            }
            if let wait = try fields.optional("min_backoff")?.positiveDuration() { sending.backoff.first = wait }
            if let wait = try fields.optional("max_backoff")?.positiveDuration() { sending.backoff.longest = wait }
            guard sending.backoff.first <= sending.backoff.longest else {
                throw node.error("`min_backoff` is longer than `max_backoff`", expected: "at most as long")
            }
            if let retries = try fields.optional("retry_on_http_429")?.boolean() {
                sending.retriesTooManyRequests = retries
            }
            if let limit = try fields.optional("sample_age_limit")?.prometheusDuration() {
                sending.ageLimitMilliseconds = limit
            }
            for (name, reason) in [
                ("capacity", "what waits is bounded for all endpoints together, by `remote_write_queue_bytes`"),
                ("min_shards", "there are as many requests under way as the samples that wait need"),
            ] {
                guard let given = fields.optional(name) else { continue }
                throw given.error("`\(name)` has no meaning here: \(reason)", expected: "no such field")
            }
            return sending
        }
    }
}

extension YAMLFields {
    /// Header fields with their values, none of those that are set otherwise.
    mutating func headers() throws(YAMLError) -> [EndpointConfiguration.Header] {
        let reserved = [
            "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type",
            "host", "transfer-encoding", "user-agent", "x-prometheus-remote-write-version",
        ]
        var headers: [EndpointConfiguration.Header] = []
        for entry in try optional("headers")?.entries("a mapping of header fields to texts") ?? [] {
            let isName =
                !entry.key.isEmpty
                && entry.key.utf8.allSatisfy { byte in
                    Labels.isLabelNameByte(byte) || byte == UInt8(ascii: "-")
                }
            guard isName, !reserved.contains(entry.key.lowercased()) else {
                let problem = "`\(entry.key)` cannot be set here"
                throw YAMLError(at: entry.keyLocation, problem, expected: "a header field that nothing else sets")
            }
            let value = try entry.value.string()
            guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw entry.value.error("the value has a control character in it", expected: "one line of text")
            }
            headers.append(EndpointConfiguration.Header(name: entry.key, value: value))
        }
        return headers
    }

    /// A field that may only be false.
    fileprivate mutating func refuse(_ name: String, _ reason: String) throws(YAMLError) {
        guard let node = optional(name), try node.boolean() else { return }
        throw node.error("`\(name)` cannot be true: \(reason)", expected: "false, or no such field")
    }
}

extension YAMLNode {
    fileprivate func nonEmptyText() throws(YAMLError) -> String {
        let text = try string()
        guard !text.isEmpty else { throw error("the text is empty", expected: "a name") }
        return text
    }

    fileprivate func count(through most: Int) throws(YAMLError) -> Int {
        let number = try integer("a whole number from 1 to \(most)")
        guard (1...most).contains(number) else {
            throw error("\(number) is out of range", expected: "a whole number from 1 to \(most)")
        }
        return number
    }
}

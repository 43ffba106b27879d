import Bytes
import HTTPClient
import Metrics

/// What came of a request.
enum WriteOutcome: Equatable {
    /// The far side has taken so many of the samples, for a reason the others not.
    case written(samples: Int, rest: String)
    /// It may work later; `detail` is for people, `after` what the far side asked for, in milliseconds.
    case retry(reason: String, detail: String, after: Int64?)
    /// It will never work.
    case refused(reason: String, detail: String)
    /// The far side does not know version 2.0.
    case wrongVersion

    /// Why the far side does not have all; `nil` where it does.
    var problem: String? {
        switch self {
        case .written(_, let rest): rest.isEmpty ? nil : rest
        case .retry(let reason, _, _), .refused(let reason, _): reason
        case .wrongVersion: "wrong_version"
        }
    }

    /// What an answer means.
    ///
    /// Of the specification of remote write: 2xx is success, 5xx has to be tried again, 429 may be, all else must not;
    /// 415 asks for version 1.0. OTLP has a list of what is tried again: 429, 502, 503, 504.
    init(_ response: ClientResponse, to request: WriteRequest, _ sending: EndpointConfiguration.Sending) {
        let reason = "http_\(response.status)"
        let after = response.retryAfter(now: WallClock.milliseconds())
        let detail = Self.detail(of: response)
        switch (response.status, request.format) {
        // A page for people: what stands there is no receiver, but a proxy or a login.
        case (200...299, _) where response.header("content-type")?.lowercased().hasPrefix("text/html") == true:
            self = .retry(reason: "html", detail: detail, after: nil)
        case (200...299, .remoteWrite1): self = .written(samples: request.samples, rest: "")
        case (200...299, .remoteWrite2): self.init(version2: response, samples: request.samples)
        case (200...299, .otlp): self.init(otlp: response, samples: request.samples)
        case (415, .remoteWrite2): self = .wrongVersion
        case (429, _) where sending.retriesTooManyRequests:
            self = .retry(reason: reason, detail: detail, after: after)
        case (502...504, _), (500...599, .remoteWrite1), (500...599, .remoteWrite2):
            self = .retry(reason: reason, detail: detail, after: after)
        default: self = .refused(reason: reason, detail: detail)
        }
    }

    private static let detailLimit = 200

    /// How the far side explains itself: the beginning of its answer in one line.
    private static func detail(of response: ClientResponse) -> String {
        let text = String(decoding: response.body.prefix(detailLimit), as: UTF8.self)
        let line = text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) }
        return String(line.drop { $0 == " " })
    }

    /// A receiver of version 2.0 says how much it has written.
    ///
    /// One of version 1.0 that does not look at the content
    /// type takes the request for an empty one, and says nothing.
    private init(version2 response: ClientResponse, samples: Int) {
        let field = "x-prometheus-remote-write-samples-written"
        guard let text = response.header(field) else {
            self = .wrongVersion
            return
        }
        self = .written(samples: min(max(Int(text) ?? 0, 0), samples), rest: "not_written")
    }

    /// `ExportMetricsServiceResponse` may say how many data points were rejected.
    private init(otlp response: ClientResponse, samples: Int) {
        let rejected = response.body.withUnsafeBytes { Self.rejectedDataPoints(ByteReader($0)) }
        self = .written(samples: samples - min(max(rejected, 0), samples), rest: "not_written")
    }

    /// `partial_success` is field 1, `rejected_data_points` field 1 in it; anything else is passed over.
    private static func rejectedDataPoints(_ body: ByteReader) -> Int {
        var body = body
        guard body.varint() == 1 << 3 | 2, let bytes = body.run() else { return 0 }
        var partial = ByteReader(bytes)
        guard partial.varint() == 1 << 3, let count = partial.varint() else { return 0 }
        return Int(clamping: count)
    }
}

/// A request as it is sent.
struct WriteRequest: Sendable {
    let format: EndpointConfiguration.Format
    /// Compressed, where the format asks for it.
    let body: [UInt8]
    let samples: Int

    /// The header fields that the format asks for.
    var headers: [(name: String, value: String)] {
        switch format {
        case .remoteWrite1:
            [
                ("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy"),
                ("X-Prometheus-Remote-Write-Version", "0.1.0"), ("User-Agent", "Redstart"),
            ]
        case .remoteWrite2:
            [
                ("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"),
                ("Content-Encoding", "snappy"), ("X-Prometheus-Remote-Write-Version", "2.0.0"),
                ("User-Agent", "Redstart"),
            ]
        case .otlp: [("Content-Type", "application/x-protobuf"), ("User-Agent", "Redstart")]
        }
    }
}

/// What a server has done since its start, for its own metrics.
public struct HTTPServerStatistics: Sendable, Hashable {
    /// Connections open now.
    public internal(set) var openConnections = 0
    /// Connections accepted, those refused for their number included.
    public internal(set) var acceptedConnections: UInt64 = 0
    /// Bytes received, header fields included.
    public internal(set) var receivedBytes: UInt64 = 0
    /// Bytes handed to the system to send, header fields included.
    public internal(set) var sentBytes: UInt64 = 0

    private var responseCounts = [UInt64](repeating: 0, count: 5)
    private var refusalCounts = [UInt64](repeating: 0, count: HTTPRefusal.allCases.count)

    /// Responses begun with a status of this class: 1 for 100 to 199, … 5 for 500 to 599.
    public func responses(statusClass: Int) -> UInt64 {
        responseCounts.indices.contains(statusClass - 1) ? responseCounts[statusClass - 1] : 0
    }

    /// Requests and connections the server itself refused or cut for this reason.
    public func refusals(_ reason: HTTPRefusal) -> UInt64 {
        refusalCounts[reason.index]
    }

    mutating func countResponse(_ status: HTTPStatus) {
        let index = status.code / 100 - 1
        if responseCounts.indices.contains(index) { responseCounts[index] &+= 1 }
    }

    mutating func countRefusal(_ reason: HTTPRefusal) {
        refusalCounts[reason.index] &+= 1
    }
}

/// Why the server refused a request or cut a connection before any route was asked.
///
/// The raw value is meant as the value of a metric's label.
public enum HTTPRefusal: String, Sendable, Hashable, CaseIterable {
    /// The bytes are not HTTP/1.
    case malformed = "malformed"
    /// The method, the transfer coding or the expectation is not supported.
    case unsupported = "unsupported"
    /// The request target is too long.
    case targetTooLong = "target_too_long"
    /// The header fields are too many or too large.
    case headersTooLarge = "headers_too_large"
    /// The body is too large.
    case bodyTooLarge = "body_too_large"
    /// The request did not arrive in time.
    case requestTimeout = "request_timeout"
    /// The client did not take its answer in time.
    case slowReader = "slow_reader"
    /// Too many requests wait on one connection.
    case pipelineLimit = "pipeline_limit"
    /// Too many connections are open.
    case connectionLimit = "connection_limit"

    var index: Int {
        switch self {
        case .malformed: 0
        case .unsupported: 1
        case .targetTooLong: 2
        case .headersTooLarge: 3
        case .bodyTooLarge: 4
        case .requestTimeout: 5
        case .slowReader: 6
        case .pipelineLimit: 7
        case .connectionLimit: 8
        }
    }
}

import HTTPServer
import RedisFleet

/// `/health`, `/-/healthy` and `/-/ready`: the probes of redis_exporter and of Prometheus.
struct HealthRoutes: Sendable {
    let fleet: Fleet

    /// The process answers.
    func healthy(_ request: HTTPRequest) -> HTTPResponse {
        .text(.ok, "Redstart is healthy.")
    }

    /// The process answers, in the words of redis_exporter.
    func exporterHealth(_ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(contentType: "text/plain; charset=utf-8", bytes: Array("ok".utf8))
    }

    /// Every node has been polled once, with whatever result.
    func ready(_ request: HTTPRequest) async -> HTTPResponse {
        guard !fleet.awaitsNodes else {
            return .text(.serviceUnavailable, "Redstart asks its targets which of them are of its shard.")
        }
        let polled = await fleet.latestOutcomes().count
        guard polled == fleet.nodes.count else {
            return .text(.serviceUnavailable, "Redstart has polled \(polled) of \(fleet.nodes.count) nodes so far.")
        }
        return .text(.ok, "Redstart is ready.")
    }
}

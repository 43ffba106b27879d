import HTTPServer
import RedisFleet

/// `/-/healthy` and `/-/ready`, the probes of Prometheus' programs.
struct HealthRoutes: Sendable {
    let fleet: Fleet

    /// The process answers.
    func healthy(_ request: HTTPRequest) -> HTTPResponse {
        .text(.ok, "Redstart is healthy.")
    }

    /// Every node has been polled once, with whatever result.
    func ready(_ request: HTTPRequest) async -> HTTPResponse {
        let polled = await fleet.latestOutcomes().count
        guard polled == fleet.nodes.count else {
            return .text(.serviceUnavailable, "Redstart has polled \(polled) of \(fleet.nodes.count) nodes so far.")
        }
        return .text(.ok, "Redstart is ready.")
    }
}

import HTTPServer
import RedisFleet

/// `/health`, `/-/healthy` and `/-/ready`: the probes of redis_exporter and of Prometheus.
struct HealthRoutes: Sendable {
    let fleet: Fleet
    let version: String
    /// `nil` where nobody judges the parts.
    let monitor: HealthMonitor?
    /// Whether the program is ending.
    let isEnding: @Sendable () -> Bool

    /// The process answers.
    func healthy(_ request: HTTPRequest) -> HTTPResponse {
        .text(.ok, "Redstart is healthy.")
    }

    /// How the parts of Redstart are.
    func health(_ request: HTTPRequest) async -> HTTPResponse {
        let report = await monitor?.look() ?? HealthReport(entries: [])
        return HealthDocument.respond(report, version: version, to: request)
    }

    /// Every node has been polled once, with whatever result, and the end has not begun.
    func ready(_ request: HTTPRequest) async -> HTTPResponse {
        guard !isEnding() else { return .text(.serviceUnavailable, "Redstart is ending.") }
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

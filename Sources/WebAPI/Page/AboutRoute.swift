import Alerting
import HTTPServer
import JSON
import Metrics

/// `/api/redstart/v1/about`: what the page has to know of the daemon it belongs to.
struct AboutRoute: Sendable {
    let version: String
    let pollInterval: Duration
    let history: Duration
    let metricsPath: String
    /// What a change through the page must carry; `nil` where nothing can be changed.
    let token: String?
    let figures: @Sendable () -> NotificationFigures?
    let health: HealthMonitor?
    let started = WallClock.milliseconds()

    func respond(to request: HTTPRequest) -> HTTPResponse {
        let figures = figures()
        var response = PrometheusResponse.success { writer in
            writer.object { writer in
                writer.member("version", version)
                writer.key("startedAt")
                PrometheusTime.append(started, to: &writer)
                writer.key("pollInterval")
                writer.number(pollInterval.inSeconds)
                writer.key("history")
                writer.number(history.inSeconds)
                writer.member("metricsPath", metricsPath)
                writer.key("allowsChanges")
                writer.bool(token != nil)
                if let token { writer.member("token", token) }
                if let figures { Self.write(figures, to: &writer) }
                if let report = health?.latest {
                    writer.member("health", report.status.rawValue)
                    writer.key("healthParts")
                    HealthDocument.write(report.entries.filter { $0.finding.status != .healthy }, to: &writer)
                }
            }
        }
        response.headers.set("Cache-Control", "no-store")
        return response
    }

    private static func write(_ figures: NotificationFigures, to writer: inout JSONWriter) {
        writer.key("isPersistent")
        writer.bool(figures.isPersistent)
        if let problem = figures.stateProblem { writer.member("stateProblem", problem) }
        if let failure = figures.statistics?.lastFailure {
            writer.key("lastNotificationFailure")
            writer.object { writer in
                writer.key("time")
                PrometheusTime.append(failure.timestampMilliseconds, to: &writer)
                writer.member("text", failure.text)
            }
        }
    }
}

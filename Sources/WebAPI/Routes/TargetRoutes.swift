import HTTPServer
import JSON
import Metrics
import PromQL
import RedisFleet

/// `/api/v1/targets`, `/api/v1/scrape_pools` and `/api/v1/alertmanagers`: who is asked, and who is told.
struct TargetRoutes: Sendable {
    /// The name of the one pool: what the nodes have as their `job`.
    private static let pool = "redis"

    let fleet: Fleet
    let pollInterval: Duration
    let pollTimeout: Duration

    func targets(_ request: HTTPRequest) async -> HTTPResponse {
        let parameters = RequestParameters(request)
        let state = parameters.text("state").lowercased()
        let pool = parameters.text("scrapePool")
        let isShown = ["", "any", "active"].contains(state) && (pool.isEmpty || pool == Self.pool)
        let nodes = isShown ? fleet.nodes : []
        let outcomes = Dictionary(await fleet.latestOutcomes().map { ($0.node, $0) }) { first, _ in first }
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("activeTargets")
                writer.array(of: nodes) { write($1, outcomes[$1], to: &$0) }
                writer.key("droppedTargets")
                writer.array { _ in }
                writer.key("droppedTargetCounts")
                writer.object { $0.member(Self.pool, 0) }
            }
        }
    }

    func pools(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("scrapePools")
                writer.array { $0.string(Self.pool) }
            }
        }
    }

    /// Alerts are sent by receivers of Redstart's own, none of which shows here yet.
    func alertmanagers(_ request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("activeAlertmanagers")
                writer.array { _ in }
                writer.key("droppedAlertmanagers")
                writer.array { _ in }
            }
        }
    }

    private func write(_ node: Node, _ outcome: PollOutcome?, to writer: inout JSONWriter) {
        let isSocket = node.instance.hasPrefix("/")
        let url = (isSocket ? "unix://" : "redis://") + node.instance
        let interval = DurationText.text(milliseconds: pollInterval.wholeMilliseconds)
        let timeout = DurationText.text(milliseconds: pollTimeout.wholeMilliseconds)
        let discovered = Labels([
            ("__address__", node.instance), ("__scheme__", isSocket ? "unix" : "redis"),
            ("__scrape_interval__", interval), ("__scrape_timeout__", timeout), ("job", Self.pool),
        ])
        writer.object { writer in
            writer.key("discoveredLabels")
            QueryResultWriter.write(discovered.merging(node.labels), to: &writer)
            writer.key("labels")
            QueryResultWriter.write(node.storeLabels, to: &writer)
            writer.member("scrapePool", Self.pool)
            writer.member("scrapeUrl", url)
            writer.member("globalUrl", url)
            writer.member("lastError", (outcome?.failure ?? outcome?.shortfall).map { "\($0)" } ?? "")
            let polled = outcome.map { PrometheusTime.rfc3339($0.samples.timestamp) }
            writer.member("lastScrape", polled ?? PrometheusTime.never)
            writer.key("lastScrapeDuration")
            writer.number(outcome?.duration.inSeconds ?? 0)
            writer.member("health", outcome.map { $0.failure == nil ? "up" : "down" } ?? "unknown")
            writer.member("scrapeInterval", interval)
            writer.member("scrapeTimeout", timeout)
        }
    }
}

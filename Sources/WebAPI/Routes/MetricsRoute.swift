import HTTPServer
import Metrics
import RedisFleet

/// `/metrics`: the fleet and Redstart itself, as Prometheus reads them.
struct MetricsRoute: Sendable {
    /// What is used where a scraper does not say how long it waits.
    private static let defaultPatience: Duration = .seconds(10)
    private static let textType = MediaType("text", "plain", [.init("version", "0.0.4")])
    private static let openMetricsType = MediaType(
        "application", "openmetrics-text", [.init("version", "1.0.0")]
    )

    let fleet: Fleet
    let exposition: TextExposition
    let selfMetrics: SelfMetrics
    let maxAge: Duration

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let clock = ContinuousClock()
        let started = clock.now
        let outcomes = await fleet.scrape(maxAge: maxAge, deadline: started + patience(of: request))
        selfMetrics.countScrape(started.duration(to: clock.now))
        let format = Self.format(for: request)
        // A single node is exposed as redis_exporter does it, without `instance`, so that Prometheus sets it; several
        // are told apart by it, to be scraped with `honor_labels`.
        let isFleet = fleet.needsInstanceLabel
        var nodes = outcomes.map { outcome in
            ExposedNode(
                labelText: isFleet ? outcome.node.labelTextWithInstance : outcome.node.labelText,
                samples: outcome.samples
            )
        }
        nodes.append(ExposedNode(labelText: [], samples: selfMetrics.samples()))
        return HTTPResponse(contentType: format.contentType, bytes: exposition.render(nodes, as: format))
    }

    /// Nine tenths of the time the scraper gives us, so that the answer arrives before it gives up.
    private func patience(of request: HTTPRequest) -> Duration {
        guard let text = request.headers.first("X-Prometheus-Scrape-Timeout-Seconds"), let seconds = Double(text),
            seconds > 0, seconds < 3600
        else { return Self.defaultPatience }
        return .milliseconds(Int64(seconds * 900))
    }

    static func format(for request: HTTPRequest) -> ExpositionFormat {
        request.accept.preferredIndex(among: [textType, openMetricsType]) == 1 ? .openMetrics : .prometheusText
    }
}

import HTTPServer
import Metrics
import RedisFleet

/// `/metrics`: the fleet and Redstart itself, as Prometheus reads them.
struct MetricsRoute: Sendable {
    let fleet: Fleet
    let exposure: NodeExposure
    let selfMetrics: SelfMetrics
    let maxAge: Duration
    let isRedisOnly: Bool

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let clock = ContinuousClock()
        let started = clock.now
        let outcomes = await fleet.scrape(maxAge: maxAge, deadline: started + NodeExposure.patience(of: request))
        selfMetrics.countScrape(started.duration(to: clock.now))
        // A single node is exposed as redis_exporter does it, without `instance`, so that Prometheus sets it; several
        // are told apart by it, to be scraped with `honor_labels`.
        let isFleet = fleet.needsInstanceLabel
        var nodes = outcomes.map { exposure.expose($0, withInstance: isFleet) }
        let own = isRedisOnly ? selfMetrics.inheritedSamples() : selfMetrics.samples()
        nodes.append(ExposedNode(labelText: [], samples: own))
        return exposure.respond(nodes, to: request, repeats: true)
    }
}

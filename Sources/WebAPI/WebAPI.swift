public import Alerting
public import HTTPServer
public import Metrics
public import PromQL
public import RedisFleet

/// Every endpoint of the daemon.
public struct WebAPI: Sendable {
    private let metrics: MetricsRoute
    private let health: HealthRoutes
    private let rules: RuleRoutes
    private let query: QueryRoute
    private let overview: OverviewPage

    /// Joins what the endpoints show.
    ///
    /// - Parameters:
    ///   - scrapeMaxAge: `/metrics` polls a node whose last poll is older than this.
    ///   - ruleGroups: The rule groups as they are at the moment of the call.
    public init(
        fleet: Fleet,
        exposition: TextExposition,
        selfMetrics: SelfMetrics,
        scrapeMaxAge: Duration,
        engine: QueryEngine,
        source: StoreSeriesSource,
        queryOptions: Query.Options,
        ruleGroups: @escaping @Sendable () async -> [RuleGroupEvaluation]
    ) {
        metrics = MetricsRoute(
            fleet: fleet,
            exposition: exposition,
            selfMetrics: selfMetrics,
            maxAge: scrapeMaxAge
        )
        health = HealthRoutes(fleet: fleet)
        rules = RuleRoutes(groups: ruleGroups)
        query = QueryRoute(engine: engine, source: source, options: queryOptions)
        overview = OverviewPage(fleet: fleet, groups: ruleGroups)
    }

    /// The routes, for a router.
    public var routes: [Route] {
        [
            Route(.get, "/metrics", handler: metrics.respond),
            Route(.get, "/-/healthy", handler: health.healthy),
            Route(.get, "/-/ready", handler: health.ready),
            Route(.get, "/api/v1/alerts", handler: rules.alerts),
            Route(.get, "/api/v1/rules", handler: rules.rules),
            Route(.get, "/api/v1/query", handler: query.respond),
            Route(.post, "/api/v1/query", handler: query.respond),
            Route(.get, "/runbooks/:alert", handler: RunbookRoute().respond),
            Route(.get, "/", handler: overview.respond),
        ]
    }
}

public import Alerting
public import HTTPServer
public import Metrics
import PromQL
public import RedisFleet
import TimeSeriesStore

/// Every endpoint of the daemon.
public struct WebAPI: Sendable {
    private let metrics: MetricsRoute
    private let metricsPlacement: Route.Placement
    private let health: HealthRoutes
    private let rules: RuleRoutes
    private let queries: QueryRoutes
    private let series: SeriesRoutes
    private let expressions: ExpressionRoutes
    private let metadata: MetadataRoute
    private let targets: TargetRoutes
    private let status: StatusRoutes
    private let topology: TopologyRoutes
    private let federation: FederateRoute
    private let slowLog: SlowLogRoute
    private let page = PageRoutes()
    private let about: AboutRoute
    private let nodes: NodesRoute
    private let thresholds: ThresholdsRoute
    private let alerts: AlertsDocument
    private let live: LiveRoute
    private let reload: ReloadRoute
    private let scrape: ScrapeRoute?
    private let discovery: ServiceDiscoveryRoutes
    private let metricsPath: String
    private let journal: JournalRoute
    private let silences: SilenceRoutes?

    /// Joins what the endpoints show.
    ///
    /// - Parameters:
    ///   - scrapeMaxAge: `/metrics` polls a node whose last poll is older than this.
    ///   - pollInterval: The time between two polls, for `/api/v1/targets`.
    ///   - pollTimeout: The longest that a poll may take, for `/api/v1/targets`.
    ///   - rendersOnEventLoop: Whether `/metrics` is short enough to be made on an event loop.
    ///   - queryConfiguration: How queries are parsed, and what they may take.
    ///   - configuration: The configuration as YAML, without secrets, for `/api/v1/status/config`.
    ///   - flags: The options of the command line by name, without secrets, for `/api/v1/status/flags`.
    ///   - reload: Reads the configuration again, for `/-/reload`; why that failed, `nil` where it did not.
    ///   - exporter: How the daemon stands in for redis_exporter.
    ///   - journal: Reads the journal of alerts; `nil` where it cannot be read.
    ///   - notifications: Who tells receivers of alerts, and keeps the silences.
    ///   - allowsChanges: Whether silences may be made and ended here.
    ///   - hostName: The name under which people open the page; a name that is none of the daemon's changes nothing.
    ///   - health: Judges the parts of the daemon, for `/health`; `nil` where nobody does.
    ///   - isEnding: Whether the program is ending.
    ///   - live: Is told of every poll, for the pages that are open.
    ///   - ruleGroups: The rule groups as they are at the moment of the call.
    public init(
        fleet: Fleet,
        exposition: TextExposition,
        selfMetrics: SelfMetrics,
        scrapeMaxAge: Duration,
        pollInterval: Duration = .seconds(15),
        pollTimeout: Duration = .seconds(5),
        rendersOnEventLoop: Bool = false,
        source: StoreSeriesSource,
        queryConfiguration: QueryConfiguration = QueryConfiguration(),
        configuration: @escaping @Sendable () -> String = { "" },
        flags: [String: String] = [:],
        reload: @escaping @Sendable () async -> String? = { nil },
        exporter: ExporterOptions = ExporterOptions(),
        journal: @escaping @Sendable (JournalQuery) async -> [JournalEntry]? = { _ in [] },
        notifications: NotificationService? = nil,
        allowsChanges: Bool = false,
        hostName: String? = nil,
        health: HealthMonitor? = nil,
        isEnding: @escaping @Sendable () -> Bool = { false },
        live: LiveFeed = LiveFeed(),
        ruleGroups: @escaping @Sendable () async -> [RuleGroupEvaluation]
    ) {
        let store = selfMetrics.store
        let queryOptions = queryConfiguration.language
        let exposure = NodeExposure(exposition: exposition, options: exporter)
        metricsPath = exporter.metricsPath
        discovery = ServiceDiscoveryRoutes(fleet: fleet, options: exporter)
        scrape = exporter.scrapePolicy.map { policy in
            ScrapeRoute(
                fleet: fleet, exposure: exposure, selfMetrics: selfMetrics, maxAge: scrapeMaxAge, policy: policy)
        }
        metrics = MetricsRoute(
            fleet: fleet,
            exposure: exposure,
            selfMetrics: selfMetrics,
            maxAge: scrapeMaxAge,
            isRedisOnly: exporter.isRedisOnly
        )
        metricsPlacement = rendersOnEventLoop ? .eventLoop : .pool
        self.health = HealthRoutes(fleet: fleet, version: selfMetrics.version, monitor: health, isEnding: isEnding)
        rules = RuleRoutes(groups: ruleGroups, options: queryOptions)
        queries = QueryRoutes(source: source, configuration: queryConfiguration)
        series = SeriesRoutes(store: store, options: queryOptions)
        expressions = ExpressionRoutes(options: queryOptions)
        metadata = MetadataRoute(catalog: store.keys.catalog)
        targets = TargetRoutes(fleet: fleet, pollInterval: pollInterval, pollTimeout: pollTimeout)
        status = StatusRoutes(
            version: selfMetrics.version,
            store: store,
            configuration: configuration,
            flags: flags
        )
        topology = TopologyRoutes(fleet: fleet)
        federation = FederateRoute(
            source: source,
            lookbackMilliseconds: queryConfiguration.engine.lookbackMilliseconds,
            options: queryOptions
        )
        slowLog = SlowLogRoute(archive: fleet.slowLogs)
        self.journal = JournalRoute(read: journal)
        let changes = allowsChanges ? ChangeGuard(hostName: hostName) : nil
        silences = notifications.map { SilenceRoutes(service: $0, changes: changes) }
        about = AboutRoute(
            version: selfMetrics.version,
            pollInterval: pollInterval,
            history: store.configuration.history,
            metricsPath: exporter.metricsPath,
            token: changes?.token,
            figures: selfMetrics.notificationFigures,
            health: health
        )
        nodes = NodesRoute(fleet: fleet, source: source)
        thresholds = ThresholdsRoute(groups: ruleGroups)
        alerts = AlertsDocument(groups: ruleGroups, notifications: notifications)
        self.live = LiveRoute(feed: live, fleet: fleet, alerts: alerts)
        self.reload = ReloadRoute(reload: reload)
    }

    /// The routes, for a router.
    public var routes: [Route] {
        [
            Route(.get, metricsPath, on: metricsPlacement, handler: metrics.respond),
            Route(.get, "/federate", handler: federation.respond),
            Route(.get, "/-/healthy", on: .eventLoop, handler: health.healthy),
            Route(.get, "/-/ready", handler: health.ready),
            Route(.post, "/-/reload", handler: reload.respond),
            // As redis_exporter has it; whoever asks, nothing but files is read.
            Route(.get, "/-/reload", handler: reload.respond),
            Route(.get, "/runbooks/:alert", handler: RunbookRoute().respond),
            Route(.get, "/api/redstart/v1/journal", handler: journal.respond),
        ] + exporterRoutes + queryRoutes + stateRoutes + silenceRoutes + pageRoutes
    }

    /// Tells the pages that are open what has changed, until the task is cancelled.
    public func runLive() async {
        await live.run()
    }

    /// The page, and what only the page asks for.
    private var pageRoutes: [Route] {
        [
            Route(.get, "/", on: .eventLoop, handler: page.index),
            Route(.get, "/page/:name", handler: page.asset),
            Route(.get, "/api/redstart/v1/about", handler: about.respond),
            Route(.get, "/api/redstart/v1/nodes", handler: nodes.respond),
            Route(.get, "/api/redstart/v1/alerts", handler: alerts.respond),
            Route(.get, "/api/redstart/v1/thresholds", handler: thresholds.respond),
            Route(.get, "/api/redstart/v1/live", handler: live.respond),
        ]
    }

    /// What redis_exporter has beside `/metrics`, and `/sd`.
    private var exporterRoutes: [Route] {
        var routes = [
            Route(.get, "/health", handler: health.health),
            Route(.get, "/sd", handler: discovery.nodes),
            Route(.get, "/discover-cluster-nodes", handler: discovery.clusterNodes),
        ]
        if let scrape { routes.append(Route(.get, "/scrape", handler: scrape.respond)) }
        return routes
    }

    private var silenceRoutes: [Route] {
        guard let silences else { return [] }
        return [
            Route(.get, "/api/redstart/v1/silences", handler: silences.list),
            Route(.post, "/api/redstart/v1/silences", handler: silences.post),
            Route(.get, "/api/redstart/v1/silences/:id", handler: silences.one),
            Route(.delete, "/api/redstart/v1/silences/:id", handler: silences.delete),
        ]
    }

    /// What Prometheus takes as a form too, for questions that are too long for a URL.
    private var queryRoutes: [Route] {
        let handlers: [(String, Route.Handler)] = [
            ("/api/v1/query", queries.instant),
            ("/api/v1/query_range", queries.range),
            ("/api/v1/query_exemplars", queries.exemplars),
            ("/api/v1/format_query", expressions.format),
            ("/api/v1/parse_query", expressions.parse),
            ("/api/v1/series", series.series),
            ("/api/v1/labels", series.labelNames),
        ]
        return handlers.flatMap { path, handler in
            [Route(.get, path, handler: handler), Route(.post, path, handler: handler)]
        }
    }

    private var stateRoutes: [Route] {
        [
            Route(.get, "/api/v1/label/:name/values", handler: series.labelValues),
            Route(.get, "/api/v1/metadata", handler: metadata.respond),
            Route(.get, "/api/v1/targets", handler: targets.targets),
            Route(.get, "/api/v1/scrape_pools", handler: targets.pools),
            Route(.get, "/api/v1/alertmanagers", handler: targets.alertmanagers),
            Route(.get, "/api/v1/alerts", handler: rules.alerts),
            Route(.get, "/api/v1/rules", handler: rules.rules),
            Route(.get, "/api/redstart/v1/slowlog", handler: slowLog.respond),
            Route(.get, "/api/v1/status/buildinfo", handler: status.buildInfo),
            Route(.get, "/api/v1/status/runtimeinfo", handler: status.runtimeInfo),
            Route(.get, "/api/v1/status/config", handler: status.config),
            Route(.get, "/api/v1/status/flags", handler: status.allFlags),
            Route(.get, "/api/v1/status/tsdb", handler: status.tsdb),
            Route(.get, "/api/redstart/v1/topology", handler: topology.topology),
            Route(.get, "/api/redstart/v1/events", handler: topology.events),
        ]
    }
}

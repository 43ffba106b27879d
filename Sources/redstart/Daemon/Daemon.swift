import Alerting
import HTTPServer
import Logging
import Metrics
import PromQL
import RedisFleet
import ServiceLifecycle
import Synchronization
import TimeSeriesStore
import UnixSignals
import WebAPI

/// The services of `redstart serve`, in the order of dependency; they end in the reverse order.
struct Daemon: Sendable {
    private let services: [any Service]
    private let logger: Logger

    init(
        nodes: [NodeConfiguration],
        groups: [RuleGroup],
        history: StoreConfiguration,
        listenAddress: ListenAddress,
        scrapeMaxAge: Duration,
        logger: Logger
    ) throws {
        let watch = Watch(nodes: nodes, history: history, logger: logger)
        let source = StoreSeriesSource(watch.store)
        let engine = QueryEngine()
        let alerting = AlertingService(
            groups: groups,
            store: watch.store,
            logger: logger,
            now: WallClock.milliseconds
        )
        let serverStatistics = Mutex<HTTPServer?>(nil)
        let selfMetrics = SelfMetrics(
            families: watch.selfMetricsFamilies,
            version: Version.current,
            store: watch.store
        ) {
            serverStatistics.withLock { $0?.statistics }
        }
        let api = WebAPI(
            fleet: watch.fleet,
            exposition: TextExposition(table: watch.store.keys),
            selfMetrics: selfMetrics,
            scrapeMaxAge: scrapeMaxAge,
            engine: engine,
            source: source,
            queryOptions: Query.Options(),
            ruleGroups: { alerting.groups }
        )
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(listenAddress: listenAddress),
            router: try Router(api.routes),
            logger: logger
        ) { address in
            logger.notice("metrics at http://\(address)/metrics, alerts and the page at http://\(address)/")
        }
        serverStatistics.withLock { $0 = server }
        services = [watch.fleet, HistoryService(store: watch.store, selfMetrics: selfMetrics), alerting, server]
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, or until a service fails.
    func run() async throws {
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        // What hangs is cut off: a poll under way is of no use to anyone any more.
        configuration.maximumGracefulShutdownDuration = .milliseconds(1500)
        try await ServiceGroup(configuration: configuration).run()
    }
}

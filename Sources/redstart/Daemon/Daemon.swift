import Alerting
import Configuration
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

    /// - Parameter read: Reads the settings again, for a reload.
    init(
        _ settings: ServeSettings,
        reading read: @escaping @Sendable () throws -> ServeSettings,
        logger: Logger
    ) throws {
        let kept = try settings.state.directory.map { try KeptState(directory: $0, logger: logger) }
        let watch = Watch(
            targets: settings.targets,
            discoveryInterval: settings.daemon.discoveryInterval,
            connectLimit: settings.daemon.connectLimit,
            history: settings.history,
            logger: logger
        ) { kept?.restoreHistory(into: $0) }
        let alerting = AlertingService(
            groups: settings.groups,
            store: watch.store,
            configuration: AlertingService.Configuration(
                engine: QueryEngine(options: settings.queries.engine),
                restoration: kept?.restoreClocks(into: watch.store)
            ),
            logger: logger,
            now: WallClock.milliseconds
        ) { changes, _, group in
            _ = await kept?.record(changes, of: group)
        }
        let serverStatistics = Mutex<HTTPServer?>(nil)
        let status = ConfigurationStatus(loadedAt: WallClock.milliseconds())
        let reload = ConfigurationReload(
            from: settings,
            reading: read,
            fleet: watch.fleet,
            alerting: alerting,
            status: status,
            logger: logger
        )
        let selfMetrics = SelfMetrics(
            families: watch.selfMetricsFamilies,
            version: Version.current,
            store: watch.store,
            configuration: status,
            appendOthers: watch.fleet.appendDeploymentSamples
        ) {
            serverStatistics.withLock { $0?.statistics }
        }
        let api = WebAPI(
            fleet: watch.fleet,
            exposition: TextExposition(table: watch.store.keys),
            selfMetrics: selfMetrics,
            scrapeMaxAge: settings.scrapeMaxAge,
            pollInterval: settings.polling.interval,
            pollTimeout: settings.polling.timeout,
            rendersOnEventLoop: watch.isSmall,
            source: StoreSeriesSource(watch.store),
            queryConfiguration: settings.queries,
            reload: reload.reload,
            ruleGroups: { alerting.groups }
        )
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(listenAddress: settings.listenAddress),
            router: try Router(api.routes),
            logger: logger,
            eventLoopGroup: watch.eventLoops
        ) { address in
            let url = "http://\(Self.reachable(address))"
            logger.notice("metrics at \(url)/metrics, alerts and the page at \(url)/")
        }
        serverStatistics.withLock { $0 = server }
        let keeping = kept.map { kept in
            StateService(configuration: settings.state, kept: kept, store: watch.store) { alerting.groups }
        }
        // State comes first: it is kept after all others have ended, with what they did last.
        services =
            [keeping].compactMap { $0 } + [
                watch.fleet, HistoryService(store: watch.store, selfMetrics: selfMetrics), alerting, server,
                reload,
                StartupMemoryService(),
            ]
        self.logger = logger
    }

    /// An address that a browser on this machine can open, also where the server listens on all of them.
    private static func reachable(_ address: ListenAddress) -> ListenAddress {
        let isWildcard = [nil, "", "0.0.0.0", "::"].contains(address.host)
        return isWildcard ? ListenAddress(host: "localhost", port: address.port) : address
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

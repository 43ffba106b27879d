import Alerting
import Configuration
import HTTPClient
import HTTPServer
import Logging
import Metrics
import NIOPosix
import PromQL
import RedisFleet
import RemoteWrite
import ServiceLifecycle
import StateFile
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
        let kept = try KeptState(directory: settings.state.directory, logger: logger)
        let watch = Self.watch(settings, kept, logger)
        let (alerting, notifier) = try Self.alerting(settings, watch, kept, logger)
        let keeper = Self.keeper(settings, watch, alerting, logger)
        // After the clocks of alerts are in the store again: what was there before is no news.
        let remoteWriter = RemoteWriter(
            settings.remoteWrite,
            directory: settings.state.directory,
            store: watch.store,
            client: HTTPClient(eventLoops: watch.eventLoops),
            families: FamilyIndex(watch.families.catalog),
            logger: logger
        )
        let status = ConfigurationStatus(loadedAt: WallClock.milliseconds())
        let scrapePolicy = CurrentScrapePolicy(settings.scrapePolicy)
        let access = try ServerAccess(settings.access)
        for remark in settings.remarks { logger.warning("\(remark)") }
        let reload = ConfigurationReload(
            from: settings,
            reading: read,
            access: access,
            fleet: watch.fleet,
            keeper: keeper,
            alerting: alerting,
            scrapePolicy: scrapePolicy,
            notifier: notifier,
            remoteWriter: remoteWriter,
            status: status,
            logger: logger
        )
        // It tells of the server, which answers with what it tells.
        let listening = Mutex<HTTPServer?>(nil)
        let selfMetrics = Self.selfMetrics(watch, keeper, kept, alerting, notifier, remoteWriter, status) {
            listening.withLock { $0?.statistics }
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
            flags: OptionTable.flags(settings.options),
            reload: reload.reload,
            exporter: settings.options.exporterOptions(usesTLS: settings.access.tls != nil) { scrapePolicy.current },
            journal: kept.entries,
            notifications: notifier,
            allowsChanges: settings.options.notifications.allowsChanges,
            hostName: try? HTTPURL(settings.notifications.externals.url).host,
            live: watch.live,
            ruleGroups: { alerting.groups }
        )
        let server = try Self.server(settings, access, for: api, on: watch.eventLoops, logger)
        listening.withLock { $0 = server }
        let keeping = StateService(
            configuration: settings.state,
            kept: kept,
            store: watch.store,
            groups: { alerting.groups },
            pollInterval: settings.polling.interval,
            ended: notifier.receive
        )
        let keepers: [any Service] = keeper.map { [$0] } ?? []
        // State comes first: it is kept after all others have ended, with what they did last.
        services =
            [
                keeping, remoteWriter, watch.fleet, watch.fleet.onDemand,
                HistoryService(store: watch.store, selfMetrics: selfMetrics), notifier, alerting, server, reload,
                LiveService(api: api), StartupMemoryService(),
            ] + keepers
        self.logger = logger
    }

    private static func watch(_ settings: ServeSettings, _ kept: KeptState, _ logger: Logger) -> Watch {
        Watch(
            targets: settings.targets,
            isShard: settings.shard != nil,
            discoveryInterval: settings.daemon.discoveryInterval,
            connectLimit: settings.daemon.connectLimit,
            history: settings.history,
            logger: logger,
            logsSlowCommands: settings.options.logsSlowCommands
        ) { kept.restoreHistory(into: $0) }
    }

    /// Who evaluates rules, and who tells of them: the one asks the other which alerts have changed, and which rules
    /// there are.
    private static func alerting(
        _ settings: ServeSettings,
        _ watch: Watch,
        _ kept: KeptState,
        _ logger: Logger
    ) throws -> (AlertingService, NotificationService) {
        let rules = Mutex<AlertingService?>(nil)
        let notifier = try NotificationService(
            settings.notifications,
            store: NotificationStore(kept.file),
            client: HTTPClient(eventLoops: deliveryLoops(settings.notifications) ?? watch.eventLoops),
            threads: kept.threads,
            logger: logger,
            now: WallClock.milliseconds
        ) {
            rules.withLock { $0?.groups ?? [] }
        }
        let alerting = AlertingService(
            groups: settings.groups,
            store: watch.store,
            configuration: AlertingService.Configuration(
                engine: QueryEngine(options: settings.queries.engine),
                externals: settings.notifications.externals,
                restoration: kept.restoreClocks(into: watch.store),
                askForClocks: remoteClocks(settings, watch, logger)
            ),
            logger: logger,
            now: WallClock.milliseconds
        ) { changes, _, group in
            notifier.receive(await kept.record(changes, of: group))
        }
        rules.withLock { $0 = alerting }
        return (alerting, notifier)
    }

    /// Asks for what other processes know of alerts; `nil` where nobody is to be asked.
    private static func remoteClocks(
        _ settings: ServeSettings,
        _ watch: Watch,
        _ logger: Logger
    ) -> (@Sendable ([String]) async -> CarriedClocks?)? {
        settings.remoteWrite.alertStates.map { source in
            let client = HTTPClient(eventLoops: watch.eventLoops)
            let remote = RemoteClocks(source: source, client: client, logger: logger)
            return { await remote.clocks(of: $0) }
        }
    }

    /// Who says which part of the targets is watched; `nil` where it is all of them.
    private static func keeper(
        _ settings: ServeSettings,
        _ watch: Watch,
        _ alerting: AlertingService,
        _ logger: Logger
    ) -> ShardKeeper? {
        settings.shard.map { shard in
            ShardKeeper(
                shard,
                of: watch.fleet,
                nodes: settings.targets.nodes,
                targets: settings.targets.discovered,
                interval: (settings.daemon.discoveryInterval ?? .seconds(30)) * 2,
                families: watch.families.fleet,
                logger: logger
            ) {
                await alerting.takeOverClocks()
            }
        }
    }

    private static func selfMetrics(
        _ watch: Watch,
        _ keeper: ShardKeeper?,
        _ kept: KeptState,
        _ alerting: AlertingService,
        _ notifier: NotificationService,
        _ remoteWriter: RemoteWriter,
        _ status: ConfigurationStatus,
        httpStatistics: @escaping @Sendable () -> HTTPServerStatistics?
    ) -> SelfMetrics {
        SelfMetrics(
            families: watch.families.own,
            version: Version.current,
            store: watch.store,
            configuration: status,
            appendOthers: { buffer in
                watch.fleet.appendDeploymentSamples(to: &buffer)
                keeper?.appendSamples(to: &buffer)
            },
            notifications: {
                let status = kept.file.status
                return NotificationFigures(
                    isPersistent: status.isPersistent,
                    stateProblem: status.problem?.kind.rawValue,
                    statistics: notifier.statistics
                )
            },
            remoteWrite: { remoteWriter.statistics },
            ruleGroups: { alerting.groups },
            httpStatistics: httpStatistics
        )
    }

    private static func server(
        _ settings: ServeSettings,
        _ access: ServerAccess,
        for api: WebAPI,
        on eventLoops: MultiThreadedEventLoopGroup,
        _ logger: Logger
    ) throws -> HTTPServer {
        let metricsPath = settings.options.metricsPath
        let scheme = settings.access.tls == nil ? "http" : "https"
        return HTTPServer(
            configuration: HTTPServerConfiguration(listenAddress: settings.listenAddress),
            access: access,
            router: try Router(api.routes),
            logger: logger,
            eventLoopGroup: eventLoops
        ) { address in
            let url = "\(scheme)://\(reachable(address))"
            logger.notice("metrics at \(url)\(metricsPath), alerts and the page at \(url)/")
        }
    }

    /// Messages have a thread of their own, which may wait for the disk; `nil` where there are none.
    private static func deliveryLoops(_ notifications: NotificationConfiguration) -> MultiThreadedEventLoopGroup? {
        notifications.isActive ? MultiThreadedEventLoopGroup(numberOfThreads: 1) : nil
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

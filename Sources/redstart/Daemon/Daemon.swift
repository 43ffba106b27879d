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
import Tracing
import UnixSignals
import WebAPI

/// The services of `redstart serve`, in the order of dependency; they end in the reverse order.
struct Daemon: Sendable {
    private let services: [any Service]
    private let logger: Logger
    private let ending = Ending()
    private let endTimes: Ending.Times

    /// - Parameter read: Reads the settings again, for a reload.
    init(
        _ settings: ServeSettings,
        reading read: @escaping @Sendable () throws -> ServeSettings,
        log: Log
    ) throws {
        endTimes = settings.endTimes
        let kept = try KeptState(directory: settings.state.directory, logger: log.logger(.state))
        let tracer = settings.traces.map { _ in Tracer(ratio: settings.options.traces.ratio) }
        let watch = Self.watch(settings, kept, tracer, log.logger(.fleet))
        let (alerting, notifier) = try Self.alerting(settings, watch, kept, tracer, log)
        let keeper = Self.keeper(settings, watch, alerting, log.logger(.fleet))
        // After the clocks of alerts are in the store again: what was there before is no news.
        let remoteWriter = RemoteWriter(
            settings.remoteWrite,
            directory: settings.state.directory,
            store: watch.store,
            client: HTTPClient(eventLoops: watch.eventLoops, tracer: tracer),
            families: FamilyIndex(watch.families.catalog),
            farewell: endTimes.ofDeliveries,
            logger: log.logger(.remoteWrite)
        )
        let exporter = Self.exporter(settings, tracer, watch, log.logger(.traces))
        let status = ConfigurationStatus(loadedAt: WallClock.milliseconds())
        let scrapePolicy = CurrentScrapePolicy(settings.scrapePolicy)
        let access = try ServerAccess(settings.access)
        for remark in settings.remarks { log.logger(.configuration).warning("\(remark)") }
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
            isEnding: { [ending] in ending.hasBegun },
            log: log
        )
        // It tells of the server, which answers with what it tells.
        let listening = Mutex<HTTPServer?>(nil)
        let health = HealthMonitor(
            HealthMonitor.Sources(
                fleet: watch.fleet,
                store: watch.store,
                ruleGroups: { alerting.groups },
                notifications: { notifier.statistics },
                remoteWrite: { remoteWriter.statistics },
                state: { [file = kept.file] in file.status },
                configuration: status,
                httpStatistics: { listening.withLock { $0?.statistics } },
                isEnding: { [ending] in ending.hasBegun }
            )
        )
        let selfMetrics = Self.selfMetrics(
            watch, keeper, kept, alerting, notifier, remoteWriter, exporter, status, health
        ) {
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
            health: health,
            isEnding: { [ending] in ending.hasBegun },
            live: watch.live,
            ruleGroups: { alerting.groups }
        )
        let server = try Self.server(settings, access, for: api, on: watch.eventLoops, log.logger(.web))
        listening.withLock { $0 = server }
        let keeping = StateService(
            configuration: settings.state,
            kept: kept,
            store: watch.store,
            groups: { alerting.groups },
            pollInterval: settings.polling.interval,
            ended: notifier.receive
        )
        // State comes first: it is kept after all others have ended, with what they did last; then come the spans.
        let history = HistoryService(store: watch.store, selfMetrics: selfMetrics, health: health)
        let others: [any Service] = [
            remoteWriter, watch.fleet, watch.fleet.onDemand, history, notifier, alerting, server, reload,
            LiveService(api: api), StartupMemoryService(),
            ClockService(fleet: watch.fleet, logger: log.logger(.daemon)),
        ]
        let keepers: [any Service] = keeper.map { [$0] } ?? []
        services = [keeping] + (exporter.map { [$0] } ?? []) + others + keepers
        logger = log.logger(.daemon)
    }

    private static func watch(
        _ settings: ServeSettings,
        _ kept: KeptState,
        _ tracer: Tracer?,
        _ logger: Logger
    ) -> Watch {
        Watch(
            targets: settings.targets,
            isShard: settings.shard != nil,
            discoveryInterval: settings.daemon.discoveryInterval,
            connectLimit: settings.daemon.connectLimit,
            history: settings.history,
            logger: logger,
            logsSlowCommands: settings.options.logsSlowCommands,
            tracer: tracer
        ) { kept.restoreHistory(into: $0) }
    }

    /// Who evaluates rules, and who tells of them: the one asks the other which alerts have changed, and which rules
    /// there are.
    private static func alerting(
        _ settings: ServeSettings,
        _ watch: Watch,
        _ kept: KeptState,
        _ tracer: Tracer?,
        _ log: Log
    ) throws -> (AlertingService, NotificationService) {
        let rules = Mutex<AlertingService?>(nil)
        let notifier = try NotificationService(
            settings.notifications,
            store: NotificationStore(kept.file),
            client: HTTPClient(eventLoops: deliveryLoops(settings.notifications) ?? watch.eventLoops, tracer: tracer),
            threads: kept.threads,
            shutdownTime: settings.endTimes.ofDeliveries,
            logger: log.logger(.notifications),
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
                askForClocks: remoteClocks(settings, watch, log.logger(.alerting)),
                tracer: tracer
            ),
            logger: log.logger(.alerting),
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

    /// Who sends spans; `nil` where none are made.
    private static func exporter(
        _ settings: ServeSettings,
        _ tracer: Tracer?,
        _ watch: Watch,
        _ logger: Logger
    ) -> TraceExporter? {
        guard let tracer, let configuration = settings.traces else { return nil }
        // A client that is not traced: spans of sending spans would have no end.
        let client = HTTPClient(eventLoops: watch.eventLoops)
        return TraceExporter(
            configuration,
            tracer: tracer,
            client: client,
            farewell: settings.endTimes.ofDeliveries,
            logger: logger
        )
    }

    private static func selfMetrics(
        _ watch: Watch,
        _ keeper: ShardKeeper?,
        _ kept: KeptState,
        _ alerting: AlertingService,
        _ notifier: NotificationService,
        _ remoteWriter: RemoteWriter,
        _ exporter: TraceExporter?,
        _ status: ConfigurationStatus,
        _ health: HealthMonitor,
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
            traces: { exporter?.statistics },
            ruleGroups: { alerting.groups },
            health: health,
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
        var configuration = HTTPServerConfiguration(listenAddress: settings.listenAddress)
        configuration.timeouts.drain = settings.endTimes.ofRequests
        return HTTPServer(
            configuration: configuration,
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
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        // What hangs is cut off: a poll under way is of no use to anyone any more.
        configuration.maximumGracefulShutdownDuration = endTimes.limit
        let group = ServiceGroup(configuration: configuration)
        let end = Task { await ending.end(group, at: signals, after: endTimes.delay, logger) }
        defer { end.cancel() }
        try await group.run()
    }
}

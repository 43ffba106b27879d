import Alerting
import Configuration
import HTTPClient
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
import WebAPI

/// The parts of the daemon that watch, evaluate, tell and remember: each made once, and joined; the web server's are
/// in `DaemonParts+Web.swift`.
struct DaemonParts: Sendable {
    let settings: ServeSettings
    let log: Log
    let ending = Ending()
    let kept: KeptState
    let tracer: Tracer?
    let watch: Watch
    let alerting: AlertingService
    let notifier: NotificationService
    let remoteWriter: RemoteWriter
    /// Who says which part of the targets is watched; `nil` where it is all of them.
    let shardKeeper: ShardKeeper?
    /// Who sends spans; `nil` where none are made.
    let traceExporter: TraceExporter?
    let status = ConfigurationStatus(loadedAt: WallClock.milliseconds())

    init(_ settings: ServeSettings, _ log: Log) throws {
        self.settings = settings
        self.log = log
        kept = try KeptState(directory: settings.state.directory, logger: log.logger(.state))
        tracer = settings.traces.map { _ in Tracer(ratio: settings.options.traces.ratio) }
        watch = Self.watch(settings, kept, tracer, log.logger(.fleet))
        (alerting, notifier) = try Self.alerting(settings, watch, kept, tracer, log)
        // After the clocks of alerts are in the store again: what was there before is no news.
        remoteWriter = RemoteWriter(
            settings.remoteWrite,
            directory: settings.state.directory,
            store: watch.store,
            client: HTTPClient(eventLoops: watch.eventLoops, tracer: tracer),
            families: FamilyIndex(watch.families.catalog),
            farewell: settings.endTimes.ofDeliveries,
            logger: log.logger(.remoteWrite)
        )
        shardKeeper = Self.shardKeeper(settings, watch, alerting, log.logger(.fleet))
        traceExporter = Self.traceExporter(settings, tracer, watch, log.logger(.traces))
    }

    // MARK: Services, in the order of dependency

    /// Those that keep and send what the others have done last.
    var keepers: [any Service] {
        let state = StateService(
            configuration: settings.state,
            kept: kept,
            store: watch.store,
            groups: { [alerting] in alerting.groups },
            pollInterval: settings.polling.interval,
            ended: notifier.receive
        )
        return [state] + (traceExporter.map { [$0] } ?? [])
    }

    /// Those that poll, evaluate and tell.
    func watchers(_ history: HistoryService) -> [any Service] {
        [remoteWriter, watch.fleet, watch.fleet.onDemand, history, notifier, alerting]
    }

    /// Those on which nobody depends.
    var others: [any Service] {
        let clock = ClockService(fleet: watch.fleet, logger: log.logger(.daemon))
        return [StartupMemoryService(), clock] + (shardKeeper.map { [$0] } ?? [])
    }

    // MARK: How they are made

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

    private static func shardKeeper(
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

    private static func traceExporter(
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

    /// Messages have a thread of their own, which may wait for the disk; `nil` where there are none.
    private static func deliveryLoops(_ notifications: NotificationConfiguration) -> MultiThreadedEventLoopGroup? {
        notifications.isActive ? MultiThreadedEventLoopGroup(numberOfThreads: 1) : nil
    }
}

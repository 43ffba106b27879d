import Alerting
import Configuration
import HTTPServer
import Logging
import Metrics
import RedisFleet
import RemoteWrite
import ServiceLifecycle
import UnixSignals
import WebAPI

/// Reads configuration and rules again, on request and on SIGHUP, and puts them into force.
///
/// What cannot be read changes nothing.
actor ConfigurationReload: Service {
    private let read: @Sendable () throws -> ServeSettings
    private let access: ServerAccess
    private let fleet: Fleet
    private let keeper: ShardKeeper?
    private let alerting: AlertingService
    private let scrapePolicy: CurrentScrapePolicy
    private let notifier: NotificationService
    private let remoteWriter: RemoteWriter
    private let status: ConfigurationStatus
    private let isEnding: @Sendable () -> Bool
    private let logLevels: CurrentLogLevels
    private let logger: Logger
    private var current: ServeSettings
    /// The reload before, after which the next one begins.
    private var last: Task<Void, Never>?

    init(
        from current: ServeSettings,
        reading read: @escaping @Sendable () throws -> ServeSettings,
        access: ServerAccess,
        fleet: Fleet,
        keeper: ShardKeeper?,
        alerting: AlertingService,
        scrapePolicy: CurrentScrapePolicy,
        notifier: NotificationService,
        remoteWriter: RemoteWriter,
        status: ConfigurationStatus,
        isEnding: @escaping @Sendable () -> Bool,
        log: Log
    ) {
        self.current = current
        self.read = read
        self.access = access
        self.fleet = fleet
        self.keeper = keeper
        self.alerting = alerting
        self.scrapePolicy = scrapePolicy
        self.notifier = notifier
        self.remoteWriter = remoteWriter
        self.status = status
        self.isEnding = isEnding
        logLevels = log.levels
        logger = log.logger(.configuration)
    }

    /// Reloads at each SIGHUP until the graceful shutdown.
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            _ = await reload()
        }
    }

    /// Reloads once; why that failed, `nil` where it did not.
    func reload() async -> String? {
        let before = last
        let task = Task {
            await before?.value
            return await reloadNow()
        }
        last = Task { _ = await task.value }
        return await task.value
    }

    private func reloadNow() async -> String? {
        // What it would start nobody would end.
        guard !isEnding() else { return "Redstart is ending" }
        let new: ServeSettings
        do {
            new = try read()
            // First, as this may fail, and then nothing has changed.
            try access.replace(with: new.access)
        } catch {
            let message = Redaction.withoutCredentials(String(describing: error))
            status.reloadFailed(message)
            fleet.note(.configurationReloadFailed, "Redstart's configuration was not reloaded: \(message)")
            logger.error("the configuration was not reloaded, the one before stays in force: \(message)")
            return message
        }
        if let keeper {
            await keeper.reconfigure(nodes: new.targets.nodes, targets: new.targets.discovered)
        } else {
            await fleet.reconfigure(nodes: new.targets.nodes, targets: new.targets.discovered)
        }
        await alerting.reload(new.groups)
        logLevels.replace(with: new.logLevels)
        scrapePolicy.replace(with: new.scrapePolicy)
        await notifier.reconfigure(new.notifications)
        await remoteWriter.reconfigure(new.remoteWrite)
        for remark in new.remarks { logger.warning("\(remark)") }
        for key in new.daemon.keysForRestart(comparedWith: current.daemon) + new.optionsForRestart(current) {
            logger.warning("\(key) has changed, which takes effect when the program is started again")
        }
        if new.remoteWrite.alertStates != current.remoteWrite.alertStates {
            logger.warning("alerts_for_state has changed, which takes effect when the program is started again")
        }
        current = new
        status.loaded(at: WallClock.milliseconds())
        fleet.note(.configurationReloaded, "Redstart's configuration was reloaded")
        logger.notice("the configuration was reloaded", metadata: ["nodes": "\(fleet.nodes.count)"])
        return nil
    }
}

extension ServeSettings {
    /// The keys of options whose values differ and are only read when the program starts.
    fileprivate func optionsForRestart(_ other: ServeSettings) -> [String] {
        let (old, new) = (other.fileOptions.texts, fileOptions.texts)
        return Set(old.keys).union(new.keys).sorted().filter { key in
            old[key] != new[key] && OptionTable.fileRows[key]?.isForStart == true
        }
    }
}

extension [OptionSetting] {
    fileprivate var texts: [String: [String]] {
        Dictionary(map { ($0.key, $0.texts) }) { first, _ in first }
    }
}

extension DaemonSettings {
    /// The keys whose values differ and are only read when the program starts.
    fileprivate func keysForRestart(comparedWith other: DaemonSettings) -> [String] {
        var keys: [String] = []
        func compare(_ key: String, _ property: KeyPath<DaemonSettings, some Equatable>) {
            if self[keyPath: property] != other[keyPath: property] { keys.append(key) }
        }
        compare("listen_address", \.listenAddress)
        compare("scrape_max_age", \.scrapeMaxAge)
        compare("history", \.history)
        compare("history_max_bytes", \.historyMaxBytes)
        compare("state_dir", \.stateDirectory)
        compare("state_snapshot_interval", \.snapshotInterval)
        compare("discovery_interval", \.discoveryInterval)
        compare("connect_limit", \.connectLimit)
        return keys
    }
}

import HTTPServer
import Logging
import RedisFleet
import ServiceLifecycle
import Synchronization
import UnixSignals
import WebAPI

/// The services of `redstart serve`, in the order of dependency; they end in the reverse order.
struct Daemon: Sendable {
    private let services: [any Service]
    private let logger: Logger
    private let ending: Ending
    private let endTimes: Ending.Times

    /// - Parameter read: Reads the settings again, for a reload.
    init(
        _ settings: ServeSettings,
        reading read: @escaping @Sendable () throws -> ServeSettings,
        log: Log
    ) throws {
        let parts = try DaemonParts(settings, log)
        for remark in settings.remarks { log.logger(.configuration).warning("\(remark)") }
        let access = try ServerAccess(settings.access)
        let scrapePolicy = CurrentScrapePolicy(settings.scrapePolicy)
        let reload = parts.reload(reading: read, access, scrapePolicy)
        // They tell of the server, which answers with what they tell.
        let listening = Mutex<HTTPServer?>(nil)
        let health = parts.health { listening.withLock { $0?.statistics } }
        let selfMetrics = parts.selfMetrics(health) { listening.withLock { $0?.statistics } }
        let api = parts.api(selfMetrics, health, scrapePolicy, reload: reload)
        let server = try parts.server(for: api, access)
        listening.withLock { $0 = server }
        let web: [any Service] = [server, reload, LiveService(api: api)]
        let history = HistoryService(store: parts.watch.store, selfMetrics: selfMetrics, health: health)
        // State comes first: it is kept after all others have ended, with what they did last; then come the spans.
        services = parts.keepers + parts.watchers(history) + web + parts.others
        logger = log.logger(.daemon)
        ending = parts.ending
        endTimes = settings.endTimes
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

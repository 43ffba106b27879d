import Alerting
import ArgumentParser
import HTTPServer
import Logging
import Metrics
import PromQL
import RedisFleet
import ServiceLifecycle
import TimeSeriesStore
import WebAPI

/// `redstart serve`: the daemon.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Watch servers: expose their metrics, evaluate rules, answer queries."
    )

    @OptionGroup var targets: TargetOptions
    @OptionGroup var rules: RuleOptions

    @Option(name: .customLong("web.listen-address"), help: "Where to listen for HTTP: host:port, or :port for all.")
    var listenAddress = "0.0.0.0:9121"

    @Option(
        name: .customLong("scrape-max-age"),
        help: "/metrics serves the last poll if it is younger than this, else polls; 0s is always fresh."
    )
    var scrapeMaxAge = DurationOption(.seconds(1))

    @Option(name: .customLong("poll-interval"), help: "Time between two polls of a server.")
    var pollInterval = DurationOption(.seconds(15))

    @Option(name: .customLong("history"), help: "How long samples are kept in memory.")
    var history = DurationOption(.seconds(3600))

    @Option(
        name: .customLong("history-max-bytes"),
        help: "Memory that samples may use; the oldest go when it is reached. No limit if not given."
    )
    var historyMaxBytes: Int?

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp(
            "Folder for what outlives a restart: history, alerts and their journal. In memory only if not given.",
            valueName: "dir"
        )
    )
    var stateDirectory: String?

    @Option(
        name: .customLong("state-snapshot-interval"),
        help: "Time between two snapshots of the history in the state folder."
    )
    var snapshotInterval = DurationOption(.seconds(300))

    @Option(name: .customLong("log-level"), help: "Least severe messages to log: debug, info, notice, warning, error.")
    var logLevel = LogLevel.info

    func validate() throws {
        try pollInterval.requireAtLeast(.milliseconds(100), "--poll-interval")
        try history.requireAtLeast(pollInterval.duration * 2, "--history")
    }

    func run() async throws {
        var logger = Logger(label: "redstart") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel.loggerLevel
        let daemon = try Daemon(
            targets: try targets.read(pollInterval: pollInterval.duration),
            groups: try rules.groups(),
            history: StoreConfiguration(history: history.duration, maxBytes: historyMaxBytes),
            state: StateService.Configuration(
                directory: stateDirectory,
                snapshotInterval: snapshotInterval.duration
            ),
            listenAddress: try ListenAddress(parsing: listenAddress),
            scrapeMaxAge: scrapeMaxAge.duration,
            polling: (interval: pollInterval.duration, timeout: targets.timeout.duration),
            logger: logger
        )
        try await daemon.run()
    }
}

/// What `--log-level` takes.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug, info, notice, warning, error

    var loggerLevel: Logger.Level {
        Logger.Level(rawValue: rawValue) ?? .info
    }
}

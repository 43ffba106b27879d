import ArgumentParser
import Configuration
import HTTPServer
import Logging

/// `redstart serve`: the daemon.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Watch servers: expose their metrics, evaluate rules, answer queries."
    )

    @OptionGroup var targets: TargetOptions
    @OptionGroup var rules: RuleOptions
    @OptionGroup var queries: QueryOptions

    @Option(
        name: [.customLong("config.file"), .customLong("config")],
        help: ArgumentHelp(
            "YAML file with targets and settings; options of the command line come first.",
            valueName: "file"
        )
    )
    var configurationFile: String?

    @Option(
        name: .customLong("web.listen-address"),
        help: "Where to listen for HTTP: host:port, or :port for all. (default: 0.0.0.0:9121)",
        transform: { try ListenAddress(parsing: $0) }
    )
    var listenAddress: ListenAddress?

    @Option(
        name: .customLong("scrape-max-age"),
        help: "/metrics serves the last poll if it is younger than this, else polls; 0s is always fresh. (default: 1s)"
    )
    var scrapeMaxAge: DurationOption?

    @Option(name: .customLong("poll-interval"), help: "Time between two polls of a server. (default: 15s)")
    var pollInterval: DurationOption?

    @Option(name: .customLong("history"), help: "How long samples are kept in memory. (default: 1h)")
    var history: DurationOption?

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
        help: "Time between two snapshots of the history in the state folder. (default: 5m)"
    )
    var snapshotInterval: DurationOption?

    @Option(
        name: .customLong("log-level"),
        help: "Least severe messages to log: debug, info, notice, warning, error. (default: info)"
    )
    var logLevel: LogLevel?

    func validate() throws {
        try pollInterval?.requireAtLeast(.milliseconds(100), "--poll-interval")
    }

    /// What the options say that the configuration file may say, too.
    var settings: DaemonSettings {
        var settings = DaemonSettings()
        settings.listenAddress = listenAddress
        settings.scrapeMaxAge = scrapeMaxAge?.duration
        settings.history = history?.duration
        settings.historyMaxBytes = historyMaxBytes
        settings.stateDirectory = stateDirectory
        settings.snapshotInterval = snapshotInterval?.duration
        settings.logLevel = logLevel?.rawValue
        settings.ruleFiles = rules.files.isEmpty ? nil : rules.files
        settings.evaluationInterval = rules.interval?.duration
        return settings
    }

    func run() async throws {
        let settings = try ServeSettings(self)
        var logger = Logger(label: "redstart") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = settings.daemon.logLevel.flatMap(LogLevel.init)?.loggerLevel ?? .info
        try await Daemon(settings, reading: { try ServeSettings(self) }, logger: logger).run()
    }
}

/// What `--log-level` takes.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug, info, notice, warning, error

    var loggerLevel: Logger.Level {
        Logger.Level(rawValue: rawValue) ?? .info
    }
}

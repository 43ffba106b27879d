import ArgumentParser
import Glibc
import Logging

/// `redstart serve`: the daemon.
struct ServeCommand: TableCommand {
    static let name = OptionRow.Command.serve
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Watch servers: expose their metrics, evaluate rules, answer queries."
    )

    @OptionGroup var words: TableWords

    func run(_ options: Options) async throws {
        // Until the service that reloads is there, the signal for it must not end the program.
        signal(SIGHUP, SIG_IGN)
        let settings = try ServeSettings(options)
        var logger = Logger(label: "redstart") { label in
            switch settings.options.logFormat {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(label: label)
            }
        }
        logger.logLevel = settings.logLevel.loggerLevel
        for name in settings.options.withoutEffect {
            logger.notice("--\(name) is an option of redis_exporter that has no effect here")
        }
        try await Daemon(settings, reading: { try ServeSettings(options) }, logger: logger).run()
    }
}

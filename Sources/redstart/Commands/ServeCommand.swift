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
        Allocator.limitArenas()
        FileDescriptorLimit.raise()
        let settings = try ServeSettings(options)
        let log = Log(settings.logLevels, format: settings.options.logFormat)
        for name in settings.options.withoutEffect {
            log.logger(.configuration).notice("--\(name) is an option of redis_exporter that has no effect here")
        }
        try await Daemon(settings, reading: { try ServeSettings(options) }, log: log).run()
    }
}

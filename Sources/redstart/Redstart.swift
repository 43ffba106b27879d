import ArgumentParser
import Configuration

/// The version of the program.
enum Version {
    static let current = "0.1.0"
}

/// The program: one subcommand a mode.
@main
struct Redstart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redstart",
        abstract: "Watches Redis and Valkey, and tells what is wrong with them.",
        version: Version.current,
        subcommands: [
            ServeCommand.self, TopCommand.self, CheckCommand.self, QueryCommand.self, MetricsCommand.self,
            DiscoverCommand.self, DoctorCommand.self, RulesCommand.self, RunbookCommand.self, SilenceCommand.self,
            HealthCommand.self, DocsCommand.self,
        ]
    )

    /// The commands whose options are in `OptionTable`.
    static let tableCommands: [any TableCommand.Type] = [
        ServeCommand.self, CheckCommand.self, MetricsCommand.self, DiscoverCommand.self, DoctorCommand.self,
    ]

    static func main() async {
        do {
            if try await runTableCommand(Array(CommandLine.arguments.dropFirst())) { return }
            var command = try parseAsRoot()
            if var asyncCommand = command as? any AsyncParsableCommand {
                try await asyncCommand.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Runs `serve …` and its like, or says no.
    private static func runTableCommand(_ words: [String]) async throws -> Bool {
        let isHelp = words.first == "help"
        guard let name = words.dropFirst(isHelp ? 1 : 0).first,
            let command = tableCommands.first(where: { $0.name.rawValue == name })
        else { return false }
        try await command.run(isHelp ? ["--help"] : Array(words.dropFirst()))
        return true
    }

    /// Ends the process with the message and exit code of an error.
    ///
    /// A mistake in the arguments of `check`, `discover`, `doctor` or `metrics` is "could not check": were it any other
    /// code, a monitor would take it for the state of the server.
    private static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        let isProbe = ["check", "discover", "doctor", "metrics"].contains(CommandLine.arguments.dropFirst().first)
        if code.isSuccess || error is ExitCode {
            exit(withError: error)
        }
        if let error = error as? InvalidOption {
            StandardError.write("Error: \(error)\n")
            exit(withError: isProbe ? ExitCode(CheckReport.Verdict.unknown.rawValue) : ExitCode.validationFailure)
        }
        // Arguments that nobody understood are printed back, and one of them may be an address with a password.
        StandardError.write(Redaction.withoutCredentials(fullMessage(for: error)) + "\n")
        exit(withError: isProbe ? ExitCode(CheckReport.Verdict.unknown.rawValue) : code)
    }
}

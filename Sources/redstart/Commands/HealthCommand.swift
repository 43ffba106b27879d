import ArgumentParser
import HTTPClient

/// `redstart health`: asks a running daemon how it is, for health checks of containers, where there is no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a running daemon whether it is healthy.",
        discussion: "Exit codes: 0 it is; 1 it is not, or nobody answers."
    )

    @OptionGroup var daemon: DaemonAddress

    @Option(help: "Longest time to wait for the answer.")
    var timeout = DurationOption(.seconds(5))

    func validate() throws {
        try timeout.requireAtLeast(.milliseconds(1), "--timeout")
    }

    func run() async throws {
        do {
            let answer = try await DaemonClient(url: try daemon.parsed(), timeout: timeout.duration).get("/health")
            try StandardOutput.write(answer.body + [UInt8(ascii: "\n")])
            guard answer.status == 200 else { throw ExitCode.failure }
        } catch let error as DaemonError {
            StandardError.write("\(error)\n")
            throw ExitCode.failure
        }
    }
}

import ArgumentParser
import BundledRules

/// `redstart runbook`: what to do when an alert fires, without a browser.
struct RunbookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runbook",
        abstract: "Print the runbook of a bundled alert."
    )

    @Argument(help: "The name of the alert, such as RedisDown.")
    var alert: String

    func run() async throws {
        guard let text = BundledRules.runbooks[alert] else {
            let known = BundledRules.runbooks.keys.sorted().joined(separator: ", ")
            throw ValidationError("there is no runbook for \(alert); there are \(known)")
        }
        try StandardOutput.write(text)
    }
}

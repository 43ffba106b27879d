import Alerting
import ArgumentParser
import Configuration
import Metrics
import PromQL
import RedisClient
import RedisFleet
import TimeSeriesStore

/// `redstart check`: watches for a few seconds, evaluates every rule once, reports by text and exit code.
struct CheckCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, nagios
    }

    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Watch servers for a few seconds and tell which alerts fire.",
        discussion: """
            Ranges in rules that are longer than the window are cut to it, and what a rule waits for (`for`) is \
            reported, not waited for.

            Exit codes: 0 nothing fires, 1 a warning fires, 2 a critical alert fires, 3 it could not be checked.
            """
    )

    @OptionGroup var targets: TargetOptions
    @OptionGroup var rules: RuleOptions

    @Option(name: .customLong("window"), help: "How long to watch, polling once a second.")
    var window = DurationOption(.seconds(5))

    @Option(name: .customLong("format"), help: "text, json, or nagios for a Nagios plugin's output.")
    var format = Format.text

    func validate() throws {
        guard window.duration >= .seconds(1) else {
            throw ValidationError("--window must be at least 1s: a rate needs two polls")
        }
    }

    func run() async throws {
        let report = await report()
        switch format {
        case .text: try StandardOutput.write(TextReport.render(report))
        case .json: try StandardOutput.write(try JSONReport.render(report))
        case .nagios: try StandardOutput.write(NagiosReport.render(report))
        }
        if report.verdict != .ok {
            throw ExitCode(report.verdict.rawValue)
        }
    }

    /// What keeps the check from starting is a report, too: a monitor reads standard output in the format it asked for.
    private func report() async -> CheckReport {
        do {
            let groups = try rules.groups()
            let targets = try targets.read(pollInterval: .seconds(1))
            let history = StoreConfiguration(history: window.duration * 2 + .seconds(60))
            return await report(Watch(targets: targets, history: history, logger: .silent), groups: groups)
        } catch {
            return CheckReport(
                alerts: [],
                unreachable: [],
                failedRules: [Redaction.withoutCredentials(String(describing: error))],
                nodes: 0,
                rules: 0,
                window: window.duration
            )
        }
    }

    private func report(_ watch: Watch, groups: [RuleGroup]) async -> CheckReport {
        let polling = Task { try await watch.fleet.run() }
        try? await Task.sleep(for: window.duration)
        // The last poll closes the window; the nodes' own timeout bounds it.
        let deadline = ContinuousClock.now + targets.pollTimeout + .seconds(1)
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        polling.cancel()
        let check = OneShotCheck(
            groups,
            at: outcomes.map(\.samples.timestamp).max() ?? WallClock.milliseconds(),
            windowMilliseconds: window.duration.milliseconds,
            store: watch.store
        )
        return CheckReport(
            alerts: check.findings,
            unreachable: outcomes.compactMap { $0.failure?.message },
            failedRules: check.failures.map { "\($0.location): \($0.name): \($0.reason)" },
            nodes: outcomes.count,
            rules: groups.flatMap(\.rules).filter { $0.alerting != nil }.count,
            window: window.duration
        )
    }
}

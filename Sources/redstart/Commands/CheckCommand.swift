import Alerting
import ArgumentParser
import Configuration
import Metrics
import PromQL
import RedisClient
import RedisFleet
import TimeSeriesStore

/// `redstart check`: watches for a few seconds, evaluates every rule once, reports by text and exit code.
struct CheckCommand: TableCommand {
    static let name = OptionRow.Command.check
    enum Format: String, OptionChoice {
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

    func run(_ options: Options) async throws {
        let report = await report(options)
        switch options.reportFormat {
        case .text: try StandardOutput.write(TextReport.render(report))
        case .json: try StandardOutput.write(try JSONReport.render(report))
        case .nagios: try StandardOutput.write(NagiosReport.render(report))
        }
        if report.verdict != .ok {
            throw ExitCode(report.verdict.rawValue)
        }
    }

    /// What keeps the check from starting is a report, too: a monitor reads standard output in the format it asked for.
    private func report(_ options: Options) async -> CheckReport {
        do {
            let groups = try RuleSources.groups(files: options.ruleFiles, interval: options.daemon.evaluationInterval)
            let targets = try options.readTargets(pollInterval: .seconds(1))
            let history = StoreConfiguration(history: options.window * 2 + .seconds(60))
            let watch = Watch(targets: targets, history: history, logger: .silent)
            return await report(watch, groups: groups, options)
        } catch {
            return CheckReport(
                alerts: [],
                unreachable: [],
                failedRules: [Redaction.withoutCredentials(String(describing: error))],
                nodes: 0,
                rules: 0,
                window: options.window
            )
        }
    }

    private func report(_ watch: Watch, groups: [RuleGroup], _ options: Options) async -> CheckReport {
        let polling = Task { try await watch.fleet.run() }
        try? await Task.sleep(for: options.window)
        // The last poll closes the window; the nodes' own timeout bounds it.
        let deadline = ContinuousClock.now + options.pollTimeout + .seconds(1)
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        polling.cancel()
        let check = OneShotCheck(
            groups,
            at: outcomes.map(\.samples.timestamp).max() ?? WallClock.milliseconds(),
            windowMilliseconds: options.window.milliseconds,
            store: watch.store
        )
        return CheckReport(
            alerts: check.findings,
            unreachable: outcomes.compactMap { $0.failure?.message },
            failedRules: check.failures.map { "\($0.location): \($0.name): \($0.reason)" },
            nodes: outcomes.count,
            rules: groups.flatMap(\.rules).filter { $0.alerting != nil }.count,
            window: options.window
        )
    }
}

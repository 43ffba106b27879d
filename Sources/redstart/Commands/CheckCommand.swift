import Alerting
import ArgumentParser
import Configuration
import HTTPClient
import Metrics
import PromQL
import RedisClient
import RedisFleet
import StateFile
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
            reported, not waited for. With --state-dir the check goes on where the one before has ended, so that both \
            count in full; with --url a running daemon is asked.

            Exit codes: 0 nothing fires, 1 a warning fires, 2 a critical alert fires, 3 it could not be checked.
            """
    )

    @OptionGroup var words: TableWords

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
            if let url = options.daemonURL {
                return try await DaemonCheck(client: try Self.client(url, options)).report()
            }
            let groups = try RuleSources.groups(files: options.ruleFiles, interval: options.daemon.evaluationInterval)
            let targets = try options.readTargets(pollInterval: .seconds(1))
            if let directory = options.daemon.stateDirectory {
                return try await report(targets, groups: groups, keptIn: directory, options)
            }
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
                watched: Self.watched(options)
            )
        }
    }

    private static func client(_ url: String, _ options: Options) throws -> DaemonClient {
        let isLocal = !options.targets.isEmpty || !options.addresses.isEmpty || !options.ruleFiles.isEmpty
        if isLocal || options.daemon.stateDirectory != nil {
            throw InvalidOption("with --url the daemon's own targets, rules and state count; give none here")
        }
        let files = options.targetDefaults.tls
        var tls = ClientTLSOptions()
        tls.authorityFile = files.authorityFile
        tls.certificateFile = files.certificateFile
        tls.keyFile = files.keyFile
        tls.serverName = files.serverName
        tls.skipsVerification = options.skipsVerification
        return DaemonClient(url: try DaemonAddress.parse(url), tls: tls)
    }

    private static func watched(_ options: Options) -> String {
        "for \(options.window.optionText)"
    }

    /// Watches for the window and returns the last poll of each node.
    private func outcomes(_ watch: Watch, _ options: Options) async -> [PollOutcome] {
        let polling = Task { try await watch.fleet.run() }
        try? await Task.sleep(for: options.window)
        // The last poll closes the window; the nodes' own timeout bounds it.
        let deadline = ContinuousClock.now + options.pollTimeout + .seconds(1)
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        polling.cancel()
        return outcomes
    }

    private func report(_ watch: Watch, groups: [RuleGroup], _ options: Options) async -> CheckReport {
        let outcomes = await outcomes(watch, options)
        let check = OneShotCheck(
            groups,
            at: Self.end(of: outcomes),
            windowMilliseconds: options.window.milliseconds,
            store: watch.store
        )
        return report(check.findings.map { CheckedAlert($0) }, check.failures, outcomes, groups, options)
    }

    /// The same with the history and the alerts of the check before, which are kept for the next one.
    private func report(
        _ targets: WatchedTargets,
        groups: [RuleGroup],
        keptIn directory: String,
        _ options: Options
    ) async throws -> CheckReport {
        let kept = try KeptState(directory: directory, logger: .silent)
        let watch = Watch(targets: targets, history: StoreConfiguration(), logger: .silent) {
            kept.restoreHistory(into: $0)
        }
        let outcomes = await outcomes(watch, options)
        let now = Self.end(of: outcomes)
        let check = try ContinuedCheck(groups, at: now, store: watch.store, journal: kept.journal)
        try kept.keepHistory(of: watch.store, at: now)
        let alerts = check.rules.flatMap { rule in rule.activeAlerts.map { (rule, $0) } }
        return report(
            alerts.filter { $1.state == .firing }.map { CheckedAlert($1, of: $0) },
            check.failures,
            outcomes,
            groups,
            options,
            pending: alerts.count { $1.state == .pending },
            // Without what is kept the check would take every alert for a new one.
            problems: [kept.file.status.problem].compactMap { $0.map { "\($0)" } }
        )
    }

    private static func end(of outcomes: [PollOutcome]) -> Int64 {
        outcomes.map(\.samples.timestamp).max() ?? WallClock.milliseconds()
    }

    private func report(
        _ alerts: [CheckedAlert],
        _ failures: [OneShotCheck.Failure],
        _ outcomes: [PollOutcome],
        _ groups: [RuleGroup],
        _ options: Options,
        pending: Int = 0,
        problems: [String] = []
    ) -> CheckReport {
        CheckReport(
            alerts: alerts,
            pending: pending,
            unreachable: outcomes.compactMap { $0.failure?.message },
            failedRules: failures.map { "\($0.location): \($0.name): \($0.reason)" } + problems,
            nodes: outcomes.count,
            rules: groups.flatMap(\.rules).filter { $0.alerting != nil }.count,
            watched: Self.watched(options)
        )
    }
}

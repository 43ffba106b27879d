import Alerting
import ArgumentParser
import Configuration
import Metrics
import PromQL
import RedisClient
import RedisFleet
import StateFile
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
            reported, not waited for. With --state-dir the check goes on where the one before has ended, so that both \
            count in full; with --url a running daemon is asked.

            Exit codes: 0 nothing fires, 1 a warning fires, 2 a critical alert fires, 3 it could not be checked.
            """
    )

    @OptionGroup var targets: TargetOptions
    @OptionGroup var rules: RuleOptions

    @Option(name: .customLong("window"), help: "How long to watch, polling once a second.")
    var window = DurationOption(.seconds(5))

    @Option(
        help: ArgumentHelp("Ask a running daemon, such as http://localhost:9121, which alerts fire.", valueName: "url"))
    var url: String?

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp(
            "Folder in which history and alerts are kept from one check to the next, such as for cron.",
            valueName: "dir"
        )
    )
    var stateDirectory: String?

    @Option(name: .customLong("format"), help: "text, json, or nagios for a Nagios plugin's output.")
    var format = Format.text

    func validate() throws {
        guard window.duration >= .seconds(1) else {
            throw ValidationError("--window must be at least 1s: a rate needs two polls")
        }
        guard let url else { return }
        guard DaemonAddress(argument: url) != nil else {
            throw ValidationError("--url must be like http://localhost:9121 or https://user:password@host/path")
        }
        if !targets.targets.isEmpty || !targets.addresses.isEmpty || !rules.files.isEmpty || stateDirectory != nil {
            throw ValidationError("with --url the daemon's own targets, rules and state count; give none here")
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
            if let address = url.flatMap({ DaemonAddress(argument: $0) }) {
                return try await DaemonCheck(client: DaemonClient(address: address, timeout: .seconds(10))).report()
            }
            let groups = try rules.groups()
            let targets = try targets.read(pollInterval: .seconds(1))
            if let stateDirectory { return try await report(targets, groups: groups, keptIn: stateDirectory) }
            let history = StoreConfiguration(history: window.duration * 2 + .seconds(60))
            return await report(Watch(targets: targets, history: history, logger: .silent), groups: groups)
        } catch {
            return CheckReport(
                alerts: [],
                unreachable: [],
                failedRules: [Redaction.withoutCredentials(String(describing: error))],
                nodes: 0,
                rules: 0,
                watched: watched
            )
        }
    }

    private var watched: String {
        "for \(window.defaultValueDescription)"
    }

    /// Watches for the window and returns the last poll of each node.
    private func outcomes(_ watch: Watch) async -> [PollOutcome] {
        let polling = Task { try await watch.fleet.run() }
        try? await Task.sleep(for: window.duration)
        // The last poll closes the window; the nodes' own timeout bounds it.
        let deadline = ContinuousClock.now + targets.pollTimeout + .seconds(1)
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        polling.cancel()
        return outcomes
    }

    private func report(_ watch: Watch, groups: [RuleGroup]) async -> CheckReport {
        let outcomes = await outcomes(watch)
        let check = OneShotCheck(
            groups,
            at: Self.end(of: outcomes),
            windowMilliseconds: window.duration.milliseconds,
            store: watch.store
        )
        return report(check.findings.map { CheckedAlert($0) }, check.failures, outcomes, groups)
    }

    /// The same with the history and the alerts of the check before, which are kept for the next one.
    private func report(
        _ targets: WatchedTargets,
        groups: [RuleGroup],
        keptIn directory: String
    ) async throws -> CheckReport {
        let kept = try KeptState(directory: directory, logger: .silent)
        let watch = Watch(targets: targets, history: StoreConfiguration(), logger: .silent) {
            kept.restoreHistory(into: $0)
        }
        let outcomes = await outcomes(watch)
        let now = Self.end(of: outcomes)
        let check = try ContinuedCheck(groups, at: now, store: watch.store, journal: kept.journal)
        try kept.keepHistory(of: watch.store, at: now)
        let alerts = check.rules.flatMap { rule in rule.activeAlerts.map { (rule, $0) } }
        return report(
            alerts.filter { $1.state == .firing }.map { CheckedAlert($1, of: $0) },
            check.failures,
            outcomes,
            groups,
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
            watched: watched
        )
    }
}

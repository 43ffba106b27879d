import Alerting
import Metrics
import NIOPosix
import SQLite
import ServiceLifecycle
import StateFile
import TimeSeriesStore

/// Keeps the state file: a sign of life, a snapshot of the history from time to time and at the end, and no entry of
/// the journal longer than asked for.
struct StateService: Service {
    /// Where state is kept, and how often.
    struct Configuration: Sendable {
        /// The folder; `nil` for memory only.
        var directory: String?
        /// The time between two snapshots of the history: what a process that is killed loses at most.
        var snapshotInterval: Duration
    }

    /// The most by which the clock of an alert can be off after the process was killed.
    private static let aliveInterval: Duration = .seconds(5)
    private static let retentionInterval: Duration = .seconds(60)
    /// Alerts of the process before that have not come back by then have ended.
    private static let settleTime: Duration = .milliseconds(AlertClocks.settleMilliseconds)
    /// Evaluations that a rule needs for its alerts to be known: two restore the clocks, the third may fire.
    private static let settleEvaluations = 3

    let configuration: Configuration
    let kept: KeptState
    let store: TimeSeriesStore
    let groups: @Sendable () -> [RuleGroupEvaluation]

    init(
        configuration: Configuration,
        kept: KeptState,
        store: TimeSeriesStore,
        groups: @escaping @Sendable () -> [RuleGroupEvaluation]
    ) {
        self.configuration = configuration
        self.kept = kept
        self.store = store
        self.groups = groups
        // Here and not in `run`: alerts may change before the services have all begun to run.
        kept.threads.start()
    }

    func run() async throws {
        let start = ContinuousClock.now
        var (snapshot, retention) = (start, start)
        var isSettled = false
        while (try? await pause()) != nil {
            let now = ContinuousClock.now
            await kept.run(otherwise: ()) { [file = kept.file] in try file.noteAlive(at: WallClock.milliseconds()) }
            if now - snapshot >= configuration.snapshotInterval {
                snapshot = now
                await keepHistory()
            }
            if now - retention >= Self.retentionInterval {
                retention = now
                await removeExpired()
            }
            if !isSettled, now - start >= Self.settleTime, areAlertsKnown {
                isSettled = true
                await endAlerts()
            }
        }
        await kept.run(otherwise: ()) { [file = kept.file] in try file.noteAlive(at: WallClock.milliseconds()) }
        await keepHistory()
        try await kept.threads.shutdownGracefully()
    }

    /// Waits for the next turn.
    ///
    /// - Throws: When the program is to end.
    private func pause() async throws {
        let time = min(Self.aliveInterval, configuration.snapshotInterval)
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: time) }
    }

    private func keepHistory() async {
        await kept.run(otherwise: ()) { [file = kept.file, store] in
            try file.replaceHistory(at: WallClock.milliseconds()) { (take) throws(SQLiteError) in
                try store.encodeSnapshot(take)
            }
        }
    }

    private func removeExpired() async {
        await kept.run(otherwise: ()) { [journal = kept.journal] in
            while try journal.removeExpired(now: WallClock.milliseconds()) {}
        }
    }

    private var areAlertsKnown: Bool {
        groups().allSatisfy { group in
            group.rules.allSatisfy { $0.health.evaluations >= Self.settleEvaluations }
        }
    }

    private func endAlerts() async {
        await kept.run(otherwise: ()) { [journal = kept.journal, groups] in
            _ = try journal.endAlerts(
                notIn: { Set(groups().flatMap { $0.rules.flatMap { $0.activeAlerts.map(\.labels) } }) },
                at: WallClock.milliseconds()
            )
        }
    }
}

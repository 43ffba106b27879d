import Alerting
import Metrics
import NIOPosix
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
    /// Without a file the journal must not fill the memory.
    private static let memoryRetention = JournalRetention(entries: 10_000)
    /// By then every alert of the process before has come back, however slow polls and rules are.
    private static let longestSettleTime: Duration = .seconds(60)

    let configuration: Configuration
    let kept: KeptState
    let store: TimeSeriesStore
    let groups: @Sendable () -> [RuleGroupEvaluation]
    /// Alerts of the process before that have not come back by then have ended.
    private let settleTime: Duration
    /// Who is told of the alerts that have ended while nobody looked.
    let ended: @Sendable ([JournalEntry]) -> Void

    init(
        configuration: Configuration,
        kept: KeptState,
        store: TimeSeriesStore,
        groups: @escaping @Sendable () -> [RuleGroupEvaluation],
        pollInterval: Duration,
        ended: @escaping @Sendable ([JournalEntry]) -> Void
    ) {
        self.configuration = configuration
        self.kept = kept
        self.store = store
        self.groups = groups
        self.ended = ended
        // Two polls for a rate, and the evaluations after them.
        let slowest = groups().map { Duration.milliseconds($0.group.intervalMilliseconds) }.max() ?? .zero
        settleTime = min(Self.longestSettleTime, max(.seconds(1), max(pollInterval, slowest) * 4))
        // Here and not in `run`: alerts may change before the services have all begun to run.
        kept.threads.start()
    }

    func run() async throws {
        let start = ContinuousClock.now
        var (snapshot, retention) = (start, start)
        var isSettled = false
        while (try? await pause(isSettled: isSettled)) != nil {
            let now = ContinuousClock.now
            await kept.returnToFile()
            await kept.run(otherwise: ()) { [file = kept.file] in try file.noteAlive(at: WallClock.milliseconds()) }
            if now - snapshot >= configuration.snapshotInterval {
                snapshot = now
                await keepHistory()
            }
            if now - retention >= Self.retentionInterval {
                retention = now
                await removeExpired()
            }
            if !isSettled, now - start >= settleTime, areAlertsKnown {
                isSettled = true
                await endAlerts()
            }
        }
        await keepHistory()
        try await kept.threads.shutdownGracefully()
    }

    /// Waits for the next turn.
    ///
    /// - Throws: When the program is to end.
    private func pause(isSettled: Bool) async throws {
        let rest = min(Self.aliveInterval, configuration.snapshotInterval)
        let time = isSettled ? rest : min(rest, settleTime / 4)
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: time) }
    }

    private func keepHistory() async {
        await kept.run(otherwise: ()) { [kept, store] in
            try kept.keepHistory(of: store, at: WallClock.milliseconds())
        }
    }

    private func removeExpired() async {
        let retention = configuration.directory == nil ? Self.memoryRetention : JournalRetention()
        await kept.run(otherwise: ()) { [journal = kept.journal] in
            while try journal.removeExpired(retention, now: WallClock.milliseconds()) {}
        }
    }

    private var areAlertsKnown: Bool {
        groups().allSatisfy { group in
            group.rules.allSatisfy { $0.health.evaluations >= RuleGroupEvaluation.settleEvaluations }
        }
    }

    private func endAlerts() async {
        let entries = await kept.run(otherwise: []) { [journal = kept.journal, groups] in
            try journal.endAlerts(
                notIn: { Set(groups().flatMap { $0.rules.flatMap { $0.activeAlerts.map(\.labels) } }) },
                at: WallClock.milliseconds()
            )
        }
        ended(entries)
    }
}

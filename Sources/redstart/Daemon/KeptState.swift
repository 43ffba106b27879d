import Alerting
import Logging
import Metrics
import NIOPosix
import SQLite
import StateFile
import Synchronization
import TimeSeriesStore

/// What outlives the process: the state file and the journal in it; or the same in memory, where there is no file.
///
/// The file is read and written on threads of its own: a disk that is slow keeps neither polls nor queries waiting.
struct KeptState: Sendable {
    let file: StateFile
    let journal: AlertJournal
    /// Two, so that a change of an alert need not wait for the end of a long snapshot.
    let threads = NIOThreadPool(numberOfThreads: 2)
    let logger: Logger

    init(directory: String?, logger: Logger) throws {
        file = try StateFile(directory: directory, now: WallClock.milliseconds())
        journal = AlertJournal(file)
        self.logger = logger
        guard let problem = file.status.problem else { return }
        logger.error("\(problem)", metadata: ["kept": "\(file.status.isPersistent ? "in a new file" : "in memory")"])
    }

    /// Puts the history of the process before into the store, which is empty yet.
    func restoreHistory(into store: TimeSeriesStore) {
        do {
            guard let (time, pieces) = try file.history() else { return }
            try store.restore(from: pieces)
            let now = WallClock.milliseconds()
            store.removeExpired(now: now)
            logger.info("the history was restored", metadata: ["age_seconds": "\((now - time) / 1000)"])
        } catch {
            logger.error("\(error)")
        }
    }

    /// Replaces the kept history by that of a store, and notes that the process lived at a time.
    func keepHistory(of store: TimeSeriesStore, at time: Int64) throws(SQLiteError) {
        try file.noteAlive(at: time)
        try file.replaceHistory(at: time) { (take) throws(SQLiteError) in
            try store.encodeSnapshot(take)
        }
    }

    /// Puts the `for` clocks of the process before into the store; how they go on, `nil` if there are none.
    func restoreClocks(into store: TimeSeriesStore) -> RestorationConfiguration? {
        do {
            guard let lastAlive = try file.lastAlive() else { return nil }
            let clocks = AlertClocks(alerts: try journal.activeAlerts(), lastAlive: lastAlive)
            try clocks.write(to: store)
            return clocks.restoration(now: WallClock.milliseconds())
        } catch {
            logger.error("the clocks of alerts cannot be restored: \(error)")
            return nil
        }
    }

    /// Writes changes of alerts down; returns those that are news.
    func record(_ changes: [AlertChange], of group: RuleGroup) async -> [JournalEntry] {
        await run(otherwise: []) { try journal.record(changes, of: group) }
    }

    /// What a query finds in the journal; `nil` where it cannot be read.
    func entries(_ query: JournalQuery) async -> [JournalEntry]? {
        await run(otherwise: nil) { try journal.entries(query) }
    }

    /// Goes on in the state file, where that has failed and works again.
    func returnToFile() async {
        guard !file.status.isPersistent, file.status.path != nil else { return }
        let hasReturned = await run(otherwise: false) { [file] in file.returnToFile(at: WallClock.milliseconds()) }
        if hasReturned { logger.notice("state is kept on disk again") }
    }

    /// Does what may wait for the disk, to its end also when the caller is cancelled; what fails is logged.
    func run<Result: Sendable>(
        otherwise fallback: Result,
        _ body: @escaping @Sendable () throws -> Result
    ) async -> Result {
        let before = file.status.problem
        do {
            // Not a child: what has happened must be written although the program ends.
            return try await Task { try await threads.runIfActive(body) }.value
        } catch {
            if let problem = file.status.problem, problem == before { return fallback }
            logger.error("\(file.status.problem?.description ?? "\(error)")")
            return fallback
        }
    }
}

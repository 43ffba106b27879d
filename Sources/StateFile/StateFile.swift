public import SQLite
import Synchronization

/// The file `redstart.db`, in which state outlives the process, or the same tables in memory.
///
/// Whatever is wrong with the file, there is a place to write to: a damaged file is moved aside and a new one begun;
/// a file that cannot be used, now or later, is replaced by tables in memory. `status` says so. A file that was full, or
/// failed otherwise while it was in use, is tried again: `returnToFile`.
///
/// All methods block for as long as the disk takes: call them from threads that may wait.
public final class StateFile: Sendable {
    /// The name of the file in the folder for state.
    public static let name = "redstart.db"

    struct State {
        var connection: Connection
        var status: StateStatus
        /// The file, while tables in memory stand in for it; kept open, so that no other process takes it.
        var suspended: Connection?
    }

    let state: Mutex<State>
    /// Beside the state, so that whoever asks does not wait for the disk.
    private let shown: Mutex<StateStatus>

    /// Opens the file in a folder, which is made if it is not there, and keeps it locked against other processes.
    ///
    /// - Parameters:
    ///   - directory: The folder; `nil` for memory only.
    ///   - now: The time in milliseconds since 1970, for the name of a file that is moved aside.
    /// - Throws: `SQLiteError` when not even a database in memory can be had.
    public init(directory: String?, now: Int64) throws(SQLiteError) {
        guard let directory else {
            let status = StateStatus(path: nil, isPersistent: false, problem: nil)
            shown = Mutex(status)
            state = Mutex(State(connection: try Self.inMemory(), status: status))
            return
        }
        let path = directory + "/" + Self.name
        if let problem = StateFolder.make(directory) {
            let status = StateStatus(path: path, isPersistent: false, problem: problem)
            shown = Mutex(status)
            state = Mutex(State(connection: try Self.inMemory(), status: status))
            return
        }
        var status = StateStatus(path: path, isPersistent: true, problem: nil)
        do throws(StateProblem) {
            state = Mutex(State(connection: try Self.open(path), status: status))
            shown = Mutex(status)
            return
        } catch {
            status.problem = error.kind == .damaged ? StateFolder.moveAside(path, error, now: now) : error
        }
        if status.problem?.movedTo != nil, let fresh = try? Self.open(path) {
            state = Mutex(State(connection: fresh, status: status))
            shown = Mutex(status)
            return
        }
        status.isPersistent = false
        shown = Mutex(status)
        state = Mutex(State(connection: try Self.inMemory(), status: status))
    }

    /// How the file is.
    public var status: StateStatus {
        shown.withLock { $0 }
    }

    /// Reads and writes as one transaction.
    ///
    /// When the file fails, `body` is run again, on tables in memory that have the alerts of the file as far as it
    /// could still be read; so it must not have other effects.
    /// - Throws: `SQLiteError` for a statement that is wrong in itself.
    public func write<Result: Sendable>(
        now: Int64,
        _ body: @Sendable (Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try state.withLock { (state) throws(SQLiteError) in
            do throws(SQLiteError) {
                return try Self.transaction(state.connection, body)
            } catch {
                guard error.kind != .other, state.status.isPersistent else { throw error }
                try Self.goOnInMemory(&state, after: error, now: now)
                shown.withLock { [status = state.status] in $0 = status }
            }
            return try Self.transaction(state.connection, body)
        }
    }

    /// Reads.
    /// - Throws: `SQLiteError` when that fails.
    public func read<Result: Sendable>(
        _ body: @Sendable (Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try state.withLock { (state) throws(SQLiteError) in try body(state.connection) }
    }

    /// Writes to the file what memory need not have: the failure is noted, and the next attempt may succeed.
    func writeToFile(
        _ body: @Sendable (Connection) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        try state.withLock { (state) throws(SQLiteError) in
            guard state.status.isPersistent else { return }
            do throws(SQLiteError) {
                try Self.transaction(state.connection, body)
            } catch {
                state.status.problem = StateProblem(error)
                shown.withLock { [status = state.status] in $0 = status }
                throw error
            }
        }
    }

    /// Goes on in the file, where that has failed while it was in use and works again: with what has happened since.
    ///
    /// - Returns: Whether it does so from now on; not where it never stopped, or cannot yet.
    public func returnToFile(at time: Int64) -> Bool {
        state.withLock { state in
            guard let file = state.suspended else { return false }
            let memory = state.connection
            do throws(SQLiteError) {
                try file.transaction { () throws(SQLiteError) in
                    try AlertTables.replace(in: file, by: memory)
                    try file.query("INSERT OR REPLACE INTO alive VALUES (1, ?1)", [.integer(time)])
                }
            } catch {
                // As before: what is wrong is in the status already.
                return false
            }
            state.connection = file
            state.suspended = nil
            state.status.isPersistent = true
            state.status.problem = nil
            shown.withLock { [status = state.status] in $0 = status }
            return true
        }
    }

    /// All is well again, where something that could wait was not written before.
    func noteRecovery() {
        state.withLock { state in
            guard state.status.isPersistent, let problem = state.status.problem, problem.movedTo == nil else { return }
            state.status.problem = nil
            shown.withLock { [status = state.status] in $0 = status }
        }
    }

    private static func transaction<Result>(
        _ connection: Connection,
        _ body: @Sendable (Connection) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try connection.transaction { () throws(SQLiteError) in try body(connection) }
    }

    private static func goOnInMemory(
        _ state: inout State,
        after error: SQLiteError,
        now: Int64
    ) throws(SQLiteError) {
        let memory = try inMemory()
        AlertTables.copy(from: state.connection, to: memory)
        var problem = StateProblem(error)
        if problem.kind == .damaged, let path = state.status.path {
            problem = StateFolder.moveAside(path, problem, now: now)
        }
        state.suspended = problem.kind == .damaged ? nil : state.connection
        state.connection = memory
        state.status.isPersistent = false
        state.status.problem = problem
    }

    private static func inMemory() throws(SQLiteError) -> Connection {
        let connection = try Connection(path: Connection.inMemory)
        _ = try Schema.prepare(connection)
        return connection
    }

    private static func open(_ path: String) throws(StateProblem) -> Connection {
        let opened: (connection: Connection, finding: Schema.Finding)
        do throws(SQLiteError) {
            let options = Connection.Options(busyTimeoutMilliseconds: 500, isExclusive: true)
            let connection = try Connection(path: path, options: options)
            opened = (connection, try Schema.prepare(connection))
        } catch {
            throw StateProblem(error)
        }
        switch opened.finding {
        case .ready: return opened.connection
        case .damaged(let what): throw .damaged(path, what)
        case .foreign: throw .foreign(path)
        case .newer(let version): throw .newer(path, version: version)
        }
    }
}

import CSQLite

/// One connection to a database.
///
/// Calls block for as long as the disk takes: not for event loops. One thread at a time; whoever shares a connection
/// puts it behind a lock.
public final class Connection {
    /// How to open a database.
    public struct Options: Sendable {
        /// How long a statement waits for another process before it fails with `locked`, in milliseconds.
        public var busyTimeoutMilliseconds: Int32
        /// Whether the file is kept locked against all others until the connection goes.
        public var isExclusive: Bool

        /// Makes options.
        public init(busyTimeoutMilliseconds: Int32 = 1000, isExclusive: Bool = false) {
            self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
            self.isExclusive = isExclusive
        }
    }

    /// The path that opens a database in memory.
    public static let inMemory = ":memory:"

    /// The file, `:memory:` for a database in memory.
    public let path: String
    private let handle: OpaquePointer
    /// Compiled statements by their text: the program has a few dozen, all constant.
    private var statements: [String: Statement] = [:]

    /// Opens a database, which is made if there is none, in write-ahead mode.
    ///
    /// In that mode a process that is killed loses nothing that was committed, and nothing needs repair; what a power
    /// failure can take are the last commits.
    /// - Throws: `SQLiteError`, `locked` where another one keeps the file locked.
    public init(path: String, options: Options = Options()) throws(SQLiteError) {
        self.path = path
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard let opened else {
            throw SQLiteError(code: code, reason: String(cString: sqlite3_errstr(code)), path: path)
        }
        handle = opened
        guard code == SQLITE_OK else { throw failure(code) }
        sqlite3_busy_timeout(handle, options.busyTimeoutMilliseconds)
        // Before the first access, so that no shared memory is used: https://www.sqlite.org/wal.html#noshm
        if options.isExclusive { try execute("PRAGMA locking_mode = EXCLUSIVE") }
        try execute("PRAGMA journal_mode = WAL")
        try execute("PRAGMA synchronous = NORMAL")
        try execute("PRAGMA foreign_keys = ON")
    }

    deinit {
        // All statements are gone by then: they are ours, and nobody else keeps one.
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs statements that give no rows, separated by semicolons.
    public func execute(_ script: StaticString) throws(SQLiteError) {
        let code = script.withUTF8Buffer { text in
            // A static string ends with a zero byte.
            text.withMemoryRebound(to: CChar.self) { sqlite3_exec(handle, $0.baseAddress, nil, nil, nil) }
        }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Runs one statement and calls `body` for each row.
    ///
    /// The row is valid during the call only. Statements are compiled once and kept.
    /// - Throws: `SQLiteError`; rows before the failure have been handed over.
    public func query(
        _ statement: StaticString,
        _ values: [SQLiteValue] = [],
        _ body: (borrowing Row) -> Void = { _ in }
    ) throws(SQLiteError) {
        let compiled = try prepared(statement)
        defer { compiled.reset() }
        for (index, value) in values.enumerated() {
            let code = compiled.bind(value, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw failure(code) }
        }
        while true {
            switch sqlite3_step(compiled.handle) {
            case SQLITE_ROW: body(Row(compiled.handle))
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    /// Runs `body` in a transaction, which is undone when `body` or the commit fails.
    public func transaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Some failures, a full disk among them, have undone it already; the first failure is what matters.
            if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    /// The number that the last insert gave to its row.
    public var lastInsertedRow: Int64 {
        sqlite3_last_insert_rowid(handle)
    }

    /// How many rows the last statement has inserted, changed or removed.
    public var changedRows: Int {
        Int(sqlite3_changes64(handle))
    }

    private func prepared(_ text: StaticString) throws(SQLiteError) -> Statement {
        let key = text.description
        if let known = statements[key] { return known }
        var compiled: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, key, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        guard code == SQLITE_OK, let compiled else { throw failure(code) }
        let statement = Statement(compiled)
        statements[key] = statement
        return statement
    }

    private func failure(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, reason: String(cString: sqlite3_errmsg(handle)), path: path)
    }
}

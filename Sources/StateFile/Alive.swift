public import SQLite

extension StateFile {
    /// Notes that the process lives at a time in milliseconds since 1970; does nothing in memory.
    /// - Throws: `SQLiteError` when the file fails.
    public func noteAlive(at time: Int64) throws(SQLiteError) {
        try writeToFile { (connection) throws(SQLiteError) in
            try connection.query("INSERT OR REPLACE INTO alive VALUES (1, ?1)", [.integer(time)])
        }
    }

    /// When the process before was seen to live last, milliseconds since 1970; `nil` if there was none.
    public func lastAlive() throws(SQLiteError) -> Int64? {
        try read { (connection) throws(SQLiteError) in
            var time: Int64?
            // An entry of the journal tells it, too, and may be younger.
            try connection.query(
                "SELECT max(coalesce((SELECT max(time) FROM alive), 0), coalesce((SELECT max(time) FROM journal), 0))"
            ) { time = $0.integer(0) == 0 ? nil : $0.integer(0) }
            return time
        }
    }
}

import SQLite

/// The tables of alerts: they go from a file into memory when the file fails, and back when it works again.
enum AlertTables {
    /// How many entries of the journal are copied, the newest.
    private static let entries: Int64 = 10_000

    /// Copies as much as can be read.
    static func copy(from file: Connection, to memory: Connection) {
        // What cannot be read or is refused is missing then: the alerts of the next evaluations fill the gap.
        try? memory.transaction { () throws(SQLiteError) in
            try rows(
                of: file,
                "SELECT * FROM journal WHERE id > (SELECT max(id) FROM journal) - ?1 ORDER BY id",
                [.integer(entries)],
                into: memory,
                "INSERT OR IGNORE INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            )
            try rows(
                of: file,
                "SELECT * FROM journal WHERE id IN (SELECT entry FROM active_alert)",
                into: memory,
                "INSERT OR IGNORE INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            )
            try copyCurrent(from: file, to: memory)
        }
    }

    /// Puts what memory has in the place of what the file has, but for old entries of the journal, which only the file
    /// has.
    static func replace(in file: Connection, by memory: Connection) throws(SQLiteError) {
        let emptied: [StaticString] = [
            "DELETE FROM active_alert", "DELETE FROM silence", "DELETE FROM notice", "DELETE FROM delivery",
        ]
        for statement in emptied { try file.query(statement) }
        try rows(
            of: memory,
            "SELECT * FROM journal ORDER BY id",
            into: file,
            "INSERT OR REPLACE INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        )
        try copyCurrent(from: memory, to: file)
    }

    /// What is so now: active alerts, silences, notices and messages that wait.
    private static func copyCurrent(from source: Connection, to target: Connection) throws(SQLiteError) {
        try rows(
            of: source,
            "SELECT * FROM active_alert",
            into: target,
            "INSERT OR IGNORE INTO active_alert VALUES (?1, ?2, ?3, ?4)"
        )
        try rows(
            of: source,
            "SELECT * FROM silence",
            into: target,
            "INSERT OR IGNORE INTO silence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        )
        try rows(
            of: source,
            "SELECT * FROM notice",
            into: target,
            "INSERT OR IGNORE INTO notice VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        )
        try rows(
            of: source,
            "SELECT * FROM delivery",
            into: target,
            "INSERT OR IGNORE INTO delivery VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        )
        try rows(
            of: source,
            "SELECT * FROM delivery_alert",
            into: target,
            "INSERT OR IGNORE INTO delivery_alert VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        )
    }

    private static func rows(
        of file: Connection,
        _ select: StaticString,
        _ values: [SQLiteValue] = [],
        into memory: Connection,
        _ insert: StaticString
    ) throws(SQLiteError) {
        var copied: [[SQLiteValue]] = []
        try file.query(select, values) { row in copied.append(row.values) }
        for values in copied { try memory.query(insert, values) }
    }
}

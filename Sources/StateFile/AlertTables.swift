import SQLite

/// The tables of alerts, as far as they go from a file into memory when the file fails.
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
            try rows(
                of: file,
                "SELECT * FROM active_alert",
                into: memory,
                "INSERT OR IGNORE INTO active_alert VALUES (?1, ?2, ?3, ?4)"
            )
            try rows(
                of: file,
                "SELECT * FROM silence",
                into: memory,
                "INSERT OR IGNORE INTO silence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            )
            try rows(
                of: file,
                "SELECT * FROM notice",
                into: memory,
                "INSERT OR IGNORE INTO notice VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            )
            try rows(
                of: file,
                "SELECT * FROM delivery",
                into: memory,
                "INSERT OR IGNORE INTO delivery VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            )
            try rows(
                of: file,
                "SELECT * FROM delivery_alert",
                into: memory,
                "INSERT OR IGNORE INTO delivery_alert VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            )
        }
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

import SQLite

/// The tables of the state file and their version.
///
/// The version stands in `PRAGMA user_version`. To change the tables: raise `version`, change `tables`, and add to
/// `prepare` what brings a file of the version before up to date.
enum Schema {
    static let version: Int64 = 1
    /// "RSTR": tells the file from databases of other programs.
    static let applicationID: Int64 = 0x5253_5452

    /// What a file turns out to be.
    enum Finding {
        case ready
        case foreign
        case newer(Int64)
        /// What SQLite says about the damage.
        case damaged(String)
    }

    /// Makes the tables in an empty file, or sees whether they are those that this program knows.
    static func prepare(_ connection: Connection) throws(SQLiteError) -> Finding {
        // A write, so that the lock of an exclusive connection is held from here on.
        try connection.transaction { () throws(SQLiteError) in
            let (application, version) = (
                try number(connection, "PRAGMA application_id"), try number(connection, "PRAGMA user_version")
            )
            if try number(connection, "SELECT count(*) FROM sqlite_schema") == 0, version == 0 {
                try connection.execute(tables)
                return .ready
            }
            guard application == applicationID else { return .foreign }
            if version > Self.version { return .newer(version) }
            // The alerts' tables only: they are small, while the history has checksums of its own.
            for check: StaticString in ["PRAGMA quick_check(journal)", "PRAGMA quick_check(active_alert)"] {
                var answer = ""
                try connection.query(check) { if answer.isEmpty { answer = $0.text(0) } }
                guard answer == "ok" else { return .damaged(answer) }
            }
            return .ready
        }
    }

    private static func number(_ connection: Connection, _ statement: StaticString) throws(SQLiteError) -> Int64 {
        var result: Int64 = 0
        try connection.query(statement) { result = $0.integer(0) }
        return result
    }

    // `alive` has one row: when the process was seen to live last. A snapshot of the history is complete when it has a
    // row in `history`. Labels are bytes, as `AlertJournal` writes them. Times are milliseconds since 1970.
    private static let tables: StaticString = """
        CREATE TABLE alive (id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL);
        CREATE TABLE history (generation INTEGER PRIMARY KEY, time INTEGER NOT NULL, pieces INTEGER NOT NULL);
        CREATE TABLE history_piece (
            generation INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY (generation, number)
        );
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, alert TEXT NOT NULL,
            labels BLOB NOT NULL, annotations BLOB NOT NULL, value REAL, active_at INTEGER NOT NULL,
            fired_at INTEGER, resolved_at INTEGER, rule_group TEXT NOT NULL, rule_file TEXT NOT NULL
        );
        CREATE INDEX journal_by_time ON journal (time);
        CREATE INDEX journal_by_alert ON journal (alert, time);
        CREATE TABLE active_alert (
            labels BLOB PRIMARY KEY, entry INTEGER NOT NULL REFERENCES journal (id), is_firing INTEGER NOT NULL,
            active_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX active_alert_by_entry ON active_alert (entry);
        PRAGMA application_id = 0x52535452;
        PRAGMA user_version = 1;
        """
}

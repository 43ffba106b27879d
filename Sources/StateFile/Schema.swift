import SQLite

/// The tables of the state file and their version.
///
/// The version stands in `PRAGMA user_version`. To change the tables: raise `version`, change `tables`, and add to
/// `prepare` what brings a file of the version before up to date.
enum Schema {
    static let version: Int64 = 2
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
                try connection.execute(notificationTables)
                return .ready
            }
            guard application == applicationID else { return .foreign }
            if version > Self.version { return .newer(version) }
            if version < 2 { try connection.execute(notificationTables) }
            // The alerts' tables only: they are small, while the history has checksums of its own.
            let checks: [StaticString] = [
                "PRAGMA quick_check(journal)", "PRAGMA quick_check(active_alert)", "PRAGMA quick_check(notice)",
                "PRAGMA quick_check(delivery)", "PRAGMA quick_check(delivery_alert)", "PRAGMA quick_check(silence)",
            ]
            for check in checks {
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

    // Since version 2. `notice` is what receivers know of groups of alerts, its alerts' labels as one run of bytes.
    // A row of `delivery` is a message that has not arrived for certain; `is_sent` is 1 from the moment at which it may
    // have gone out to the moment at which it is known that it has to be sent again.
    private static let notificationTables: StaticString = """
        CREATE TABLE silence (
            id TEXT PRIMARY KEY, matchers TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL, created_by TEXT NOT NULL, comment TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE notice (
            route TEXT NOT NULL, endpoint TEXT NOT NULL, labels BLOB NOT NULL, time INTEGER NOT NULL,
            firing BLOB NOT NULL, resolved BLOB NOT NULL, PRIMARY KEY (route, endpoint, labels)
        );
        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, group_key TEXT NOT NULL,
            group_labels BLOB NOT NULL, created_at INTEGER NOT NULL, is_sent INTEGER NOT NULL
        );
        CREATE TABLE delivery_alert (
            delivery INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE, position INTEGER NOT NULL,
            alert BLOB NOT NULL, labels BLOB NOT NULL, annotations BLOB NOT NULL, value REAL,
            starts_at INTEGER NOT NULL, ends_at INTEGER, generator_url TEXT NOT NULL,
            PRIMARY KEY (delivery, position)
        );
        PRAGMA user_version = 2;
        """
}

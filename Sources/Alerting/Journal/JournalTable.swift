import Metrics
import SQLite

/// The statements of the journal.
struct JournalTable {
    /// How many entries one call of `remove` takes at most: others wait meanwhile.
    private static let removedAtOnce: Int64 = 1000
    /// How many entries a query reads at most in one go while it looks for labels.
    private static let pageSize: Int64 = 500

    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Writes an entry and what the alert is at after it; returns the entry with its number.
    func insert(_ entry: JournalEntry, key: [UInt8]) throws(SQLiteError) -> JournalEntry {
        try connection.query(
            """
            INSERT INTO journal
                (time, kind, alert, labels, annotations, value, active_at, fired_at, resolved_at, rule_group, rule_file)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """,
            [
                .integer(entry.timestampMilliseconds), .text(entry.kind.rawValue),
                .text(entry.labels["alertname"] ?? ""), .blob(key), .blob(entry.annotations.journalBytes),
                .real(entry.value), .integer(entry.activeAt), SQLiteValue(entry.firedAt),
                SQLiteValue(entry.resolvedAt), .text(entry.group), .text(entry.file),
            ]
        )
        let id = connection.lastInsertedRow
        switch entry.kind {
        case .pending, .firing:
            try connection.query(
                "INSERT OR REPLACE INTO active_alert (labels, entry, is_firing, active_at) VALUES (?1, ?2, ?3, ?4)",
                [.blob(key), .integer(id), .integer(entry.kind == .firing ? 1 : 0), .integer(entry.activeAt)]
            )
        case .resolved, .dropped:
            try connection.query("DELETE FROM active_alert WHERE labels = ?1", [.blob(key)])
        }
        return entry.numbered(id)
    }

    func active() throws(SQLiteError) -> [JournaledAlert] {
        var alerts: [JournaledAlert] = []
        try connection.query(
            """
            SELECT active_alert.labels, is_firing, active_alert.active_at, fired_at
            FROM active_alert LEFT JOIN journal ON journal.id = entry ORDER BY entry
            """
        ) { row in
            alerts.append(JournaledAlert(row))
        }
        return alerts
    }

    func active(_ key: [UInt8]) throws(SQLiteError) -> JournaledAlert? {
        var alert: JournaledAlert?
        try connection.query(
            """
            SELECT active_alert.labels, is_firing, active_alert.active_at, fired_at
            FROM active_alert LEFT JOIN journal ON journal.id = entry WHERE active_alert.labels = ?1
            """,
            [.blob(key)]
        ) { alert = JournaledAlert($0) }
        return alert
    }

    func lastEntriesOfActive() throws(SQLiteError) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        try connection.query("SELECT * FROM journal WHERE id IN (SELECT entry FROM active_alert) ORDER BY id") { row in
            if let entry = JournalEntry(row) { entries.append(entry) }
        }
        return entries
    }

    /// The alerts that have ended since a time and have not come back.
    func resolved(since: Int64) throws(SQLiteError) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        try connection.query(
            """
            SELECT * FROM journal WHERE time >= ?1 AND kind = 'resolved'
                AND labels NOT IN (SELECT labels FROM active_alert) ORDER BY id DESC
            """,
            [.integer(since)]
        ) { row in
            if let entry = JournalEntry(row) { entries.append(entry) }
        }
        return entries
    }

    /// The last entry of an alert.
    func last(_ key: [UInt8]) throws(SQLiteError) -> JournalEntry? {
        var entry: JournalEntry?
        try connection.query(
            "SELECT * FROM journal WHERE alert = ?1 AND labels = ?2 ORDER BY id DESC LIMIT 1",
            [.text(Labels(journalBytes: key)["alertname"] ?? ""), .blob(key)]
        ) { entry = JournalEntry($0) }
        return entry
    }

    /// Labels and kinds are compared here, page by page: they are bytes in the table.
    func entries(_ query: JournalQuery) throws(SQLiteError) -> [JournalEntry] {
        var found: [JournalEntry] = []
        var before = query.before ?? .max
        while found.count < query.limit {
            var read: Int64 = 0
            try connection.query(
                """
                SELECT * FROM journal
                WHERE id < ?1 AND time >= ?2 AND time <= ?3 AND (?4 IS NULL OR alert = ?4) ORDER BY id DESC LIMIT ?5
                """,
                [
                    .integer(before), .integer(query.from ?? .min), .integer(query.through ?? .max),
                    query.alert.map { .text($0) } ?? .null, .integer(Self.pageSize),
                ]
            ) { row in
                read += 1
                before = row.integer(0)
                if let entry = JournalEntry(row), query.matches(entry) { found.append(entry) }
            }
            if read < Self.pageSize { break }
        }
        return Array(found.prefix(max(0, query.limit)))
    }

    /// Removes some of what is too old or too many; whether there is more.
    func remove(before cutoff: Int64, keeping entries: Int64) throws(SQLiteError) -> Bool {
        try connection.query(
            """
            DELETE FROM journal WHERE id IN (
                SELECT id FROM journal
                WHERE (time < ?1 OR id <= (SELECT max(id) FROM journal) - ?2)
                    AND id NOT IN (SELECT entry FROM active_alert)
                ORDER BY id LIMIT ?3)
            """,
            [.integer(cutoff), .integer(entries), .integer(Self.removedAtOnce)]
        )
        return connection.changedRows == Int(Self.removedAtOnce)
    }
}

extension JournalQuery {
    fileprivate func matches(_ entry: JournalEntry) -> Bool {
        (kinds.isEmpty || kinds.contains(entry.kind))
            && labels.allSatisfy { (entry.labels[$0.name] ?? "") == $0.value }
    }
}

extension SQLiteValue {
    fileprivate init(_ number: Int64?) {
        self = number.map { .integer($0) } ?? .null
    }
}

extension JournaledAlert {
    /// The columns `labels, is_firing, active_at, fired_at`.
    fileprivate init(_ row: borrowing Row) {
        labels = Labels(journalBytes: row.blob(0))
        isFiring = row.integer(1) != 0
        activeAt = row.integer(2)
        firedAt = row.isNull(3) ? nil : row.integer(3)
    }
}

extension JournalEntry {
    /// All columns of the table; `nil` for a kind of a later version.
    fileprivate init?(_ row: borrowing Row) {
        guard let kind = AlertChange.Kind(rawValue: row.text(2)) else { return nil }
        self.init(
            id: row.integer(0),
            timestampMilliseconds: row.integer(1),
            kind: kind,
            labels: Labels(journalBytes: row.blob(4)),
            annotations: Labels(journalBytes: row.blob(5)),
            value: row.isNull(6) ? .nan : row.real(6),
            activeAt: row.integer(7),
            firedAt: row.isNull(8) ? nil : row.integer(8),
            resolvedAt: row.isNull(9) ? nil : row.integer(9),
            group: row.text(10),
            file: row.text(11)
        )
    }

    fileprivate func numbered(_ id: Int64) -> JournalEntry {
        JournalEntry(
            id: id,
            timestampMilliseconds: timestampMilliseconds,
            kind: kind,
            labels: labels,
            annotations: annotations,
            value: value,
            activeAt: activeAt,
            firedAt: firedAt,
            resolvedAt: resolvedAt,
            group: group,
            file: file
        )
    }
}

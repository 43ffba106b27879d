import Metrics
import PromQL
import SQLite

/// The statements of notices, deliveries and silences.
struct NotificationTables {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    func notices() throws(SQLiteError) -> [AlertGroupKey: GroupNotice] {
        var notices: [AlertGroupKey: GroupNotice] = [:]
        try connection.query("SELECT route, endpoint, labels, time, firing, resolved FROM notice") { row in
            let key = AlertGroupKey(
                route: row.text(0),
                endpoint: row.text(1),
                labels: Labels(journalBytes: row.blob(2))
            )
            notices[key] = GroupNotice(
                time: row.integer(3),
                firing: LabelSets.read(row.blob(4)),
                resolved: LabelSets.read(row.blob(5))
            )
        }
        return notices
    }

    func set(_ notice: GroupNotice, of group: AlertGroupKey) throws(SQLiteError) {
        try connection.query(
            "INSERT OR REPLACE INTO notice VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            [
                .text(group.route), .text(group.endpoint), .blob(group.labels.journalBytes), .integer(notice.time),
                .blob(LabelSets.bytes(notice.firing)), .blob(LabelSets.bytes(notice.resolved)),
            ]
        )
    }

    func removeNotice(of group: AlertGroupKey) throws(SQLiteError) {
        try connection.query(
            "DELETE FROM notice WHERE route = ?1 AND endpoint = ?2 AND labels = ?3",
            [.text(group.route), .text(group.endpoint), .blob(group.labels.journalBytes)]
        )
    }

    func insert(
        _ alerts: ArraySlice<NotifiedAlert>,
        of group: AlertGroupKey,
        now: Int64
    ) throws(SQLiteError) -> DeliveryQueue.Item {
        try connection.query(
            """
            INSERT INTO delivery (endpoint, group_key, group_labels, created_at, is_sent) VALUES (?1, ?2, ?3, ?4, 0)
            """,
            [.text(group.endpoint), .text(group.text), .blob(group.labels.journalBytes), .integer(now)]
        )
        let id = connection.lastInsertedRow
        for (position, alert) in alerts.enumerated() {
            try connection.query(
                "INSERT INTO delivery_alert VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                [
                    .integer(id), .integer(Int64(position)), .blob(alert.key.journalBytes),
                    .blob(alert.labels.journalBytes), .blob(alert.annotations.journalBytes), .real(alert.value),
                    .integer(alert.startsAt), alert.endsAt.map { .integer($0) } ?? .null, .text(alert.generatorURL),
                ]
            )
        }
        return DeliveryQueue.Item(id: id, group: group.text, createdAt: now)
    }

    func deliveries() throws(SQLiteError) -> [(endpoint: String, item: DeliveryQueue.Item, isSent: Bool)] {
        var rows: [(endpoint: String, item: DeliveryQueue.Item, isSent: Bool)] = []
        try connection.query("SELECT id, endpoint, group_key, created_at, is_sent FROM delivery ORDER BY id") { row in
            let item = DeliveryQueue.Item(id: row.integer(0), group: row.text(2), createdAt: row.integer(3))
            rows.append((row.text(1), item, row.integer(4) != 0))
        }
        return rows
    }

    func message(_ id: Int64, receiver: String) throws(SQLiteError) -> NotificationMessage? {
        var alerts: [NotifiedAlert] = []
        try connection.query(
            """
            SELECT alert, labels, annotations, value, starts_at, ends_at, generator_url FROM delivery_alert
            WHERE delivery = ?1 ORDER BY position
            """,
            [.integer(id)]
        ) { row in
            let alert = NotifiedAlert(
                key: Labels(journalBytes: row.blob(0)),
                labels: Labels(journalBytes: row.blob(1)),
                annotations: Labels(journalBytes: row.blob(2)),
                value: row.isNull(3) ? .nan : row.real(3),
                startsAt: row.integer(4),
                endsAt: row.isNull(5) ? nil : row.integer(5),
                generatorURL: row.text(6)
            )
            alerts.append(alert)
        }
        var message: NotificationMessage?
        try connection.query(
            "SELECT group_key, group_labels, created_at FROM delivery WHERE id = ?1",
            [.integer(id)]
        ) { row in
            message = NotificationMessage(
                id: id,
                receiver: receiver,
                groupKey: row.text(0),
                groupLabels: Labels(journalBytes: row.blob(1)),
                alerts: alerts,
                createdAt: row.integer(2)
            )
        }
        return message
    }

    func mark(_ id: Int64, isSent: Bool) throws(SQLiteError) {
        try connection.query(
            "UPDATE delivery SET is_sent = ?2 WHERE id = ?1",
            [.integer(id), .integer(isSent ? 1 : 0)]
        )
    }

    func removeDelivery(_ id: Int64) throws(SQLiteError) {
        try connection.query("DELETE FROM delivery WHERE id = ?1", [.integer(id)])
    }

    func silences() throws(SQLiteError) -> [Silence] {
        var silences: [Silence] = []
        try connection.query("SELECT * FROM silence") { row in
            // What cannot be read any more holds nothing back.
            guard let matchers = try? MatcherText.parse(row.text(1)) else { return }
            let silence = Silence(
                id: row.text(0),
                matchers: matchers,
                startsAt: row.integer(2),
                endsAt: row.integer(3),
                updatedAt: row.integer(4),
                createdBy: row.text(5),
                comment: row.text(6)
            )
            silences.append(silence)
        }
        return silences
    }

    func set(_ silence: Silence) throws(SQLiteError) {
        try connection.query(
            "INSERT OR REPLACE INTO silence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            [
                .text(silence.id), .text(silence.matchers.map(\.description).joined(separator: ",")),
                .integer(silence.startsAt), .integer(silence.endsAt), .integer(silence.updatedAt),
                .text(silence.createdBy), .text(silence.comment),
            ]
        )
    }

    func removeSilence(_ id: String) throws(SQLiteError) {
        try connection.query("DELETE FROM silence WHERE id = ?1", [.text(id)])
    }
}

/// Sets of labels as bytes: each as the journal writes labels, with its length before it.
private enum LabelSets {
    static func bytes(_ sets: Set<Labels>) -> [UInt8] {
        // The lengths stand in the same form as those of texts: one label set is one long text.
        var bytes: [UInt8] = []
        for labels in sets.sorted() {
            let one = labels.journalBytes
            let size = UInt32(truncatingIfNeeded: one.count)
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
            bytes += one
        }
        return bytes
    }

    static func read(_ bytes: [UInt8]) -> Set<Labels> {
        var sets: Set<Labels> = []
        var rest = bytes[...]
        while rest.count >= 4 {
            let size = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard size <= rest.count else { break }
            sets.insert(Labels(journalBytes: Array(rest.prefix(size))))
            rest = rest.dropFirst(size)
        }
        return sets
    }
}

import Metrics
import PromQL
import SQLite
public import StateFile

/// What of notifications outlives the process: what receivers know, the messages on their way, and the silences.
///
/// All methods block for as long as the disk takes.
public struct NotificationStore: Sendable {
    /// What an earlier process has left.
    struct Restored: Sendable {
        var notices: [AlertGroupKey: GroupNotice] = [:]
        /// The messages on their way; one that `isSent` may have arrived.
        var deliveries: [(endpoint: String, item: DeliveryQueue.Item, isSent: Bool)] = []
        var silences: [Silence] = []
        /// The last entry of each alert that fires, that has ended lately, or whose end a receiver has not heard of.
        var alerts: [JournalEntry] = []
    }

    private let file: StateFile

    /// Makes the store of a state file.
    public init(_ file: StateFile) {
        self.file = file
    }

    /// Reads everything; alerts that have ended before `since` are left out unless a receiver waits for their end.
    func restore(since: Int64) throws(SQLiteError) -> Restored {
        try file.read { (connection) throws(SQLiteError) in
            let table = NotificationTables(connection)
            let journal = JournalTable(connection)
            var restored = Restored()
            restored.notices = try table.notices()
            restored.silences = try table.silences()
            restored.deliveries = try table.deliveries()
            var known = Set<Labels>()
            let firing = try journal.lastEntriesOfActive().filter { $0.kind == .firing }
            for entry in try firing + journal.resolved(since: since) where known.insert(entry.labels).inserted {
                restored.alerts.append(entry)
            }
            for labels in restored.notices.values.flatMap(\.firing) where known.insert(labels).inserted {
                if let entry = try journal.last(labels.journalBytes), entry.kind == .resolved {
                    restored.alerts.append(entry)
                }
            }
            return restored
        }
    }

    /// Writes down what is to be sent and what receivers know then, all or nothing; returns the messages as they are
    /// numbered.
    func save(
        _ outcome: Dispatcher.Outcome,
        batchSize: Int,
        now: Int64
    ) throws(SQLiteError) -> [(endpoint: String, item: DeliveryQueue.Item)] {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            let table = NotificationTables(connection)
            var items: [(endpoint: String, item: DeliveryQueue.Item)] = []
            for message in outcome.messages {
                for start in stride(from: 0, to: message.alerts.count, by: batchSize) {
                    let alerts = message.alerts[start..<min(start + batchSize, message.alerts.count)]
                    items.append((message.group.endpoint, try table.insert(alerts, of: message.group, now: now)))
                }
                try table.set(message.notice, of: message.group)
            }
            for group in outcome.ended { try table.removeNotice(of: group) }
            return items
        }
    }

    /// Forgets what receivers know of groups.
    func forget(_ groups: [AlertGroupKey], now: Int64) throws(SQLiteError) {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            for group in groups { try NotificationTables(connection).removeNotice(of: group) }
        }
    }

    /// The message with a number; `nil` if there is none any more.
    func message(_ id: Int64, receiver: String) throws(SQLiteError) -> NotificationMessage? {
        try file.read { (connection) throws(SQLiteError) in
            try NotificationTables(connection).message(id, receiver: receiver)
        }
    }

    /// Notes whether a message may have gone out.
    func mark(_ id: Int64, isSent: Bool, now: Int64) throws(SQLiteError) {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            try NotificationTables(connection).mark(id, isSent: isSent)
        }
    }

    /// Forgets messages that have arrived or were given up.
    func remove(_ ids: [Int64], now: Int64) throws(SQLiteError) {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            for id in ids { try NotificationTables(connection).removeDelivery(id) }
        }
    }

    func set(_ silence: Silence, now: Int64) throws(SQLiteError) {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            try NotificationTables(connection).set(silence)
        }
    }

    func removeSilences(_ ids: [String], now: Int64) throws(SQLiteError) {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            for id in ids { try NotificationTables(connection).removeSilence(id) }
        }
    }
}

public import Metrics
public import SQLite
public import StateFile

/// The record of what happened to alerts, in the state file.
///
/// Whatever is to be told of an alert is written here first. The journal knows which alerts are pending or firing also
/// when the process does not any more, and so tells news from what a new process finds again.
///
/// All methods block for as long as the disk takes.
public struct AlertJournal: Sendable {
    private let file: StateFile

    /// Makes the journal of a state file.
    public init(_ file: StateFile) {
        self.file = file
    }

    /// Writes changes down and returns those that are news, as they were written; no others may be sent.
    ///
    /// An alert that becomes pending or begins to fire and is known to do so is no news: a process before wrote that
    /// down. When one is dropped of which it is known that it fires, it is resolved.
    /// - Throws: `SQLiteError` when not even memory can be written; nothing is written then.
    public func record(
        _ changes: [AlertChange],
        of group: RuleGroup
    ) throws(SQLiteError) -> [JournalEntry] {
        guard let now = changes.map(\.timestampMilliseconds).max() else { return [] }
        let (name, path) = (group.name, group.file)
        return try file.write(now: now) { (connection) throws(SQLiteError) in
            let table = JournalTable(connection)
            var entries: [JournalEntry] = []
            for change in changes {
                let key = change.alert.labels.journalBytes
                guard let kind = Self.news(change.kind, known: try table.active(key)) else { continue }
                let entry = JournalEntry(kind, change, group: name, file: path)
                entries.append(try table.insert(entry, key: key))
            }
            return entries
        }
    }

    /// What a change is, given what is known of the alert; `nil` if it is no news.
    private static func news(_ kind: AlertChange.Kind, known: JournaledAlert?) -> AlertChange.Kind? {
        guard let known else { return kind }
        switch kind {
        case .pending: return nil
        case .firing: return known.isFiring ? nil : .firing
        case .resolved: return .resolved
        case .dropped: return known.isFiring ? .resolved : .dropped
        }
    }

    /// Ends the alerts that a process before has left and that are not there any more; returns the entries.
    ///
    /// To be called once, when all groups have been evaluated often enough for the alerts of now to be known.
    /// - Parameters:
    ///   - active: Gives the labels of the alerts of now, as `AlertingService` has published them. Asked while nothing
    ///     can be recorded, so that an alert that comes back at this moment is either among them or is news later.
    ///   - now: The time in milliseconds since 1970.
    /// - Throws: `SQLiteError` when not even memory can be written; nothing is written then.
    public func endAlerts(
        notIn active: @Sendable () -> Set<Labels>,
        at now: Int64
    ) throws(SQLiteError) -> [JournalEntry] {
        try file.write(now: now) { (connection) throws(SQLiteError) in
            let table = JournalTable(connection)
            let present = active()
            var entries: [JournalEntry] = []
            for last in try table.lastEntriesOfActive() where !present.contains(last.labels) {
                let kind: AlertChange.Kind = last.kind == .firing ? .resolved : .dropped
                entries.append(try table.insert(last.ended(kind, at: now), key: last.labels.journalBytes))
            }
            return entries
        }
    }

    /// The alerts that are pending or firing, as of the last entry.
    /// - Throws: `SQLiteError` when the file cannot be read.
    public func activeAlerts() throws(SQLiteError) -> [JournaledAlert] {
        try file.read { (connection) throws(SQLiteError) in try JournalTable(connection).active() }
    }

    /// The entries that a query asks for, the newest first.
    /// - Throws: `SQLiteError` when the file cannot be read.
    public func entries(_ query: JournalQuery = JournalQuery()) throws(SQLiteError) -> [JournalEntry] {
        try file.read { (connection) throws(SQLiteError) in try JournalTable(connection).entries(query) }
    }

    /// Removes the entries that are too old or too many, a few at a time; whether there are more to remove.
    ///
    /// `now` is in milliseconds since 1970.
    /// - Throws: `SQLiteError` when not even memory can be written.
    public func removeExpired(
        _ retention: JournalRetention = JournalRetention(),
        now: Int64
    ) throws(SQLiteError) -> Bool {
        let (cutoff, overflow) = now.subtractingReportingOverflow(retention.milliseconds)
        return try file.write(now: now) { (connection) throws(SQLiteError) in
            try JournalTable(connection).remove(before: overflow ? .min : cutoff, keeping: retention.entries)
        }
    }
}

extension JournalEntry {
    fileprivate init(_ kind: AlertChange.Kind, _ change: AlertChange, group: String, file: String) {
        let alert = change.alert
        id = 0
        timestampMilliseconds = change.timestampMilliseconds
        self.kind = kind
        labels = alert.labels
        annotations = alert.annotations
        value = alert.value
        activeAt = alert.activeAt
        firedAt = alert.firedAt
        resolvedAt = alert.resolvedAt
        self.group = group
        self.file = file
    }

    fileprivate func ended(_ kind: AlertChange.Kind, at time: Int64) -> JournalEntry {
        JournalEntry(
            id: 0,
            timestampMilliseconds: time,
            kind: kind,
            labels: labels,
            annotations: annotations,
            value: value,
            activeAt: activeAt,
            firedAt: firedAt,
            resolvedAt: time,
            group: group,
            file: file
        )
    }
}

public import Metrics

/// One line of the journal: something that happened to an alert.
///
/// Times are milliseconds since 1970.
public struct JournalEntry: Sendable, Equatable, Identifiable {
    /// The number of the entry; later ones are larger.
    public let id: Int64
    /// When it happened.
    public let timestampMilliseconds: Int64
    /// What happened.
    public let kind: AlertChange.Kind
    /// The labels, `alertname` among them.
    public let labels: Labels
    /// The annotations.
    public let annotations: Labels
    /// The value; NaN where it was any NaN.
    public let value: Double
    /// Since when the expression held.
    public let activeAt: Int64
    /// When the alert began to fire.
    public let firedAt: Int64?
    /// When it ended.
    public let resolvedAt: Int64?
    /// The group of the rule.
    public let group: String
    /// The file of the rule.
    public let file: String
}

/// Which entries of the journal to give, the newest first.
public struct JournalQuery: Sendable {
    /// The name of the alert.
    public var alert: String?
    /// Labels that the alert has with exactly these values.
    public var labels: [(name: String, value: String)] = []
    /// What happened; empty for anything.
    public var kinds: Set<AlertChange.Kind> = []
    /// The earliest time, milliseconds since 1970.
    public var from: Int64?
    /// The latest time, milliseconds since 1970.
    public var through: Int64?
    /// Only entries older than the one with this number: the next page.
    public var before: Int64?
    /// How many entries at most.
    public var limit: Int

    /// Makes a query for everything.
    public init(limit: Int = 100) {
        self.limit = limit
    }
}

/// An alert that the journal knows to be pending or firing.
public struct JournaledAlert: Sendable, Equatable {
    /// The labels, `alertname` among them.
    public let labels: Labels
    /// Whether it fires; else it is pending.
    public let isFiring: Bool
    /// Since when the expression holds, milliseconds since 1970.
    public let activeAt: Int64
    /// When it began to fire.
    public let firedAt: Int64?
}

/// How long the journal is kept.
///
/// The entries of alerts that are pending or firing stay in any case.
public struct JournalRetention: Sendable {
    /// The age at which an entry goes.
    public var milliseconds: Int64
    /// How many entries are kept.
    public var entries: Int64

    /// Makes a retention; by default 30 days and 100,000 entries.
    public init(milliseconds: Int64 = 30 * 86_400_000, entries: Int64 = 100_000) {
        self.milliseconds = milliseconds
        self.entries = entries
    }
}

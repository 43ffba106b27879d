public import Metrics
public import PromQL

/// For a while, alerts that match are not told.
///
/// Times are milliseconds since 1970.
public struct Silence: Sendable, Equatable, Identifiable {
    /// What a silence is at.
    public enum State: String, Sendable {
        /// It has not begun.
        case pending
        /// It holds alerts back.
        case active
        /// It is over.
        case expired
    }

    /// The name by which it is found.
    public let id: String
    /// What the labels of the alerts are; all must be met.
    public let matchers: [LabelMatcher]
    /// When it begins.
    public let startsAt: Int64
    /// When it ends.
    public let endsAt: Int64
    /// When it was made or changed last.
    public let updatedAt: Int64
    /// Who made it.
    public let createdBy: String
    /// Why.
    public let comment: String

    /// Makes a silence.
    public init(
        id: String,
        matchers: [LabelMatcher],
        startsAt: Int64,
        endsAt: Int64,
        updatedAt: Int64,
        createdBy: String,
        comment: String
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.updatedAt = updatedAt
        self.createdBy = createdBy
        self.comment = comment
    }

    /// What it is at.
    public func state(at now: Int64) -> State {
        if now >= endsAt { return .expired }
        return now < startsAt ? .pending : .active
    }

    /// Whether it is about an alert with these labels.
    public func isAbout(_ labels: Labels) -> Bool {
        matchers.match(labels)
    }

    /// Why it cannot be: `nil` if it can.
    public func problem(at now: Int64) -> String? {
        if matchers.isEmpty { return "a silence needs at least one matcher" }
        if matchers.allSatisfy(\.matchesEmpty) { return "at least one matcher must not match the empty text" }
        if endsAt <= startsAt { return "endsAt must be after startsAt" }
        if endsAt <= now { return "endsAt must not be in the past" }
        if matchers.count > Self.matcherLimit { return "a silence has at most \(Self.matcherLimit) matchers" }
        if comment.utf8.count > Self.textLimit || createdBy.utf8.count > Self.textLimit {
            return "comment and createdBy have at most \(Self.textLimit) bytes"
        }
        return nil
    }

    private static let matcherLimit = 100
    private static let textLimit = 4096

    /// The same silence, over at a time.
    func ended(at time: Int64) -> Silence {
        Silence(
            id: id,
            matchers: matchers,
            startsAt: min(startsAt, time),
            endsAt: time,
            updatedAt: time,
            createdBy: createdBy,
            comment: comment
        )
    }
}

/// The silences that there are, those that are over for a while longer.
struct SilenceBook: Sendable {
    /// As long as Alertmanager keeps them: five days.
    static let retentionMilliseconds: Int64 = 5 * 86_400_000
    /// The most silences that are kept: each is looked at for each alert.
    static let limit = 1000

    private(set) var silences: [String: Silence] = [:]

    init(_ silences: [Silence] = []) {
        self.silences = Dictionary(silences.map { ($0.id, $0) }) { $1 }
    }

    /// Whether one that is active holds back what has these labels.
    func silence(_ labels: Labels, at now: Int64) -> Bool {
        silences.values.contains { $0.state(at: now) == .active && $0.matchers.match(labels) }
    }

    mutating func set(_ silence: Silence) {
        silences[silence.id] = silence
    }

    /// Forgets those that have been over for long; returns their names.
    mutating func removeExpired(at now: Int64) -> [String] {
        let gone = silences.values.filter { $0.endsAt + Self.retentionMilliseconds < now }.map(\.id)
        for id in gone { silences[id] = nil }
        return gone
    }
}

public import Metrics
import PromQL

/// What a rule's last evaluation came to.
public struct RuleHealth: Sendable {
    /// Whether it worked.
    public enum Status: String, Sendable {
        /// Not evaluated yet.
        case unknown
        /// The last evaluation worked.
        case ok
        /// The last evaluation failed.
        case err
    }

    /// Whether it worked.
    public internal(set) var status = Status.unknown
    /// Why it failed; empty where it did not.
    public internal(set) var lastError = ""
    /// When it was evaluated last, milliseconds since 1970.
    public internal(set) var lastEvaluation: Int64?
    /// How long that took.
    public internal(set) var duration = Duration.zero
    /// How often it was evaluated.
    public internal(set) var evaluations = 0
    /// How often that failed.
    public internal(set) var failures = 0

    mutating func note(_ error: String?, at now: Int64, duration: Duration) {
        status = error == nil ? .ok : .err
        lastError = error ?? ""
        lastEvaluation = now
        self.duration = duration
        evaluations += 1
        if error != nil { failures += 1 }
    }
}

/// One rule and everything that lives with it.
public struct RuleEvaluation: Sendable {
    /// The settings.
    public let rule: Rule
    /// How the last evaluation went.
    public internal(set) var health = RuleHealth()
    var machine = AlertStateMachine()
    /// Whether the `for` clocks of the process before are known; until then nothing is written over them.
    var isRestored = true
    /// Until when, at least, alerts of the process before may be found again.
    var remembersUntil: Int64 = 0
    /// Until when alerts of other processes may be found.
    var carriesUntil: Int64 = 0
    /// The series of the last evaluation that worked.
    var series: Set<Labels> = []

    /// The pending and firing alerts, sorted by labels.
    public var activeAlerts: [Alert] {
        machine.active
    }

    /// What the whole rule is at: the highest state of its alerts.
    public var state: AlertState {
        let alerts = machine.active
        if alerts.contains(where: { $0.state == .firing }) { return .firing }
        return alerts.isEmpty ? .inactive : .pending
    }

    init(_ rule: Rule) {
        self.rule = rule
    }
}

/// What one rule gave in one evaluation.
public struct RuleResult: Sendable {
    /// The place of the rule in its group.
    public let ruleIndex: Int
    /// The time of the samples: that of the evaluation less the query offset, milliseconds since 1970.
    public let timestampMilliseconds: Int64
    /// The recorded series, or `ALERTS` and `ALERTS_FOR_STATE`.
    public internal(set) var samples: [(labels: Labels, value: Double)] = []
    /// The series of the evaluation before that are not there any more.
    public internal(set) var stale: [Labels] = []
    /// What happened to alerts.
    public internal(set) var changes: [AlertChange] = []
    /// Why there is no result; nothing is stored then, and no series ends.
    public internal(set) var error: String?
}

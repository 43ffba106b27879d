public import Metrics

/// What an alert is at.
public enum AlertState: String, Sendable {
    /// The expression does not hold any more; kept for a while so that everyone hears of it.
    case inactive
    /// The expression holds, not for long enough yet.
    case pending
    /// The expression has held for as long as the rule asks, or held until a moment ago (`keep_firing_for`).
    case firing
}

/// One alert: an element of the result of an alerting rule.
///
/// Times are milliseconds since 1970.
public struct Alert: Sendable, Equatable {
    /// The labels, `alertname` among them: what tells this alert from others.
    public let labels: Labels
    /// The annotations of the last evaluation in which the expression held.
    public internal(set) var annotations: Labels
    /// The value of that evaluation.
    public internal(set) var value: Double
    /// What it is at.
    public internal(set) var state: AlertState
    /// Since when the expression holds; the `for` clock counts from here.
    public internal(set) var activeAt: Int64
    /// When it began to fire.
    public internal(set) var firedAt: Int64?
    /// Since when it fires only because of `keep_firing_for`.
    public internal(set) var keepFiringSince: Int64?
    /// When it ended.
    public internal(set) var resolvedAt: Int64?
}

/// Something that happened to an alert: what receivers and the journal are told.
public struct AlertChange: Sendable, Equatable {
    /// What happened.
    public enum Kind: String, Sendable {
        /// It became active and waits for its `for`.
        case pending
        /// It began to fire.
        case firing
        /// It fired and does not any more.
        case resolved
        /// It was pending and does not hold any more.
        case dropped
    }

    /// What happened.
    public let kind: Kind
    /// The alert after the change.
    public let alert: Alert
    /// The time of the evaluation, milliseconds since 1970.
    public let timestampMilliseconds: Int64
}

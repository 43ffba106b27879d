public import Metrics

/// `for` clocks that another process has begun, as a store that it writes to tells of them.
///
/// A deployment that moves from one process to another brings its alerts along: one that is found soon after goes on as
/// Prometheus has it after a restart.
public struct CarriedClocks: Sendable {
    /// The clock of one alert.
    public struct Clock: Sendable, Equatable {
        /// Since when the expression holds, milliseconds since 1970.
        public let activeAt: Int64
        /// When that was said last.
        public let saidAt: Int64

        /// A clock.
        public init(activeAt: Int64, saidAt: Int64) {
            self.activeAt = activeAt
            self.saidAt = saidAt
        }
    }

    /// How long an alert may take to be found again: longer than most expressions need to see a node as it is.
    static let patienceMilliseconds: Int64 = 300_000

    /// By the name of the alert, then by its labels.
    let clocks: [String: [Labels: Clock]]
    /// When they were asked for, milliseconds since 1970.
    let askedAt: Int64

    /// Clocks by the labels of the alerts, `alertname` among them.
    public init(_ clocks: [Labels: Clock], askedAt: Int64) {
        var byName: [String: [Labels: Clock]] = [:]
        for (labels, clock) in clocks { byName[labels["alertname"] ?? "", default: [:]][labels] = clock }
        self.clocks = byName
        self.askedAt = askedAt
    }
}

extension CarriedClocks.Clock {
    /// When the clock of an alert that is found again is taken to have begun; `nil` where it begins anew.
    func start(now: Int64, holdMilliseconds: Int64) -> Int64? {
        guard now - saidAt <= RestorationConfiguration().outageToleranceMilliseconds else { return nil }
        let restoration = AlertClocks.restoration(lastAlive: saidAt, now: now)
        return ForClock(activeAt: activeAt, lastSaidAt: saidAt).continued(
            at: now,
            holdMilliseconds: holdMilliseconds,
            gracePeriodMilliseconds: restoration.gracePeriodMilliseconds,
            countsAbsence: restoration.countsAbsence
        )
    }
}

extension RuleGroupEvaluation {
    /// Lets alerts that are found from now on go on as they were elsewhere.
    mutating func carry(_ carried: CarriedClocks) {
        for index in rules.indices where rules[index].rule.alerting != nil {
            rules[index].machine.carried = carried.clocks[rules[index].rule.name] ?? [:]
            rules[index].carriesUntil = carried.askedAt + CarriedClocks.patienceMilliseconds
        }
    }
}

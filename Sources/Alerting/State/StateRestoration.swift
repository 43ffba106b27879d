import Metrics
public import PromQL

/// How the `for` clocks of an earlier process go on.
public struct RestorationConfiguration: Sendable {
    /// How long ago the earlier process may have ended.
    public var outageToleranceMilliseconds: Int64
    /// How long an alert that would fire at once has to hold first.
    public var gracePeriodMilliseconds: Int64

    /// Alerts that go on as they were when a rule finds them again; `nil` where clocks go on by the rules of Prometheus
    /// instead.
    public var remembered: [JournaledAlert]?
    /// Until when, at least, rules may find them again; milliseconds since 1970.
    public var remembersUntil: Int64 = 0

    /// Whether clocks run on while nobody looks, as between two evaluations; else they stand still meanwhile.
    public var countsAbsence: Bool

    /// The defaults of Prometheus: an hour, ten minutes, and clocks that stand still.
    public init(
        outageToleranceMilliseconds: Int64 = 3_600_000,
        gracePeriodMilliseconds: Int64 = 600_000,
        countsAbsence: Bool = false
    ) {
        self.countsAbsence = countsAbsence
        self.outageToleranceMilliseconds = outageToleranceMilliseconds
        self.gracePeriodMilliseconds = gracePeriodMilliseconds
    }
}

extension RuleGroupEvaluation {
    /// Evaluations that a rule needs to find its alerts again.
    ///
    /// A rate has no value before the second poll, and clocks that are restored go on with the third evaluation.
    public static let settleEvaluations = 3

    /// Lets the rules go on with the alerts of the process before, or wait for `restore(from:at:configuration:)`.
    mutating func resume(_ configuration: RestorationConfiguration) {
        guard let remembered = configuration.remembered else {
            for index in rules.indices { rules[index].isRestored = false }
            return
        }
        let byName = Dictionary(grouping: remembered) { $0.labels["alertname"] ?? "" }
        for index in rules.indices where rules[index].rule.alerting != nil {
            let alerts = byName[rules[index].rule.name] ?? []
            rules[index].machine.remembered = Dictionary(alerts.map { ($0.labels, $0) }) { $1 }
            rules[index].remembersUntil = configuration.remembersUntil
        }
    }

    /// Continues the `for` clocks that the `ALERTS_FOR_STATE` series of the source tell of.
    ///
    /// To be called once, after the group's second evaluation: the alerts of now must be known. An alert whose series
    /// ended before the earlier process did starts anew.
    /// - Throws: `QueryError` where the source fails; the rules not yet restored stay so.
    public mutating func restore(
        from source: some SeriesSource,
        at now: Int64,
        configuration: RestorationConfiguration = RestorationConfiguration()
    ) throws(QueryError) {
        for index in rules.indices where !rules[index].isRestored {
            guard let settings = rules[index].rule.alerting else {
                rules[index].isRestored = true
                continue
            }
            var last: [Labels: (timestamp: Int64, value: Double)] = [:]
            let matchers = [
                LabelMatcher(name: Labels.metricNameLabel, equals: "ALERTS_FOR_STATE"),
                LabelMatcher(name: "alertname", equals: rules[index].rule.name),
            ]
            let from = now - configuration.outageToleranceMilliseconds
            try source.forEachSeries(matchers, from: from, through: now) {
                (labels, timestamps, values) throws(QueryError) in
                guard let timestamp = timestamps.last, let value = values.last, !value.isStaleMarker else { return }
                last[labels.withoutMetricName] = (timestamp, value)
            }
            rules[index].machine.restore(
                from: { last[$0] },
                at: now,
                holdMilliseconds: settings.holdMilliseconds,
                gracePeriodMilliseconds: configuration.gracePeriodMilliseconds,
                countsAbsence: configuration.countsAbsence
            )
            rules[index].isRestored = true
        }
    }
}

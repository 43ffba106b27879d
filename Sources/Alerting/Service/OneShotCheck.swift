public import Metrics
public import PromQL
public import TimeSeriesStore
public import YAML

/// Evaluates every rule once over a short history: what `redstart check` does.
public struct OneShotCheck: Sendable {
    /// An alert whose expression holds.
    public struct Finding: Sendable {
        /// The name of the alert.
        public let name: String
        /// All labels, `alertname` among them.
        public let labels: Labels
        /// The annotations.
        public let annotations: Labels
        /// The value.
        public let value: Double
        /// How long the expression would have to hold in a daemon (`for`).
        public let holdMilliseconds: Int64
        /// Where the rule stands.
        public let location: YAMLLocation

        /// The label `severity`, empty where there is none.
        public var severity: String {
            labels["severity"] ?? ""
        }
    }

    /// A rule that could not be evaluated.
    public struct Failure: Sendable {
        /// The name of the rule.
        public let name: String
        /// Why.
        public let reason: String
        /// Where the rule stands.
        public let location: YAMLLocation
    }

    /// The alerts that hold, in the order of the rules.
    public let findings: [Finding]
    /// The rules that could not be evaluated.
    public let failures: [Failure]

    /// Evaluates all rules at a time in milliseconds since 1970.
    ///
    /// Ranges and offsets longer than the window are shortened to it, and no `for` is waited for. What recording rules
    /// give goes into the store, where the rules after them find it; query offsets do not count.
    public init(
        _ groups: [RuleGroup],
        at now: Int64,
        windowMilliseconds: Int64,
        store: TimeSeriesStore,
        engine: QueryEngine = QueryEngine(),
        externals: TemplateExternals = TemplateExternals()
    ) {
        var findings: [Finding] = []
        var failures: [Failure] = []
        for group in groups {
            let shortened = group.evaluatedOnce(windowMilliseconds: windowMilliseconds)
            var evaluation = RuleGroupEvaluation(shortened)
            var writer = RuleResultWriter(store: store, ruleCount: shortened.rules.count)
            let results = evaluation.evaluate(
                at: now,
                engine: engine,
                source: StoreSeriesSource(store),
                externals: externals
            ) { writer.write($0) }
            for (rule, result) in zip(evaluation.rules, results) {
                if let error = result.error {
                    failures.append(Failure(name: rule.rule.name, reason: error, location: rule.rule.location))
                }
                guard let settings = rule.rule.alerting else { continue }
                // What fires by design, as `Watchdog` does, is no finding.
                for alert in rule.activeAlerts where alert.labels["severity"] != "none" {
                    findings.append(
                        Finding(
                            name: rule.rule.name,
                            labels: alert.labels,
                            annotations: alert.annotations,
                            value: alert.value,
                            holdMilliseconds: settings.holdMilliseconds,
                            location: rule.rule.location
                        )
                    )
                }
            }
        }
        self.findings = findings
        self.failures = failures
    }
}

extension RuleGroup {
    fileprivate func evaluatedOnce(windowMilliseconds: Int64) -> RuleGroup {
        RuleGroup(
            name: name,
            file: file,
            intervalMilliseconds: intervalMilliseconds,
            limit: limit,
            queryOffsetMilliseconds: 0,
            rules: rules.map { $0.replacing($0.query.clampingRanges(toMilliseconds: windowMilliseconds)) },
            location: location
        )
    }
}

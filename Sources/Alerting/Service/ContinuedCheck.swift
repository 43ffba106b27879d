import Metrics
public import PromQL
public import SQLite
public import TimeSeriesStore

/// Evaluates every rule once and goes on with what the check before has left: what `redstart check --state-dir` does.
///
/// Nothing is shortened: ranges reach into the history that is in the store, and `for` counts from when the journal says
/// that the alert began.
public struct ContinuedCheck: Sendable {
    /// The alerting rules with their pending and firing alerts, in the order of the rules.
    public let rules: [RuleEvaluation]
    /// The rules that could not be evaluated.
    public let failures: [OneShotCheck.Failure]

    /// Evaluates at a time in milliseconds since 1970, writes the changes to the journal, and puts what recording rules
    /// give and the states of alerts into the store.
    ///
    /// An alert of the check before that is not found again has ended, unless its rule could not be evaluated.
    /// - Throws: `SQLiteError` when the journal cannot be read or written.
    public init(
        _ groups: [RuleGroup],
        at now: Int64,
        store: TimeSeriesStore,
        journal: AlertJournal,
        engine: QueryEngine = QueryEngine(),
        externals: TemplateExternals = TemplateExternals()
    ) throws(SQLiteError) {
        var resumption = RestorationConfiguration()
        resumption.remembered = try journal.activeAlerts()
        var rules: [RuleEvaluation] = []
        var failures: [OneShotCheck.Failure] = []
        for group in groups {
            var evaluation = RuleGroupEvaluation(group)
            evaluation.resume(resumption)
            var writer = RuleResultWriter(store: store, ruleCount: group.rules.count)
            let source = StoreSeriesSource(store)
            let results = evaluation.evaluate(at: now, engine: engine, source: source, externals: externals) {
                writer.write($0)
            }
            for (rule, result) in zip(evaluation.rules, results) {
                if let error = result.error {
                    let (name, location) = (rule.rule.name, rule.rule.location)
                    failures.append(OneShotCheck.Failure(name: name, reason: error, location: location))
                }
                _ = try journal.record(result.changes, of: group)
            }
            rules += evaluation.rules.filter { $0.rule.alerting != nil }
        }
        self.rules = rules
        self.failures = failures
        let unknown = Set(failures.map(\.name))
        let unclear = (resumption.remembered ?? []).map(\.labels).filter { unknown.contains($0["alertname"] ?? "") }
        let present = Set(rules.flatMap { $0.activeAlerts.map(\.labels) } + unclear)
        _ = try journal.endAlerts(notIn: { present }, at: now)
    }
}

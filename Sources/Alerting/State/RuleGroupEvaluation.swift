import Metrics
public import PromQL

/// A rule group at work: the settings, and the state that goes from one evaluation to the next.
public struct RuleGroupEvaluation: Sendable {
    /// The settings.
    public let group: RuleGroup
    /// The rules with their state, in the order of the group.
    public internal(set) var rules: [RuleEvaluation]
    /// When the group was evaluated last, milliseconds since 1970.
    public private(set) var lastEvaluation: Int64?
    /// How long that took.
    public private(set) var duration = Duration.zero
    /// Evaluations that should have been and were not, because the one before took too long.
    public internal(set) var missedIterations = 0

    /// Starts with nothing known.
    ///
    /// With `awaitsRestoration` alerting rules write no `ALERTS` series until `restore(from:at:configuration:)`.
    public init(_ group: RuleGroup, awaitsRestoration: Bool = false) {
        self.group = group
        rules = group.rules.map { rule in
            var state = RuleEvaluation(rule)
            state.isRestored = !awaitsRestoration
            return state
        }
    }

    /// Whether alerting rules still wait for `restore(from:at:configuration:)`.
    var awaitsRestoration: Bool {
        rules.contains { !$0.isRestored }
    }

    /// Starts with the state of the rules that an earlier group has too, by kind, name and labels.
    ///
    /// `origins` has, for each rule, the place that it had in the earlier group, `nil` for a new one.
    static func replacing(
        _ earlier: RuleGroupEvaluation,
        with group: RuleGroup
    ) -> (evaluation: RuleGroupEvaluation, origins: [Int?]) {
        var result = RuleGroupEvaluation(group)
        var left = Dictionary(grouping: earlier.rules.indices) { RuleIdentity(earlier.rules[$0].rule) }
        var origins: [Int?] = []
        for index in result.rules.indices {
            let identity = RuleIdentity(result.rules[index].rule)
            guard let from = left[identity]?.first else {
                origins.append(nil)
                continue
            }
            left[identity]?.removeFirst()
            origins.append(from)
            let old = earlier.rules[from]
            result.rules[index].machine = old.machine
            result.rules[index].isRestored = old.isRestored
            result.rules[index].remembersUntil = old.remembersUntil
            result.rules[index].carriesUntil = old.carriesUntil
            result.rules[index].series = old.series
            result.rules[index].health = old.health
        }
        result.lastEvaluation = earlier.lastEvaluation
        result.duration = earlier.duration
        result.missedIterations = earlier.missedIterations
        return (result, origins)
    }

    /// Evaluates the rules one after another at a time in milliseconds since 1970.
    ///
    /// `store` gets each rule's result before the next rule is evaluated, for a rule may read what an earlier one has
    /// recorded; it returns why the result could not be stored, if so. A rule that fails does not keep the others
    /// from being evaluated.
    public mutating func evaluate(
        at now: Int64,
        engine: QueryEngine,
        source: some SeriesSource,
        externals: TemplateExternals,
        store: (RuleResult) -> String?
    ) -> [RuleResult] {
        let clock = ContinuousClock()
        let start = clock.now
        var results: [RuleResult] = []
        for index in rules.indices {
            let ruleStart = clock.now
            var run = RuleRun(group: group, index: index, now: now, engine: engine, externals: externals)
            var result = run.evaluate(&rules[index], source: source)
            if result.error == nil {
                result.error = store(result)
            }
            rules[index].health.note(result.error, at: now, duration: clock.now - ruleStart)
            results.append(result)
        }
        lastEvaluation = now
        duration = clock.now - start
        return results
    }
}

/// One evaluation of one rule.
private struct RuleRun {
    let group: RuleGroup
    let index: Int
    let now: Int64
    let engine: QueryEngine
    let externals: TemplateExternals

    /// Why a rule has no result.
    struct Failure: Error {
        let message: String
    }

    mutating func evaluate(_ rule: inout RuleEvaluation, source: some SeriesSource) -> RuleResult {
        let time = now - group.queryOffsetMilliseconds
        var result = RuleResult(ruleIndex: index, timestampMilliseconds: time)
        do throws(Failure) {
            let vector = try Self.vector(rule.rule.query, at: time, engine, source)
            switch rule.rule.kind {
            case .recording: result.samples = try recorded(vector, rule.rule)
            case .alerting(let settings):
                try alert(vector, settings, &rule, &result, source: source)
            }
            let present = Set(result.samples.map(\.labels))
            result.stale = rule.series.subtracting(present).sorted()
            rule.series = present
        } catch {
            result.error = error.message
        }
        return result
    }

    /// The result of an expression as a vector; a number is a vector of one element without labels.
    static func vector(
        _ query: Query,
        at time: Int64,
        _ engine: QueryEngine,
        _ source: some SeriesSource
    ) throws(Failure) -> [TemplateSample] {
        do throws(QueryError) {
            switch try engine.instant(query, at: time, source: source).value {
            case .vector(let samples): return samples.map { TemplateSample(labels: $0.labels, value: $0.value) }
            case .scalar(_, let value): return [TemplateSample(labels: Labels(), value: value)]
            case .string, .matrix: break
            }
        } catch {
            throw Failure(message: error.description)
        }
        throw Failure(message: "rule result is not a vector or scalar")
    }

    private func recorded(
        _ vector: [TemplateSample],
        _ rule: Rule
    ) throws(Failure) -> [(labels: Labels, value: Double)] {
        var seen: Set<Labels> = []
        var samples: [(labels: Labels, value: Double)] = []
        samples.reserveCapacity(vector.count)
        let added = rule.labels.setting(Labels.metricNameLabel, rule.name)
        for sample in vector {
            let labels = sample.labels.merging(added)
            guard seen.insert(labels).inserted else {
                throw Failure(
                    message: "vector contains metrics with the same labelset after applying rule labels: \(labels)"
                )
            }
            samples.append((labels, sample.value))
        }
        if group.limit > 0, samples.count > group.limit {
            throw Failure(message: "exceeded limit of \(group.limit) with \(samples.count) series")
        }
        return samples
    }

    private func alert(
        _ vector: [TemplateSample],
        _ settings: Rule.Alerting,
        _ rule: inout RuleEvaluation,
        _ result: inout RuleResult,
        source: some SeriesSource
    ) throws(Failure) {
        var results: [Labels: AlertStateMachine.Result] = [:]
        for sample in vector where rule.rule.scope.contains(sample.labels) {
            let context = templateContext(sample, source)
            var labels = LabelsBuilder(sample.labels)
            labels.remove(Labels.metricNameLabel)
            for label in settings.labels { labels.set(label.name, label.template.expandingOrError(context)) }
            labels.set("alertname", rule.rule.name)
            let annotations = Labels(
                settings.annotations.map { ($0.name, $0.template.expandingOrError(context)) }
            )
            let key = labels.labels()
            let element = AlertStateMachine.Result(value: sample.value, annotations: annotations)
            guard results.updateValue(element, forKey: key) == nil else {
                throw Failure(
                    message: "vector contains metrics with the same labelset after applying alert labels: \(key)"
                )
            }
        }
        if now >= rule.remembersUntil, rule.health.evaluations >= RuleGroupEvaluation.settleEvaluations {
            rule.machine.remembered = [:]
        }
        if now >= rule.carriesUntil { rule.machine.carried = [:] }
        result.changes = rule.machine.update(
            with: results,
            at: now,
            holdMilliseconds: settings.holdMilliseconds,
            keepFiringMilliseconds: settings.keepFiringMilliseconds
        )
        let active = rule.machine.active
        if group.limit > 0, active.count > group.limit {
            rule.machine.removeAll()
            result.changes = []
            throw Failure(message: "exceeded limit of \(group.limit) with \(active.count) alerts")
        }
        if rule.isRestored { result.samples = active.flatMap(Self.samples) }
    }

    /// The two series that tell others, and the next process, about an alert.
    private static func samples(of alert: Alert) -> [(labels: Labels, value: Double)] {
        let state = alert.labels.setting(Labels.metricNameLabel, "ALERTS").setting("alertstate", alert.state.rawValue)
        let clock = alert.labels.setting(Labels.metricNameLabel, "ALERTS_FOR_STATE")
        return [(state, 1), (clock, Double(alert.activeAt.flooredQuotient(1000)))]
    }

    private func templateContext(_ sample: TemplateSample, _ source: some SeriesSource) -> TemplateContext {
        let (now, engine) = (now, engine)
        return TemplateContext(
            labels: sample.labels,
            value: sample.value,
            external: externals,
            timestampMilliseconds: now
        ) { (text) throws(TemplateError) in
            do throws(QueryError) {
                let query = try Query(parsing: text)
                return try Self.samples(query, at: now, engine, source)
            } catch {
                throw TemplateError(error.description)
            }
        }
    }

    /// As `vector`, for a query inside of a template.
    private static func samples(
        _ query: Query,
        at time: Int64,
        _ engine: QueryEngine,
        _ source: some SeriesSource
    ) throws(QueryError) -> [TemplateSample] {
        do throws(Failure) {
            return try vector(query, at: time, engine, source)
        } catch {
            throw .execution(error.message)
        }
    }
}

import Metrics
import PromQL
import YAML

/// One test group: feeds the series to the rules step by step and compares.
struct RuleTestRun {
    private let file: RuleTestFile
    private let group: RuleTestFile.Group
    private let source: TestSeriesSource
    private let engine: QueryEngine
    private let queryOptions: Query.Options
    private let externals: TemplateExternals
    private var evaluations: [RuleGroupEvaluation]

    init(file: RuleTestFile, group: RuleTestFile.Group, rules: [RuleGroup], queryOptions: Query.Options) {
        self.file = file
        self.group = group
        self.queryOptions = queryOptions
        source = TestSeriesSource(group)
        engine = QueryEngine(options: QueryEngine.Options(subqueryStepMilliseconds: file.evaluationInterval))
        externals = TemplateExternals(labels: group.externalLabels, url: group.externalURL)
        evaluations = rules.map { RuleGroupEvaluation($0) }
    }

    /// Runs everything; a rule that fails ends the group, for what follows would be misleading.
    mutating func cases() -> [RuleTestReport.Case] {
        let end = (group.alertCases.map(\.time) + group.queryCases.map(\.time)).max() ?? 0
        var results: [RuleTestReport.Case] = []
        let alertCases = group.alertCases.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        var next = 0
        var elapsed: Int64 = 0
        while elapsed <= end {
            let failures = evaluate(at: elapsed)
            if !failures.isEmpty {
                let title = "rules at \(DurationText.text(milliseconds: elapsed))"
                return results + [RuleTestReport.Case(name: title, location: "", failure: failures)]
            }
            while next < alertCases.count, alertCases[next].element.time < elapsed + file.evaluationInterval {
                results.append(check(alertCases[next].element))
                next += 1
            }
            elapsed += file.evaluationInterval
        }
        return results + group.queryCases.map(check)
    }

    private mutating func evaluate(at elapsed: Int64) -> [String] {
        let now = group.start + elapsed
        source.load(through: now)
        var failures: [String] = []
        for index in evaluations.indices {
            let source = source
            let results = evaluations[index].evaluate(at: now, engine: engine, source: source, externals: externals) {
                source.store($0)
            }
            for result in results {
                guard let error = result.error else { continue }
                failures.append("rule \(evaluations[index].group.rules[result.ruleIndex].name): \(error)")
            }
        }
        return failures
    }

    private func check(_ testCase: RuleTestFile.AlertCase) -> RuleTestReport.Case {
        var got: [RuleTestFile.ExpectedAlert] = []
        for evaluation in evaluations {
            for rule in evaluation.rules where rule.rule.alerting != nil && rule.rule.name == testCase.name {
                for alert in rule.activeAlerts where alert.state == .firing {
                    got.append(RuleTestFile.ExpectedAlert(labels: alert.labels, annotations: alert.annotations))
                }
            }
        }
        return RuleTestReport.Case(
            name: "alert \(testCase.name) at \(DurationText.text(milliseconds: testCase.time))",
            location: testCase.location.description,
            failure: RuleTestDifference.lines(expected: testCase.expected, got: got)
        )
    }

    private func check(_ testCase: RuleTestFile.QueryCase) -> RuleTestReport.Case {
        RuleTestReport.Case(
            name: "\(testCase.expression) at \(DurationText.text(milliseconds: testCase.time))",
            location: testCase.location.description,
            failure: failure(of: testCase)
        )
    }

    /// What a plain selector gives where it selects native histograms; `nil` for anything else, which the evaluator
    /// refuses where it meets one.
    private func histograms(
        of query: Query,
        at elapsed: Int64
    ) -> [(labels: Labels, histogram: TestHistogram)]? {
        guard case .vectorSelector(let selector) = query.root.unwrapped, selector.time.anchor == nil,
            selector.time.offsetMilliseconds == 0, selector.time.offsetExpression == nil
        else { return nil }
        let time = group.start + elapsed
        let from = time - engine.options.lookbackMilliseconds + 1
        return source.histograms(selector.matchers, from: from, through: time)
    }

    private func failure(of testCase: RuleTestFile.QueryCase) -> [String] {
        let samples: [TemplateSample]
        do {
            let query = try Query(parsing: testCase.expression, options: queryOptions)
            if let got = histograms(of: query, at: testCase.time) {
                return RuleTestDifference.lines(expected: testCase.expected, got: got)
            }
            let value = try engine.instant(query, at: group.start + testCase.time, source: source).value
            switch value {
            case .vector(let vector): samples = vector.map { TemplateSample(labels: $0.labels, value: $0.value) }
            case .scalar(_, let value): samples = [TemplateSample(labels: Labels(), value: value)]
            case .string, .matrix: return ["the result is not a vector or scalar"]
            }
        } catch {
            return error.explanation.split(separator: "\n").map(String.init)
        }
        if testCase.expected.contains(where: { $0.histogram != nil }) {
            return ["a native histogram is expected, and the result is plain numbers"]
        }
        return RuleTestDifference.lines(
            expected: testCase.expected.map { TemplateSample(labels: $0.labels, value: $0.value) },
            got: samples,
            isFuzzy: file.usesFuzzyComparison
        )
    }
}

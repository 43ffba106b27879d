import Metrics
import PromQL
import Testing

@testable import Alerting

@Suite("Evaluation of rule groups")
struct RuleGroupEvaluationTests {
    private func evaluate(
        _ evaluation: inout RuleGroupEvaluation,
        _ source: WrittenSeries,
        at minutes: Int64
    ) -> [RuleResult] {
        evaluation.evaluate(
            at: minutes * 60_000,
            engine: QueryEngine(),
            source: source,
            externals: TemplateExternals()
        ) { source.store($0) }
    }

    @Test("A rule reads what the rule before it has just recorded")
    func sequential() throws {
        let source = try WrittenSeries(["a": "1 2 3"])
        let group = try ruleGroups(
            "groups:\n- name: g\n  rules:\n  - {record: b, expr: a + 1}\n  - {record: c, expr: b + 1, labels: {x: y}}"
        )[0]
        var evaluation = RuleGroupEvaluation(group)
        let results = evaluate(&evaluation, source, at: 1)
        #expect(results.map { $0.samples.map { "\($0.labels) \($0.value)" } } == [["b 3.0"], ["c{x=\"y\"} 4.0"]])
        #expect(evaluation.rules.map(\.health.status) == [.ok, .ok])
    }

    @Test("A series that is gone is stale once, and a failing rule makes nothing stale")
    func staleness() throws {
        let source = try WrittenSeries(["a{x=\"1\"}": "1 stale", "a{x=\"2\"}": "1 1 1 1"])
        let group = try ruleGroups("groups:\n- name: g\n  rules:\n  - {record: b, expr: a}")[0]
        var evaluation = RuleGroupEvaluation(group)
        #expect(evaluate(&evaluation, source, at: 0)[0].stale == [])
        #expect(evaluate(&evaluation, source, at: 1)[0].stale.map(\.description) == ["b{x=\"1\"}"])
        #expect(evaluate(&evaluation, source, at: 2)[0].stale == [])
        let results = evaluation.evaluate(
            at: 180_000,
            engine: QueryEngine(options: .init(maximumSamples: 0)),
            source: source,
            externals: TemplateExternals()
        ) { _ in nil }
        #expect(results[0].error != nil)
        #expect(results[0].stale == [])
        #expect(evaluation.rules[0].health.status == .err)
        #expect(evaluation.rules[0].health.failures == 1)
    }

    @Test(
        "Too many results and equal label sets are errors",
        arguments: [
            ("limit: 1\n  rules:\n  - {record: b, expr: a}", "exceeded limit of 1 with 2 series"),
            ("limit: 1\n  rules:\n  - {alert: B, expr: a}", "exceeded limit of 1 with 2 alerts"),
            (
                "rules:\n  - {record: b, expr: a, labels: {x: same}}",
                "vector contains metrics with the same labelset after applying rule labels: b{x=\"same\"}"
            ),
            (
                "rules:\n  - {alert: B, expr: a, labels: {x: same}}",
                "vector contains metrics with the same labelset after applying alert labels: {alertname=\"B\", x=\"same\"}"
            ),
            ("rules:\n  - {record: b, expr: 'a[5m]'}", "rule result is not a vector or scalar"),
        ]
    )
    func errors(rules: String, expected: String) throws {
        let source = try WrittenSeries(["a{x=\"1\"}": "1", "a{x=\"2\"}": "1"])
        var evaluation = RuleGroupEvaluation(try ruleGroups("groups:\n- name: g\n  \(rules)")[0])
        let result = evaluate(&evaluation, source, at: 0)[0]
        #expect(result.error == expected)
        #expect(result.samples.isEmpty)
        #expect(evaluation.rules[0].activeAlerts.isEmpty)
    }

    @Test("A query offset moves the expression and its samples into the past")
    func queryOffset() throws {
        let source = try WrittenSeries(["a": "1 2 3 4"])
        let group = try ruleGroups(
            "groups:\n- name: g\n  query_offset: 2m\n  rules:\n  - {record: b, expr: a}\n  - {alert: C, expr: a}"
        )[0]
        var evaluation = RuleGroupEvaluation(group)
        let results = evaluate(&evaluation, source, at: 3)
        #expect(results[0].timestampMilliseconds == 60_000)
        #expect(results[0].samples.map(\.value) == [2])
        #expect(results[1].changes.map(\.timestampMilliseconds) == [180_000])
    }

    @Test("An alert has the labels of group and rule, expanded, and is written as two series")
    func alertSeries() throws {
        let source = try WrittenSeries(["a{x=\"1\"}": "5"])
        let group = try ruleGroups(
            """
            groups:
            - name: g
              labels: {team: 't-{{ $labels.x }}', severity: low}
              rules:
              - alert: C
                expr: a
                for: 5m
                labels: {severity: 'v{{ $value }}'}
                annotations: {summary: '{{ query "a" | first | value }} {{ .Nope }}'}
            """
        )[0]
        var evaluation = RuleGroupEvaluation(group)
        let result = evaluate(&evaluation, source, at: 1)[0]
        let labels = #"alertname="C", "#
        #expect(
            result.samples.map(\.labels.description) == [
                "ALERTS{\(labels)alertstate=\"pending\", severity=\"v5\", team=\"t-1\", x=\"1\"}",
                "ALERTS_FOR_STATE{\(labels)severity=\"v5\", team=\"t-1\", x=\"1\"}",
            ]
        )
        #expect(result.samples.map(\.value) == [1, 60])
        let summary = try #require(evaluation.rules[0].activeAlerts.first?.annotations["summary"])
        #expect(summary.hasPrefix("<error expanding template: error executing template __alert_C:"))
        #expect(evaluation.rules[0].state == .pending)
    }

    @Test("After a restart the clock goes on, and no series is written before it is known")
    func restoration() throws {
        let source = try WrittenSeries(["a": "1x100"])
        source.append(
            Labels([("__name__", "ALERTS_FOR_STATE"), ("alertname", "C")]),
            30 * 60_000,
            0
        )
        let group = try ruleGroups("groups:\n- name: g\n  rules:\n  - {alert: C, expr: a, for: 1h}")[0]
        var evaluation = RuleGroupEvaluation(group, awaitsRestoration: true)
        #expect(evaluate(&evaluation, source, at: 31)[0].samples.isEmpty)
        try evaluation.restore(from: source, at: 31 * 60_000)
        #expect(evaluation.rules[0].activeAlerts.first?.activeAt == 60_000)
        #expect(evaluate(&evaluation, source, at: 32)[0].samples.count == 2)
    }

    @Test("A reload keeps the state of rules that stay and begins with those that are new")
    func reload() throws {
        let source = try WrittenSeries(["a": "1x10"])
        let before = try ruleGroups("groups:\n- name: g\n  rules:\n  - {alert: A, expr: a}\n  - {alert: B, expr: a}")[0]
        var evaluation = RuleGroupEvaluation(before)
        _ = evaluate(&evaluation, source, at: 1)
        let after = try ruleGroups(
            "groups:\n- name: g\n  rules:\n  - {alert: C, expr: a}\n  - {alert: B, expr: a > 0}")[0]
        let (replaced, origins) = RuleGroupEvaluation.replacing(evaluation, with: after)
        #expect(origins == [nil, 1])
        #expect(replaced.rules.map(\.state) == [.inactive, .firing])
        #expect(replaced.rules[1].activeAlerts.first?.activeAt == 60_000)
    }
}

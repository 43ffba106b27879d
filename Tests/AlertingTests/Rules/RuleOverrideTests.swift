import Metrics
import PromQL
import Testing
import YAML

@testable import Alerting

@Suite("Overrides of alerts")
struct RuleOverrideTests {
    private static let rules = """
        groups:
          - name: g
            rules:
              - {alert: A, expr: x > 1, for: 1m, labels: {severity: warning}, annotations: {summary: s}}
              - {alert: B, expr: x > 5}
        """

    private func groups(_ overrides: String) throws -> [RuleGroup] {
        let node = try #require(try YAMLDocument.parse(Array(overrides.utf8), file: "redstart.yml"))
        return try RuleOverride.apply(try RuleOverride.list(node), to: try ruleGroups(Self.rules))
    }

    private func problem(_ overrides: String) -> String {
        do {
            _ = try groups(overrides)
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// The alerts after two evaluations a minute apart, by name and node, with severity and summary.
    private func alerts(_ overrides: String) throws -> [String] {
        let source = try WrittenSeries(["x{instance=\"a\"}": "3x2", "x{instance=\"b\"}": "9x2"])
        var evaluation = RuleGroupEvaluation(try groups(overrides)[0])
        for time in [Int64(0), 60_000] {
            _ = evaluation.evaluate(
                at: time, engine: QueryEngine(), source: source, externals: TemplateExternals(), store: source.store
            )
        }
        return evaluation.rules.flatMap(\.activeAlerts).map { alert in
            let name = "\(alert.labels["alertname"] ?? "") \(alert.labels["instance"] ?? "") \(alert.state.rawValue)"
            return "\(name) \(alert.labels["severity"] ?? "-") \(alert.annotations["summary"] ?? "-")"
        }.sorted()
    }

    @Test("Without matchers an override holds everywhere")
    func everywhere() throws {
        #expect(try alerts("[]") == ["A a firing warning s", "A b firing warning s", "B b firing - -"])
        #expect(try alerts("[{alert: A, disable: true}]") == ["B b firing - -"])
        #expect(try alerts("[{alert: A, expr: x > 8}, {alert: B, disable: true}]") == ["A b firing warning s"])
        let changed = "[{alert: A, for: 5m, labels: {severity: info}, annotations: {summary: 'is {{ $value }}'}}]"
        #expect(try alerts(changed) == ["A a pending info is 3", "A b pending info is 9", "B b firing - -"])
    }

    @Test("With matchers all other nodes keep the rule as it is")
    func someNodes() throws {
        let less = "[{alert: A, matchers: [instance=a], disable: true}]"
        #expect(try alerts(less) == ["A b firing warning s", "B b firing - -"])
        let one = "[{alert: A, matchers: [instance=b], labels: {severity: critical}}]"
        #expect(try alerts(one) == ["A a firing warning s", "A b firing critical s", "B b firing - -"])
        let two = "[{alert: A, matchers: [instance=a], expr: x > 8}, {alert: B, matchers: [instance=b], disable: true}]"
        #expect(try alerts(two) == ["A b firing warning s"])
    }

    @Test("Mistakes are told with their place and what was probably meant")
    func mistakes() {
        #expect(problem("[{alert: AA, disable: true}]").contains("redstart.yml:1:2: there is no alert `AA`"))
        #expect(problem("[{alert: A}]").contains("the override changes nothing"))
        #expect(problem("[{alert: A, disable: true, for: 1m}]").contains("disables the alert and changes it"))
        #expect(problem("[{alert: A, expr: 'sum('}]").contains("1:19: could not parse expression"))
        #expect(problem("[{alert: A, disabled: true}]").contains("did you mean `disable`?"))
        #expect(problem("[{alert: A, annotations: {a: '{{ .x'}}]").contains("expected a Go template"))
    }
}

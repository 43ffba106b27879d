import Alerting
import Metrics
import Testing
import YAML

@Suite("Rule files")
struct RuleFileTests {
    private func problems(_ text: String) -> [String] {
        do {
            _ = try RuleFiles().parse(Array(text.utf8), file: "r.yml")
            return []
        } catch {
            guard case .invalidFiles(let problems) = error else { return ["\(error)"] }
            return problems.map { "\($0.error)" }
        }
    }

    @Test("All settings of groups and rules are read")
    func settings() throws {
        let groups = try ruleGroups(
            """
            groups:
            - name: a
              interval: 30s
              limit: 5
              query_offset: 1m30s
              labels: {team: db, severity: low}
              rules:
              - record: job:up:sum
                expr: sum by (job) (up)
                labels: {kind: sum}
              - alert: Down
                expr: up == 0
                for: 5m
                keep_firing_for: 10m
                labels: {severity: 'x{{ $value }}'}
                annotations: {summary: down}
            ---
            groups:
            - name: b
              rules:
            """
        )
        #expect(groups.map(\.name) == ["a", "b"])
        #expect(groups.map(\.intervalMilliseconds) == [30_000, 60_000])
        #expect(groups[0].limit == 5)
        #expect(groups[0].queryOffsetMilliseconds == 90_000)
        let rules = groups[0].rules
        #expect(rules.map(\.name) == ["job:up:sum", "Down"])
        #expect(rules[0].labels == Labels([("kind", "sum"), ("severity", "low"), ("team", "db")]))
        let alerting = try #require(rules[1].alerting)
        #expect(alerting.holdMilliseconds == 300_000)
        #expect(alerting.keepFiringMilliseconds == 600_000)
        #expect(alerting.labels.map(\.template.text).sorted() == ["db", "x{{ $value }}"])
        #expect("\(rules[1].location)" == "test.yml:11:5")
    }

    @Test(
        "What is wrong is told with its place and what was expected",
        arguments: [
            ("groups: 5", "r.yml:1:9: `5` is in the wrong place; expected a list of rule groups"),
            ("groups:\n- rules: []", "r.yml:2:3: a rule group has no `name`; expected a field `name`"),
            ("groups:\n- name: ''", "r.yml:2:9: the group has an empty name; expected a name"),
            ("groups:\n- name: a\n- name: a", "r.yml:3:9: group `a` is there twice; expected each name once in a file"),
            (
                "groups:\n- name: a\n  interval: 5",
                "r.yml:3:13: `5` is not a duration; expected one such as 5m, 1h30m or 250ms"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: b, expr: 1, fro: 5m}",
                "r.yml:4:25: field `fro` is not known in a rule, did you mean `for`?; expected one of record, alert, expr, "
                    + "for, keep_firing_for, labels, annotations"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {expr: 1}",
                "r.yml:4:5: the rule has no name; expected one of `record` and `alert`"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: b, record: c, expr: 1}",
                "r.yml:4:5: the rule has two names; expected only one of `record` and `alert`"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: b}",
                "r.yml:4:5: the rule has no `expr`; expected a field `expr`"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {record: b, expr: 1, for: 5m}",
                "r.yml:4:31: a recording rule has `for`; expected it in alerting rules only"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {record: 'b{x}', expr: 1}",
                "r.yml:4:14: `b{x}` is no metric name: it has braces; expected a name; selectors belong into `expr`"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: b, expr: 1, labels: {__name__: c}}",
                "r.yml:4:34: invalid label name: \"__name__\"; expected a label name"
            ),
            (
                "groups:\n- name: a\n  rules:\n  - {alert: b, expr: 1, annotations: {s: '{{ .x'}}",
                "r.yml:4:42: annotation \"s\": template: __alert_b:1: unclosed action; expected a Go template"
            ),
        ]
    )
    func mistakes(text: String, expected: String) {
        #expect(problems(text) == [expected])
    }

    @Test("A mistake in an expression is placed where it stands in the file")
    func expressionPositions() {
        let head = "groups:\n- name: a\n  rules:\n  - alert: b\n"
        #expect(problems(head + "    expr: up + + sum(").first?.hasPrefix("r.yml:5:22: could not parse") == true)
        #expect(problems(head + "    expr: 'up +'").first?.hasPrefix("r.yml:5:16: could not parse") == true)
        #expect(
            problems(head + "    expr: |\n      up\n      ) 1").first?.hasPrefix("r.yml:7:7: could not parse") == true)
        #expect(
            problems(head + "    expr: >\n      up\n      ) 1").first?.hasPrefix("r.yml:5:11: could not parse") == true)
    }

    @Test("All mistakes of a file are told at once")
    func allMistakes() {
        let text =
            "groups:\n- name: a\n  rules:\n  - {alert: b, expr: '('}\n  - {record: c, expr: 1, for: 1m}\n- name: a"
        #expect(problems(text).count == 3)
    }

    @Test("The message shows the line and a caret")
    func caret() {
        do {
            _ = try RuleFiles().parse(Array("groups:\n- name: a\n  rulez: []".utf8), file: "r.yml")
            Issue.record("accepted")
        } catch {
            #expect("\(error)".hasSuffix("\n      rulez: []\n      ^"))
        }
    }

    @Test("Patterns find files, the same file is read once, and a missing file is an error")
    func loading() throws {
        let folder = Fixtures.folder + "/ruletests/pass"
        let groups = try RuleFiles().load(["\(folder)/fo?.rules.yml", "\(folder)/for.rules.yml", "\(folder)/none*.yml"])
        #expect(groups.map(\.name) == ["alerting_rule"])
        #expect { try RuleFiles().load(["/nowhere/a.yml"]) } throws: {
            "\($0)" == "cannot read /nowhere/a.yml: No such file or directory"
        }
        #expect { try RuleFiles().load([folder]) } throws: { "\($0)".hasSuffix("Is a directory") }
    }

    @Test("Rules with the same name and labels are told apart from others")
    func duplicates() throws {
        let group = try ruleGroups(
            "groups:\n- name: a\n  rules:\n  - {alert: b, expr: 1}\n  - {alert: b, expr: 2}\n  - {alert: b, expr: 2, labels: {x: y}}"
        )[0]
        #expect(group.duplicateRules.map(\.location.line) == [5])
    }
}

import Testing
import YAML

@testable import Alerting

@Suite("Cases confirmed with Prometheus' promtool")
struct ConformanceTests {
    private func failures(of file: String) -> [String] {
        let report = RuleTests().run(file: file)
        return [report.problem].compactMap(\.self)
            + report.groups.flatMap(\.cases).filter { !$0.failure.isEmpty }.map {
                "\($0.location): \($0.name)\n" + $0.failure.joined(separator: "\n")
            }
    }

    @Test("Every PromQL case gives the expected result", arguments: Fixtures.testFiles(in: "promql"))
    func promQL(file: String) {
        #expect(failures(of: file) == [])
    }

    @Test("There are as many PromQL and rule test files as were copied")
    func files() {
        #expect(Fixtures.testFiles(in: "promql").count == 24)
        #expect(Fixtures.testFiles(in: "ruletests/pass").count == 22)
        #expect(Fixtures.testFiles(in: "ruletests/fail").count == 10)
    }

    @Test(
        "Every rule test that passes with promtool passes",
        arguments: Fixtures.testFiles(in: "ruletests/pass") + Fixtures.testFiles(in: "templates")
    )
    func passing(file: String) {
        #expect(failures(of: file) == [])
    }

    @Test("Every rule test that fails with promtool fails", arguments: Fixtures.testFiles(in: "ruletests/fail"))
    func failing(file: String) {
        #expect(!RuleTests().run(file: file).isPassed)
    }

    @Test("Every expression that Prometheus refuses is refused")
    func refused() throws {
        // JSON is YAML.
        let path = Fixtures.folder + "/promql/errors.json"
        let root = try #require(try YAMLDocument.parse(Fixtures.bytes(of: path), file: path))
        let cases = try root.items()
        #expect(cases.count == 11)
        for entry in cases {
            let fields = Dictionary(uniqueKeysWithValues: try entry.entries().map { ($0.key, $0.value) })
            let expression = try #require(try fields["expr"]?.string())
            let probe = try fields["probe"]?.string() ?? ""
            let text = try unitTest(fields, expression: probe.isEmpty ? expression : probe)
            let report = RuleTests().run(Array(text.utf8), path: path)
            #expect(report.problem == nil)
            #expect(!report.isPassed, "\(expression)")
            // The same data with a good expression passes, so that it is the expression that is refused.
            let control = try unitTest(fields, expression: "vector(0)")
            #expect(RuleTests().run(Array(control.utf8), path: path).isPassed == !probe.isEmpty)
        }
    }

    private func unitTest(_ fields: [String: YAMLNode], expression: String) throws -> String {
        var text = "tests:\n- interval: \(try #require(fields["interval"]).string())\n  input_series:\n"
        for series in try #require(fields["input_series"]).items() {
            let pair = try series.entries().map { ($0.key, try $0.value.string()) }
            text += "  - {\(pair.map { "\($0): \(quoted($1))" }.joined(separator: ", "))}\n"
        }
        let isProbe = !(try fields["probe"]?.string() ?? "").isEmpty
        let samples = isProbe ? "[{labels: '{}', value: 0}]" : "[]"
        let time = try #require(fields["eval_time"]).string()
        return text
            + "  promql_expr_test:\n  - {expr: \(quoted(expression)), eval_time: \(time), exp_samples: \(samples)}\n"
    }

    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}

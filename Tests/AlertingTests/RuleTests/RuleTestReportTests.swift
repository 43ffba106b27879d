import Metrics
import Testing

@testable import Alerting

@Suite("Rule test reports")
struct RuleTestReportTests {
    private func report(_ text: String) -> RuleTestReport {
        RuleTests().run(Array(text.utf8), path: "my.test.yml")
    }

    private static let failing = """
        tests:
        - name: two
          input_series:
          - {series: 'up{job="a<b"}', values: '1 0'}
          promql_expr_test:
          - {expr: up, eval_time: 1m, exp_samples: [{labels: 'up{job="a<b"}', value: 1}]}
          - {expr: 'up + 1', eval_time: 0, exp_samples: [{labels: '{job="a<b"}', value: 2}]}
          - {expr: 'up +', eval_time: 0}
        """

    @Test("The text names each failing case, its place and what differs")
    func text() {
        let expected = """
            my.test.yml:6:5: FAILED: test two: up at 1m
                - up{job="a<b"} 1
                + up{job="a<b"} 0
            my.test.yml:8:5: FAILED: test two: up + at 0s
                1:5: parse error: unexpected end of input
                up +
                    ^
            my.test.yml: 2 of 3 failed

            """
        #expect(report(Self.failing).text == expected)
    }

    @Test("JUnit escapes what XML does not allow")
    func junit() {
        let xml = RuleTestReport.junit([report(Self.failing), report("tests: {}")])
        #expect(xml.contains(#"<testsuite name="my.test.yml two" tests="3" failures="2" errors="0">"#))
        #expect(xml.contains(#"<testcase name="up + 1 at 0s"/>"#))
        #expect(xml.contains(#"<failure>- up{job=&quot;a&lt;b&quot;} 1&#10;+ up"#))
        #expect(xml.contains(#"<testcase name="load"><error>my.test.yml:1:8: a mapping is in the wrong place"#))
    }

    @Test("An alert with other annotations is shown once, with what differs")
    func alerts() {
        let expected = RuleTestFile.ExpectedAlert(
            labels: .init([("a", "1")]), annotations: .init([("s", "x"), ("t", "y")]))
        let got = RuleTestFile.ExpectedAlert(labels: .init([("a", "1")]), annotations: .init([("s", "z"), ("t", "y")]))
        let other = RuleTestFile.ExpectedAlert(labels: .init([("a", "2")]), annotations: .init())
        #expect(
            RuleTestDifference.lines(expected: [expected], got: [other, got])
                == [#"  {a="1"}"#, "-     s: x", "+     s: z", #"+ {a="2"}"#]
        )
        #expect(RuleTestDifference.lines(expected: [expected, other], got: [other, expected]) == [])
    }

    @Test("Unknown fields and bad series are told with their place")
    func badFiles() {
        #expect(
            report("tests:\n- nam: x").text.contains(
                "my.test.yml:2:3: field `nam` is not known in a test, did you mean `name`?"))
        let series = report("tests:\n- input_series:\n  - {series: 'up{', values: 1}")
        #expect(
            series.text.contains(
                "my.test.yml:3:14: the series cannot be read: 1:4: parse error: unexpected end of input"))
        #expect(report("").text.contains("my.test.yml:1:1: the file is empty; expected tests"))
        #expect(
            RuleTests().run(file: "/nowhere/x.yml").text.contains(
                "cannot read /nowhere/x.yml: No such file or directory"))
    }

    @Test("A start time moves everything and can be written in two ways")
    func startTimestamp() {
        for start in ["1704067200", "2024-01-01T00:00:00Z", "'2024-01-01T01:00:00+01:00'"] {
            let text = """
                tests:
                - start_timestamp: \(start)
                  input_series: [{series: up, values: '1 1'}]
                  promql_expr_test:
                  - {expr: timestamp(up), eval_time: 1m, exp_samples: [{value: 1704067260}]}
                """
            #expect(report(text).text == "my.test.yml: 1 passed\n")
        }
    }
}

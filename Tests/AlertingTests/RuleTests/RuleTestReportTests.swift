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

    @Test("Native histograms are given back by a selector and compared; expressions over them are refused")
    func histograms() {
        let text = report(
            """
            tests:
            - name: h
              input_series:
              - {series: h, values: '{{schema:1 sum:3 count:3 buckets:[1 2] n_buckets:[0 1]}}-{{count:1 buckets:[0 1]}}x1 stale'}
              promql_expr_test:
              - {expr: h, eval_time: 0, exp_samples: [{labels: h, histogram: '{{schema:1 count:3 sum:3 offset:-1 buckets:[0 1 2] n_offset:1 n_buckets:[1]}}'}]}
              - {expr: h, eval_time: 1m, exp_samples: [{labels: h, histogram: '{{count:2 sum:3 buckets:[2]}}'}]}
              - {expr: h, eval_time: 2m}
              - {expr: histogram_count(h), eval_time: 1m}
              - {expr: vector(1), eval_time: 1m, exp_samples: [{labels: '{}', histogram: '{{}}'}]}
            """
        ).text
        let expected = """
            my.test.yml:7:5: FAILED: test h: h at 1m
                - h {{count:2 sum:3 buckets:[2]}}
                + h {{count:2 sum:3 counter_reset_hint:reset buckets:[1 1] n_offset:1 n_buckets:[1]}}
            my.test.yml:9:5: FAILED: test h: histogram_count(h) at 1m
                h holds native histograms, which are not supported
            my.test.yml:10:5: FAILED: test h: vector(1) at 1m
                a native histogram is expected, and the result is plain numbers
            my.test.yml: 3 of 5 failed

            """
        #expect(text == expected)
    }

    @Test(
        "What is no histogram is told",
        arguments: [
            ("{{sum}}", "`sum` has no colon behind the name of a field"),
            ("{{schema:99}}", "schema 99 is none of -4 to 8 and -53"),
            ("{{buckets:[1}}", "`buckets` has a list without an end"),
            ("{{colour:1}}", "a histogram has no field `colour`"),
            ("{{sum:1}}+{{sum:1}}", "expected x and a number behind"),
            ("{{sum:x}}", "`x` is no number for `sum`"), ("{{sum:1}} 2", "numbers beside histograms are not read"),
        ]
    )
    func malformedHistograms(values: String, message: String) {
        let problem = report("tests:\n- input_series: [{series: h, values: '\(values)'}]\n").problem ?? ""
        #expect(problem.hasPrefix("my.test.yml:2:27: the series cannot be read: "))
        #expect(problem.contains(message))
    }

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

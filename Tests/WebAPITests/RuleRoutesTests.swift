import Alerting
import Metrics
import PromQL
import Testing
import TimeSeriesStore

@testable import WebAPI

@Suite("/api/v1/rules and alerts")
struct RuleRoutesTests {
    /// Three groups in two files, evaluated once at 100 s: `Always` fires, `Never` does not, `job:up` is recorded.
    private func api() throws -> APIUnderTest {
        let first = """
            groups:
            - name: one
              interval: 30s
              rules:
              - alert: Always
                expr: vector(2) > 1
                labels: {severity: page}
                annotations: {summary: "value {{ $value }}"}
              - record: job:up
                expr: vector(1)
                labels: {team: a}
            - name: two
              rules:
              - alert: Never
                expr: vector(1) > 1
                for: 1m
                keep_firing_for: 1500ms
                labels: {severity: info}
            """
        let second = """
            groups:
            - name: one
              limit: 5
              rules:
              - record: other
                expr: vector(3)
            """
        let files = RuleFiles()
        let groups = try files.parse(Array(first.utf8), file: "a.yml") + files.parse(Array(second.utf8), file: "b.yml")
        let source = StoreSeriesSource(TimeSeriesStore(keys: SeriesKeyTable(catalog: MetricCatalog())))
        let evaluations = groups.map { group in
            var evaluation = RuleGroupEvaluation(group)
            _ = evaluation.evaluate(
                at: 100_000,
                engine: QueryEngine(),
                source: source,
                externals: TemplateExternals()
            ) { _ in nil }
            return evaluation
        }
        return try APIUnderTest(groups: evaluations)
    }

    /// The names of groups and rules in an answer, in their order.
    private func names(_ answer: APIUnderTest.Answer) -> [String] {
        answer.text.split(separator: "\"name\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }

    @Test("An active alert is told with its labels, annotations, state, start and value")
    func alerts() async throws {
        let answer = try await api().get("/api/v1/alerts")
        #expect(
            answer.data == #"{"alerts":[{"labels":{"alertname":"Always","severity":"page"},"#
                + #""annotations":{"summary":"value 2"},"state":"firing","#
                + #""activeAt":"1970-01-01T00:01:40.000Z","value":"2e+00"}]}"#
        )
    }

    @Test("Groups and rules have the fields of Prometheus")
    func rules() async throws {
        let text = try await api().get("/api/v1/rules").data
        for part in [
            #"{"groups":[{"name":"one","file":"a.yml","rules":[{"state":"firing","name":"Always","#
                + #""query":"vector(2) > 1","duration":0,"keepFiringFor":0,"labels":{"severity":"page"},"#
                + #""annotations":{"summary":"value {{ $value }}"},"alerts":[{"labels":{"#,
            #"{"name":"job:up","query":"vector(1)","labels":{"team":"a"},"health":"ok","evaluationTime":"#,
            #""lastEvaluation":"1970-01-01T00:01:40.000Z","type":"recording"}],"interval":30,"limit":0,"evaluationTime":"#,
            #""state":"inactive","name":"Never","query":"vector(1) > 1","duration":60,"keepFiringFor":1.500,"#,
            #""alerts":[],"health":"ok","#,
            #""interval":60,"limit":5,"#,
        ] {
            #expect(text.contains(part), "\(part) is not in \(text)")
        }
        #expect(!text.contains("groupNextToken"))
    }

    @Test(
        "Filters leave out rules, and groups in which none is left",
        arguments: [
            ("", ["one", "Always", "job:up", "two", "Never", "one", "other"]),
            ("type=alert", ["one", "Always", "two", "Never"]),
            ("type=record", ["one", "job:up", "one", "other"]),
            ("rule_name[]=Never&rule_name[]=other", ["two", "Never", "one", "other"]),
            ("rule_group[]=one", ["one", "Always", "job:up", "one", "other"]),
            ("file[]=b.yml", ["one", "other"]),
            ("rule_group[]=one&file[]=a.yml&type=alert", ["one", "Always"]),
            ("rule_group[]=three", []),
            ("match[]=%7Bseverity%3D%22info%22%7D", ["two", "Never"]),
            ("match[]=%7Bseverity%3D~%22p.*%22%7D&match[]=%7Bteam%3D%22a%22%7D", ["one", "Always", "job:up"]),
        ] as [(String, [String])]
    )
    func filters(query: String, expected: [String]) async throws {
        #expect(try await names(api().get("/api/v1/rules?\(query)")) == expected)
    }

    @Test("`exclude_alerts` leaves out the alerts of the rules")
    func excludeAlerts() async throws {
        let answer = try await api().get("/api/v1/rules?exclude_alerts=true")
        #expect(answer.text.contains(#""name":"Always""#) && answer.text.contains(#""alerts":[]"#))
        #expect(!answer.text.contains("alertname"))
        #expect(try await api().get("/api/v1/rules?exclude_alerts=0").text.contains("alertname"))
    }

    @Test("Pages of groups join to the whole")
    func pages() async throws {
        let api = try api()
        var seen: [String] = []
        var token = ""
        for _ in 0..<3 {
            let next = token.isEmpty ? "" : "&group_next_token=\(token)"
            let answer = await api.get("/api/v1/rules?group_limit=1\(next)")
            seen += names(answer)
            token =
                answer.text.split(separator: #""groupNextToken":""#).dropFirst().first.map {
                    String($0.prefix { $0 != "\"" })
                } ?? ""
        }
        #expect(token.isEmpty)
        #expect(seen == ["one", "Always", "job:up", "two", "Never", "one", "other"])
        #expect(await names(api.get("/api/v1/rules?group_limit=3")).count == 7)
    }

    @Test(
        "What cannot be used is refused in the words of Prometheus",
        arguments: [
            ("type=x", #"invalid parameter \"type\": not supported value \"x\""#),
            (
                "exclude_alerts=perhaps",
                #"invalid parameter \"exclude_alerts\": error converting exclude_alerts: "#
                    + #"strconv.ParseBool: parsing \"perhaps\": invalid syntax"#
            ),
            (
                "group_next_token=abc",
                #"invalid parameter \"group_next_token\": "#
                    + "group_limit needs to be present in order to paginate over the groups"
            ),
            (
                "group_limit=x",
                #"invalid parameter \"group_limit\": group_limit needs to be a valid number: "#
                    + #"strconv.ParseInt: parsing \"x\": invalid syntax"#
            ),
            ("group_limit=0", #"invalid parameter \"group_limit\": group_limit needs to be greater than 0"#),
            (
                "group_limit=1&group_next_token=abc",
                #"invalid parameter \"group_next_token\": invalid group_next_token 'abc'. were rule groups changed?"#
            ),
            ("match[]=%7B%7D", "match[] must contain at least one non-empty matcher"),
        ]
    )
    func refusals(query: String, message: String) async throws {
        let answer = try await api().get("/api/v1/rules?\(query)")
        #expect(answer.status == 400)
        #expect(answer.error == "bad_data: " + message)
    }
}

import Alerting
import HTTPServer
import Metrics
import PromQL
import StateFile
import Testing
import TimeSeriesStore

@testable import WebAPI

@Suite("The health of the parts")
struct HealthTests {
    private let start = ContinuousClock.now

    private func evaluations() throws -> RuleGroupEvaluation {
        let text = """
            groups:
            - name: one
              interval: 10s
              rules:
              - {alert: Fine, expr: vector(1) > 2}
              - {alert: Broken, expr: 'up * on () group_left () (vector(1) or label_replace(vector(1), "a", "b", "", ""))'}
            """
        return RuleGroupEvaluation(try RuleFiles().parse(Array(text.utf8), file: "own.yml")[0])
    }

    private func evaluate(_ group: inout RuleGroupEvaluation, at time: Int64) {
        let store = TimeSeriesStore(keys: SeriesKeyTable(catalog: MetricCatalog()))
        _ = group.evaluate(
            at: time,
            engine: QueryEngine(),
            source: StoreSeriesSource(store),
            externals: TemplateExternals()
        ) { _ in nil }
    }

    @Test("Rules that are not evaluated any more are unhealthy, whatever the time of day does meanwhile")
    func stoppedRules() throws {
        var group = try evaluations()
        var health = RulesHealth(startedAt: start)
        #expect(health.finding([group], now: start + .seconds(30)).status == .healthy)
        evaluate(&group, at: 1_000_000)
        #expect(health.finding([group], now: start + .seconds(40)).status == .healthy)
        // The clock of the day is set back by ten minutes: the evaluation counts all the same.
        evaluate(&group, at: 400_000)
        #expect(health.finding([group], now: start + .seconds(95)).status == .healthy)
        let stopped = health.finding([group], now: start + .seconds(156))
        #expect(stopped.status == .unhealthy)
        #expect(stopped.message.contains("1 of 1 rule groups are not evaluated any more"))
        #expect(stopped.message.contains("one"))
        evaluate(&group, at: 500_000)
        #expect(health.finding([group], now: start + .seconds(157)).status == .healthy)
    }

    @Test("Rules that were never evaluated are unhealthy after a while")
    func neverEvaluated() throws {
        var health = RulesHealth(startedAt: start)
        let group = try evaluations()
        #expect(health.finding([group], now: start + .seconds(59)).status == .healthy)
        #expect(health.finding([group], now: start + .seconds(61)).status == .unhealthy)
        #expect(health.finding([], now: start + .seconds(61)).status == .healthy)
    }

    @Test("A part keeps the time at which it came to be as it is, whatever its message")
    func since() {
        var history = HealthHistory()
        let first = history.take([(.fleet, .healthy("1 up")), (.rules, .healthy("no rules"))], at: 100)
        #expect(first.status == .healthy)
        let second = history.take([(.fleet, .degraded("1 down")), (.rules, .healthy("no rules"))], at: 200)
        #expect(second.status == .degraded)
        #expect(second.entries.map(\.since) == [200, 100])
        let third = history.take([(.fleet, .degraded("2 down")), (.rules, .unhealthy("stopped"))], at: 300)
        #expect(third.status == .unhealthy)
        #expect(third.entries.map(\.since) == [200, 300])
    }

    @Test("Samples that the history has no place for are news for a while")
    func fullStore() {
        var health = StoreHealth()
        var statistics = TimeSeriesStore(keys: SeriesKeyTable(catalog: MetricCatalog())).statistics()
        #expect(health.finding(statistics, maxBytes: 1000, now: start).status == .healthy)
        statistics.totals.samplesEvicted = 5
        let full = health.finding(statistics, maxBytes: 1000, now: start + .seconds(15))
        #expect(full.status == .degraded)
        #expect(full.message.contains("1000 bytes") && full.message.contains("--history-max-bytes"))
        #expect(health.finding(statistics, maxBytes: 1000, now: start + .seconds(300)).status == .healthy)
    }

    @Test("Open files near the limit degrade the process")
    func openFiles() {
        #expect(ProcessHealth.finding(openDescriptors: 90, limit: 100).status == .healthy)
        #expect(ProcessHealth.finding(openDescriptors: 91, limit: 100).status == .degraded)
        #expect(ProcessHealth.finding(openDescriptors: 91, limit: Double(UInt64.max)).status == .healthy)
        #expect(ProcessHealth.finding(openDescriptors: nil, limit: nil).status == .healthy)
    }

    private func respond(
        _ status: HealthStatus,
        accept: String?,
        query: QueryItems = QueryItems()
    ) -> (HTTPResponse, String) {
        var history = HealthHistory()
        let report = history.take(
            [(.fleet, .healthy("fine")), (.rules, HealthFinding(status: status, message: "a \"b\""))], at: 1500)
        let request = HTTPRequest(
            method: .get,
            path: "/health",
            query: query,
            headers: accept.map { ["Accept": $0] } ?? [:]
        )
        let response = HealthDocument.respond(report, version: "1.2.3", to: request)
        guard case .bytes(let bytes) = response.body else { return (response, "") }
        return (response, String(decoding: bytes, as: UTF8.self))
    }

    @Test(
        "Who does not ask for JSON gets what redis_exporter says",
        arguments: [nil, "*/*", "text/html,application/xml;q=0.9,*/*;q=0.8", "text/plain, application/json;q=0.5"]
    )
    func text(_ accept: String?) {
        for status in [HealthStatus.healthy, .degraded] {
            let (response, text) = respond(status, accept: accept)
            #expect(response.status == .ok && text == "ok")
        }
        let (response, text) = respond(.unhealthy, accept: accept)
        #expect(response.status == .serviceUnavailable)
        #expect(text == "unhealthy: rules: a \"b\"\n")
    }

    @Test("The document says each part's status, message and time, and 503 where one is unhealthy")
    func document() {
        for (status, code) in [(HealthStatus.healthy, 200), (.degraded, 200), (.unhealthy, 503)] {
            for (accept, query) in [
                ("application/json", QueryItems()), ("*/*", QueryItems([.init(name: "format", value: "json")])),
            ] {
                let (response, text) = respond(status, accept: accept, query: query)
                #expect(response.status.code == code)
                #expect(
                    text == """
                        {"status":"\(status.rawValue)","version":"1.2.3","parts":[\
                        {"name":"fleet","status":"healthy","message":"fine","since":"1970-01-01T00:00:01.500Z"},\
                        {"name":"rules","status":"\(status.rawValue)","message":"a \\"b\\"",\
                        "since":"1970-01-01T00:00:01.500Z"}]}

                        """
                )
            }
        }
    }
}

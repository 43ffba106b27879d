import Logging
import Metrics
import PromQL
import Testing
import TimeSeriesStore

@testable import Alerting

@Suite("The alerting service")
struct AlertingServiceTests {
    private func makeStore() -> TimeSeriesStore {
        TimeSeriesStore(keys: SeriesKeyTable(catalog: MetricCatalog()))
    }

    private func append(_ store: TimeSeriesStore, _ name: String, _ values: [(Int64, Double)]) throws {
        let group = store.addGroup(labels: Labels([("instance", "i")]))
        let key = store.keys.intern(Labels([("__name__", name)]))
        for (time, value) in values { try store.append(keys: [key], values: [value], at: time, to: group) }
        store.keys.release([key])
    }

    @Test("Groups are evaluated at their own offset, and missed times are counted")
    func schedule() throws {
        let groups = try ruleGroups("groups:\n- {name: a, interval: 10s}\n- {name: b, interval: 10s}")
        let (a, b) = (EvaluationSchedule(groups[0]), EvaluationSchedule(groups[1]))
        #expect(a.offsetMilliseconds != b.offsetMilliseconds)
        for now: Int64 in [-25_000, -1, 0, 3, 1_000_000_007] {
            let slot = a.slot(at: now)
            #expect(slot <= now && now < slot + 10_000)
            #expect((slot - a.offsetMilliseconds) % 10_000 == 0)
        }
        #expect(a.catchUp(due: 1000, now: 1001) == (1000, 0))
        #expect(a.catchUp(due: 1000, now: 34_000) == (31_000, 3))
        #expect(a.catchUp(due: 1000, now: 500) == (1000, 0))
        #expect(!a.isBeyondNext(11_000, now: 1000))
        #expect(a.isBeyondNext(7_200_000, now: 1000))
    }

    @Test("A clock that is set back by hours does not end the recording")
    func clockSetBack() throws {
        let store = makeStore()
        let group = try ruleGroups(
            "groups:\n- {name: g, rules: [{record: r, expr: vector(1)}, {alert: A, expr: vector(1)}]}")[0]
        var evaluation = RuleGroupEvaluation(group)
        var writer = RuleResultWriter(store: store, ruleCount: 2)
        for time: Int64 in [10_000_000, 10_015_000, 2_000_000, 2_015_000] {
            let results = evaluation.evaluate(
                at: time,
                engine: QueryEngine(),
                source: StoreSeriesSource(store),
                externals: TemplateExternals()
            ) { writer.write($0) }
            #expect(results.allSatisfy { $0.error == nil })
            #expect(evaluation.rules[1].activeAlerts.allSatisfy { $0.activeAt <= time })
        }
        var times: [Int64] = []
        store.forEachSeries(SeriesSelector(metricName: "r"), from: 0, through: .max / 2) { _, timestamps, _ in
            times += timestamps
        }
        #expect(times == [2_000_000, 2_015_000])
    }

    @Test("The service evaluates, stores, tells of changes, and keeps states across a reload")
    func runs() async throws {
        let store = makeStore()
        let start = ContinuousClock.now
        try append(store, "a", [(0, 5)])
        let (changes, continuation) = AsyncStream<AlertChange>.makeStream()
        let rules =
            "groups:\n- name: g\n  interval: 20ms\n  rules:\n  - {record: b, expr: a * 2}\n  - {alert: C, expr: b > 0}"
        let service = AlertingService(
            groups: try ruleGroups(rules),
            store: store,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { 1_000 + Int64((ContinuousClock.now - start) / .milliseconds(1)) }
        ) { changes, _, _ in
            for change in changes { continuation.yield(change) }
        }
        let running = Task { try await service.run() }
        var iterator = changes.makeAsyncIterator()
        let first = try #require(await iterator.next())
        #expect(first.kind == .firing)
        #expect(first.alert.labels == Labels([("alertname", "C"), ("instance", "i")]))
        #expect(first.alert.value == 10)

        await service.reload(try ruleGroups(rules + "\n  - {alert: D, expr: b > 1}"))
        let second = try #require(await iterator.next())
        #expect(second.alert.labels["alertname"] == "D")
        running.cancel()
        _ = try await running.value
        let rulesNow = try #require(service.groups.first).rules
        #expect(rulesNow.map(\.rule.name) == ["b", "C", "D"])
        #expect(rulesNow[1].activeAlerts.first?.activeAt == first.alert.activeAt)
        #expect(rulesNow.allSatisfy { $0.health.status == .ok })

        var recorded: [Double] = []
        store.forEachSeries(SeriesSelector(metricName: "b"), from: 0, through: .max / 2) { _, _, values in
            recorded += values
        }
        #expect(recorded.first == 10)
    }

    @Test("One evaluation shortens ranges to the window and waits for no `for`")
    func oneShot() throws {
        let store = makeStore()
        try append(store, "a_total", (0...5).map { ($0 * 1000, Double($0)) })
        let groups = try ruleGroups(
            """
            groups:
            - name: g
              rules:
              - {record: b, expr: 'rate(a_total[5m])'}
              - alert: Busy
                expr: b > 0.9 and max_over_time(a_total[1h:1m]) > 3 and a_total offset 1h < 1
                for: 10m
                labels: {severity: warning}
                annotations: {summary: '{{ $value | humanize }} a second'}
              - {alert: Broken, expr: 'a_total[5m]'}
            """
        )
        let check = OneShotCheck(groups, at: 5000, windowMilliseconds: 5000, store: store)
        let finding = try #require(check.findings.first)
        #expect(check.findings.count == 1)
        #expect(finding.name == "Busy")
        #expect(finding.severity == "warning")
        #expect(finding.holdMilliseconds == 600_000)
        #expect(finding.annotations["summary"] == "1 a second")
        #expect(check.failures.map(\.name) == ["Broken"])
    }
}

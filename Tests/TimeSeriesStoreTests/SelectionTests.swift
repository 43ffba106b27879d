import Metrics
import Testing

@testable import TimeSeriesStore

@Suite struct SelectionTests {
    private let fixture = StoreFixture()

    init() throws {
        let keys = [
            fixture.key("redis_up"), fixture.key("redis_commands_total", [("cmd", "get")]),
            fixture.key("redis_commands_total", [("cmd", "set")]), fixture.key("own", [("instance", "mine")]),
        ]
        for name in ["a", "b"] {
            let group = fixture.group([("instance", name), ("job", "redis")])
            try fixture.store.append(keys: keys, values: [1, 2, 3, 4], at: 10, to: group)
        }
        let rules = fixture.group()
        try fixture.store.append(
            keys: [fixture.key("up:sum"), fixture.key("ALERTS", [("instance", "a")])], values: [2, 1], at: 10,
            to: rules)
    }

    private func names(_ metricName: String?, _ predicates: [SeriesSelector.Predicate] = []) -> [String] {
        fixture.read(SeriesSelector(metricName: metricName, predicates: predicates)).keys.sorted()
    }

    @Test("A metric name finds the series of that name in all groups, an unknown one none")
    func byName() {
        #expect(
            names("redis_up") == [#"redis_up{instance="a", job="redis"}"#, #"redis_up{instance="b", job="redis"}"#])
        #expect(names("redis_down") == [])
    }

    @Test("Labels of the key and of the group are matched alike")
    func byLabels() {
        #expect(
            names("redis_commands_total", [.equal("cmd", "get"), .notEqual("instance", "a")])
                == [#"redis_commands_total{cmd="get", instance="b", job="redis"}"#])
    }

    @Test("A label that is nowhere is matched as the empty text")
    func absentLabels() {
        #expect(names(nil, [.equal("job", "")]) == [#"ALERTS{instance="a"}"#, "up:sum"])
        #expect(names("redis_up", [.notEqual("role", "")]) == [])
        #expect(names("redis_commands_total", [.equal("cmd", "")]) == [])
        #expect(names("redis_up", [.equal("role", ""), .equal("instance", "b")]).count == 1)
    }

    @Test("A name can be matched like any other label")
    func nameAsLabel() {
        let starts = SeriesSelector.Predicate(label: "__name__") { $0.starts(with: "redis_c".utf8) }
        #expect(names(nil, [starts]).count == 4)
        #expect(names("redis_up", [starts]) == [])
    }

    @Test("Where key and group have a label of the same name, that of the key counts")
    func keyWins() {
        #expect(names("own", [.equal("instance", "a")]) == [])
    }

    @Test("Each predicate is asked once a key or a group, whatever the number of series")
    func evaluations() throws {
        final class Counter {
            var calls = 0
        }
        let fixture = StoreFixture()
        let keys = fixture.keys((0..<10).map { "m\($0)" })
        for group in 0..<20 {
            try fixture.store.append(
                keys: keys, values: keys.map { _ in 0 }, at: 1, to: fixture.group([("instance", "\(group)")]))
        }
        let counter = Counter()
        let predicate = SeriesSelector.Predicate(label: "instance") { _ in
            counter.calls += 1
            return true
        }
        #expect(fixture.read(SeriesSelector(predicates: [predicate])).count == 200)
        #expect(counter.calls == 20)
    }

    @Test("A series that went from an ended group to a new one with the same labels is one series")
    func movedSeries() throws {
        let fixture = StoreFixture()
        let key = fixture.key("m")
        let labels = [("instance", "a")]
        let first = fixture.group(labels)
        try fixture.store.append(keys: [key], values: [1], at: 10, to: first)
        let second = fixture.group(labels)
        try fixture.store.append(keys: [key], values: [2], at: 20, to: second)
        fixture.store.end(first, at: 20)
        try fixture.store.append(keys: [key], values: [3], at: 30, to: second)
        #expect(fixture.read()["m{instance=\"a\"}"]?.timestamps == [10, 20, 30])
        #expect(fixture.values(of: "m") == [1, 2, 3])
        #expect(fixture.readLast()["m{instance=\"a\"}"]?.doubles == [3])
        #expect(fixture.readLast(through: 29)["m{instance=\"a\"}"]?.doubles == [2])
        var seen: [String] = []
        fixture.store.forEachSeriesLabels(SeriesSelector(), from: 0, through: 100) { seen.append($0.description) }
        #expect(seen == ["m{instance=\"a\"}"])
    }

    @Test("An error that the reader throws ends the reading and arrives as it is")
    func throwingBody() {
        struct Stop: Error {}
        var calls = 0
        #expect(throws: Stop.self) {
            try fixture.store.forEachSeries(SeriesSelector(), from: 0, through: 100) {
                (_, _, _) throws(Stop) in
                calls += 1
                throw Stop()
            }
        }
        #expect(calls == 1)
    }

    @Test("A reader may append and query, as no lock is held during its call")
    func reentrantBody() throws {
        let group = fixture.group([("instance", "c")])
        let key = fixture.key("redis_up")
        var time: Int64 = 10
        fixture.store.forEachSeries(SeriesSelector(metricName: "redis_up"), from: 0, through: 100) { _, _, _ in
            time += 1
            #expect(throws: Never.self) { try fixture.store.append(keys: [key], values: [1], at: time, to: group) }
            #expect(names("redis_up").count == 3)
        }
    }

    @Test("Label names and values come sorted, each once, of all series or of those selected")
    func labels() {
        let store = fixture.store
        #expect(store.labelNames() == ["__name__", "cmd", "instance", "job"])
        #expect(store.labelNames(matching: [SeriesSelector(metricName: "up:sum")]) == ["__name__"])
        #expect(store.labelValues(of: "instance") == ["a", "b", "mine"])
        #expect(store.labelValues(of: "cmd", matching: [SeriesSelector(metricName: "redis_up")]) == [])
        let selectors = [SeriesSelector(metricName: "redis_up"), SeriesSelector(metricName: "up:sum")]
        #expect(store.labelValues(of: "__name__", matching: selectors) == ["redis_up", "up:sum"])
        #expect(store.labelValues(of: "job", matching: selectors, from: 11, through: 99) == [])
    }

    @Test("The cardinality report names what there is most of")
    func cardinality() {
        let report = fixture.store.cardinality(limit: 2)
        #expect(
            report.seriesByMetricName.map { "\($0.name) \($0.count)" } == ["redis_commands_total 4", "own 2"])
        #expect(report.seriesByLabelPair.first.map { "\($0.name) \($0.count)" } == "job=redis 8")
        #expect(report.valuesByLabelName.first.map { "\($0.name) \($0.count)" } == "__name__ 5")
    }
}

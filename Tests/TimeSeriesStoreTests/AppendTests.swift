import Metrics
import Testing

@testable import TimeSeriesStore

@Suite struct AppendTests {
    @Test("A series that is missing in a poll gets one staleness marker and no more")
    func staleness() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        try fixture.store.append(keys: keys, values: [1, 2], at: 10, to: group)
        try fixture.store.append(keys: [keys[0]], values: [1], at: 20, to: group)
        try fixture.store.append(keys: [keys[0]], values: [1], at: 30, to: group)
        try fixture.store.append(keys: keys, values: [1, 3], at: 40, to: group)
        let b = try #require(fixture.read()["b"])
        #expect(b.timestamps == [10, 20, 40])
        #expect(b.values == [2, .staleMarker, 3].map(\.bitPattern))
        #expect(fixture.read()["a"]?.timestamps == [10, 20, 30, 40])
    }

    @Test("A series whose latest value is a staleness marker gets no second one when it is gone")
    func explicitStaleness() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a"])
        try fixture.store.append(keys: keys, values: [1], at: 10, to: group)
        try fixture.store.append(keys: keys, values: [.staleMarker], at: 20, to: group)
        try fixture.store.append(keys: [], values: [], at: 30, to: group)
        #expect(fixture.read()["a"]?.timestamps == [10, 20])
    }

    @Test("A poll without any series leaves a marker in each, once, and the group goes on later")
    func nothing() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        try fixture.store.append(keys: keys, values: [1, 2], at: 10, to: group)
        try fixture.store.append(keys: [], values: [], at: 20, to: group)
        try fixture.store.append(keys: [], values: [], at: 30, to: group)
        try fixture.store.append(keys: keys, values: [1, 2], at: 40, to: group)
        for name in ["a", "b"] {
            let series = try #require(fixture.read()[name])
            #expect(series.timestamps == [10, 20, 40])
            #expect(series.doubles[1].isStaleMarker)
        }
    }

    @Test("An ended group has a marker in every series, can be read, and takes no more samples")
    func end() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a"])
        try fixture.store.append(keys: keys, values: [1], at: 10, to: group)
        fixture.store.end(group, at: 5)
        fixture.store.end(group, at: 50)
        #expect(fixture.read()["a"]?.timestamps == [10, 11])
        #expect(fixture.values(of: "a").last?.isStaleMarker == true)
        #expect(throws: StoreError.groupEnded) {
            try fixture.store.append(keys: keys, values: [1], at: 60, to: group)
        }
    }

    @Test("Samples older than the newest are refused and counted, until time has passed that point again")
    func clockStepsBack() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        try fixture.store.append(keys: keys, values: [1, 2], at: 1000, to: group)
        for time: Int64 in [400, 700, 999] {
            #expect(throws: StoreError.outOfOrder(timestamp: time, newest: 1000)) {
                try fixture.store.append(keys: keys, values: [5, 6], at: time, to: group)
            }
        }
        try fixture.store.append(keys: keys, values: [3, 4], at: 1001, to: group)
        #expect(fixture.read()["a"]?.timestamps == [1000, 1001])
        #expect(fixture.values(of: "a") == [1, 3])
        #expect(fixture.store.statistics().totals.samplesOutOfOrder == 6)
    }

    @Test("A group that continues begins anew when its samples are dated hours ahead, and only then")
    func clockSetBackByHours() throws {
        let fixture = StoreFixture()
        let first = fixture.group([("job", "x")])
        let keys = fixture.keys(["a"])
        let step = WallClock.largestStepBack
        var group = first
        try fixture.store.append(keys: keys, values: [1], at: 2 * step, continuing: &group)
        #expect(throws: StoreError.outOfOrder(timestamp: step, newest: 2 * step)) {
            try fixture.store.append(keys: keys, values: [2], at: step, continuing: &group)
        }
        #expect(group === first)
        try fixture.store.append(keys: keys, values: [3], at: step - 1, continuing: &group)
        #expect(group !== first)
        #expect(group.labels == first.labels)
        #expect(fixture.values(of: "a") == [3])
        #expect(throws: StoreError.groupEnded) {
            try fixture.store.append(keys: keys, values: [4], at: 3 * step, to: first)
        }
    }

    @Test("The same poll again is ignored, other values or series for the same time are refused; both are counted")
    func duplicates() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        try fixture.store.append(keys: keys, values: [1, .nan], at: 10, to: group)
        try fixture.store.append(keys: keys, values: [1, .nan], at: 10, to: group)
        for (otherKeys, values) in [(keys, [1.0, 2.0]), ([keys[0]], [1]), ([], [])] {
            #expect(throws: StoreError.conflictingDuplicate(timestamp: 10)) {
                try fixture.store.append(keys: otherKeys, values: values, at: 10, to: group)
            }
        }
        #expect(fixture.values(of: "a") == [1])
        let totals = fixture.store.statistics().totals
        #expect(totals.samplesDuplicate == 2)
        #expect(totals.samplesConflicting == 3)
        #expect(totals.samplesAppended == 2)
    }

    @Test("A jump of the clock into the future leaves a gap and nothing else")
    func futureJump() throws {
        let fixture = StoreFixture(history: .seconds(86_400 * 365))
        let group = fixture.group()
        let keys = fixture.keys(["a"])
        let times: [Int64] = [0, 15_000, 30_000, 86_400_000, 86_415_000]
        for time in times {
            try fixture.store.append(keys: keys, values: [Double(time)], at: time, to: group)
        }
        #expect(fixture.read()["a"]?.timestamps == times)
    }

    @Test("Keys and values that do not fit together are refused and change nothing")
    func malformedAppends() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        #expect(throws: StoreError.mismatchedCounts(keys: 2, values: 1)) {
            try fixture.store.append(keys: keys, values: [1], at: 10, to: group)
        }
        #expect(throws: StoreError.repeatedKey(keys[0])) {
            try fixture.store.append(keys: [keys[0], keys[1], keys[0]], values: [1, 2, 3], at: 10, to: group)
        }
        #expect(fixture.read().isEmpty)
        #expect(fixture.store.statistics().series == 0)
    }

    @Test("The samples of a resolver are appended as they are")
    func pollSamples() throws {
        var catalog = MetricCatalog()
        let family = catalog.add([
            MetricRow("up", "redis_up", .gauge, help: "Whether the server answers.")
        ])
        let table = SeriesKeyTable(catalog: catalog)
        let store = TimeSeriesStore(keys: table)
        var resolver = SeriesResolver(table: table, limits: SeriesLimits(perNode: 10))
        var buffer = SampleBuffer()
        buffer.append(family, 1)
        let group = store.addGroup(labels: Labels([("instance", "a:1")]))
        try store.append(resolver.resolve(buffer, at: 10), to: group)
        resolver.releaseAll()
        var seen: [String] = []
        store.forEachSeries(SeriesSelector(metricName: "redis_up"), from: 0, through: 10) { labels, times, values in
            seen.append("\(labels) \(Array(times)) \(Array(values))")
        }
        #expect(seen == [#"redis_up{instance="a:1"} [10] [1.0]"#])
    }
}

import Metrics
import TestServers
import Testing

@testable import TimeSeriesStore

@Suite struct RetentionTests {
    @Test("Samples older than the history go, a block at a time, and are counted")
    func history() throws {
        let fixture = StoreFixture(history: .seconds(60))
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        for second in 0..<600 {
            try fixture.store.append(
                keys: keys, values: [Double(second), 1], at: Int64(second) * 1000, to: group)
        }
        let times = try #require(fixture.read()["a"]?.timestamps)
        #expect(times.last == 599_000)
        #expect(times.first.map { $0 <= 539_000 && $0 >= 539_000 - 30_000 } == true)
        let statistics = fixture.store.statistics()
        #expect(statistics.samples == times.count * 2)
        #expect(statistics.totals.samplesExpired == (600 - times.count) * 2)
        #expect(statistics.oldest == times.first)
    }

    @Test("An ended group goes with its last sample, and its keys with it")
    func endedGroup() throws {
        let fixture = StoreFixture(history: .seconds(60))
        let group = fixture.group([("instance", "a")])
        let keys = fixture.keys(["a", "b"])
        for second in 0..<40 {
            try fixture.store.append(keys: keys, values: [1, 2], at: Int64(second) * 1000, to: group)
        }
        fixture.store.end(group, at: 40_000)
        fixture.table.release(keys)
        fixture.store.removeExpired(now: 100_000)
        #expect(fixture.read()["a{instance=\"a\"}"] != nil)
        #expect(fixture.table.count == 2)
        fixture.store.removeExpired(now: 100_001)
        #expect(fixture.read().isEmpty)
        #expect(fixture.table.count == 0)
        let statistics = fixture.store.statistics()
        #expect(statistics.groups == 0)
        #expect(statistics.series == 0)
        #expect(statistics.samples == 0)
    }

    @Test("A group that has fallen silent loses its samples and can be appended to again")
    func silentGroup() throws {
        let fixture = StoreFixture(history: .seconds(60))
        let group = fixture.group()
        let keys = fixture.keys(["a", "b"])
        for second in 0..<45 {
            try fixture.store.append(keys: keys, values: [Double(second), 2], at: Int64(second) * 1000, to: group)
        }
        fixture.store.removeExpired(now: 1_000_000)
        #expect(fixture.read().isEmpty)
        #expect(fixture.store.statistics().samples == 0)
        try fixture.store.append(keys: keys, values: [7, 8], at: 1_000_000, to: group)
        try fixture.store.append(keys: keys, values: [9, 8], at: 1_001_000, to: group)
        #expect(fixture.values(of: "a") == [7, 9])
        #expect(fixture.values(of: "b") == [8, 8])
    }

    @Test("A removed group is gone at once, with its keys")
    func removedGroup() throws {
        let fixture = StoreFixture()
        let empty = fixture.store.statistics().bytes
        let group = fixture.group()
        let other = fixture.group([("instance", "b")])
        let keys = fixture.keys(["a"])
        for time: Int64 in 0..<100 {
            try fixture.store.append(keys: keys, values: [Double(time)], at: time, to: group)
            try fixture.store.append(keys: keys, values: [Double(time)], at: time, to: other)
        }
        fixture.table.release(keys)
        fixture.store.remove(group)
        fixture.store.remove(group)
        #expect(fixture.read().keys.sorted() == ["a{instance=\"b\"}"])
        fixture.store.remove(other)
        #expect(fixture.table.count == 0)
        let statistics = fixture.store.statistics()
        #expect(statistics.samples == 0)
        #expect(statistics.groups == 0)
        #expect(statistics.bytes - empty < 1000)
    }

    @Test("Ten thousand short-lived series leave nothing behind")
    func churn() throws {
        let fixture = StoreFixture(history: .seconds(60))
        let group = fixture.group([("instance", "a")])
        let stays = fixture.key("stays")
        var largest = (early: 0, late: 0)
        for second in 0..<10_000 {
            // Each second another series, there for three seconds.
            let passing = (max(0, second - 2)...second).map { fixture.key("client", [("id", "\($0)")]) }
            let time = Int64(second) * 1000
            try fixture.store.append(
                keys: [stays] + passing, values: [1] + passing.map { Double($0.index) }, at: time, to: group)
            fixture.table.release(passing)
            let bytes = fixture.store.statistics().bytes
            if second < 1000 {
                largest.early = max(largest.early, bytes)
            } else {
                largest.late = max(largest.late, bytes)
            }
        }
        let statistics = fixture.store.statistics()
        #expect(statistics.series < 150)
        #expect(statistics.keys == statistics.series)
        #expect(fixture.table.count == statistics.keys)
        #expect(largest.late < largest.early * 5 / 4)
        #expect(fixture.read().count == statistics.series)
    }

    @Test("A column that is used again for another series shows nothing of the one before")
    func reusedColumn() throws {
        let fixture = StoreFixture(history: .seconds(30))
        let group = fixture.group()
        let stays = fixture.key("stays")
        for second in 0..<200 {
            let passing = second < 10 ? [fixture.key("old")] : second > 150 ? [fixture.key("new")] : []
            try fixture.store.append(
                keys: [stays] + passing, values: [1] + passing.map { _ in Double(second) },
                at: Int64(second) * 1000, to: group)
        }
        #expect(fixture.read()["old"] == nil)
        #expect(fixture.values(of: "new") == (151..<200).map(Double.init))
        #expect(fixture.store.statistics().series == 2)
    }

    @Test("At the memory limit the oldest samples of all groups go first, and are counted")
    func memoryLimit() throws {
        let fixture = StoreFixture(maxBytes: 400_000)
        let groups = (0..<4).map { fixture.group([("instance", "\($0)")]) }
        let keys = fixture.keys((0..<20).map { "m\($0)" })
        var random = SeededGenerator(seed: 1)
        for second in 0..<2000 {
            for group in groups {
                let values = keys.map { _ in Double.random(in: 0...1, using: &random) }
                try fixture.store.append(keys: keys, values: values, at: Int64(second) * 1000, to: group)
                #expect(fixture.store.statistics().bytes < 440_000)
            }
        }
        let statistics = fixture.store.statistics()
        #expect(statistics.totals.samplesEvicted > 0)
        #expect(statistics.totals.samplesEvicted + statistics.samples == 2000 * 80)
        let firsts = fixture.read().values.compactMap(\.timestamps.first)
        let spread = try #require(firsts.max()) - #require(firsts.min())
        #expect(spread <= 30_000)
    }

    @Test("When there is no block left to drop, new series are refused and the old ones go on")
    func memoryLimitWithoutBlocks() throws {
        let fixture = StoreFixture(maxBytes: 60_000)
        let group = fixture.group()
        let keys = fixture.keys((0..<500).map { "m\($0)" })
        try fixture.store.append(keys: [keys[0]], values: [1], at: 0, to: group)
        for count in [100, 200, 300, 400, 500] {
            try fixture.store.append(
                keys: Array(keys[..<count]), values: (0..<count).map(Double.init), at: Int64(count), to: group)
        }
        let statistics = fixture.store.statistics()
        #expect(statistics.totals.samplesOverMemoryLimit > 0)
        #expect(statistics.series < 500)
        #expect(fixture.values(of: "m0") == [1, 0, 0, 0, 0, 0])
    }
}

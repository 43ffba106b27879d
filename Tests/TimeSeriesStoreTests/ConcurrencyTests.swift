import Metrics
import Synchronization
import Testing

@testable import TimeSeriesStore

/// What the tasks of a test have found together.
private final class Tally: Sendable {
    let errors = Atomic<Int>(0)
    let samplesSeen = Atomic<Int>(0)
    let writers = Atomic<Int>(6)
}

@Suite struct ConcurrencyTests {
    /// Every value tells its series, so that a reader sees at once when samples are under wrong labels.
    @Test("Appends, queries, evictions and snapshots side by side lose nothing and mix nothing up")
    func sideBySide() async throws {
        let fixture = StoreFixture(history: .seconds(100), maxBytes: 300_000)
        let polls = 400
        let tally = Tally()
        await withTaskGroup(of: Void.self) { tasks in
            for writer in 0..<6 {
                tasks.addTask {
                    if !Self.write(polls, writer: writer, to: fixture) { tally.errors.add(1, ordering: .relaxed) }
                    tally.writers.subtract(1, ordering: .relaxed)
                }
            }
            for _ in 0..<2 {
                tasks.addTask {
                    repeat {
                        let (samples, wrong) = Self.check(fixture)
                        tally.samplesSeen.add(samples, ordering: .relaxed)
                        tally.errors.add(wrong, ordering: .relaxed)
                        await Task.yield()
                    } while tally.writers.load(ordering: .relaxed) > 0
                }
            }
            tasks.addTask {
                repeat {
                    var pieces: [[UInt8]] = []
                    fixture.store.encodeSnapshot { pieces.append($0) }
                    let other = StoreFixture()
                    do { try other.store.restore(from: pieces) } catch { tally.errors.add(1, ordering: .relaxed) }
                    tally.errors.add(Self.check(other).wrong, ordering: .relaxed)
                    fixture.store.removeExpired(now: 0)
                    await Task.yield()
                } while tally.writers.load(ordering: .relaxed) > 0
            }
        }
        #expect(tally.errors.load(ordering: .relaxed) == 0)
        #expect(tally.samplesSeen.load(ordering: .relaxed) > 0)
        var samples = 0
        fixture.store.forEachSeries(SeriesSelector(), from: .min, through: .max) { _, _, values in
            samples += values.count
        }
        let statistics = fixture.store.statistics()
        #expect(statistics.samples == samples)
        let gone = statistics.totals.samplesExpired + statistics.totals.samplesEvicted
        #expect(statistics.totals.samplesAppended == samples + gone)
        fixture.store.removeExpired(now: .max)
        #expect(fixture.store.statistics().samples == 0)
        #expect(fixture.table.count == 0)
    }

    /// A node with series that stay and others that come and go; the keys of those are used again for others.
    private static func write(_ polls: Int, writer: Int, to fixture: StoreFixture) -> Bool {
        let group = fixture.group([("instance", "\(writer)")])
        let stays = Array(0..<10)
        for poll in 0..<polls {
            let passing = poll / 5 % 2 == 0 ? [] : (0..<3).map { 1000 + writer * 10_000 + poll / 5 * 3 + $0 }
            let numbers = stays + passing
            let keys = numbers.map { fixture.key("m", [("number", "\($0)")]) }
            defer { fixture.table.release(keys) }
            do {
                try fixture.store.append(
                    keys: keys, values: numbers.map { Double($0 * 1000 + poll) }, at: Int64(poll) * 1000, to: group)
            } catch {
                return false
            }
        }
        fixture.store.end(group, at: Int64(polls) * 1000)
        return true
    }

    private static func check(_ fixture: StoreFixture) -> (samples: Int, wrong: Int) {
        var samples = 0
        var wrong = 0
        fixture.store.forEachSeries(SeriesSelector(metricName: "m"), from: .min, through: .max) {
            labels, timestamps, values in
            let number = labels["number"].flatMap { Int($0) } ?? -1
            for (timestamp, value) in zip(timestamps, values) where !value.isStaleMarker {
                samples += 1
                if value != Double(number * 1000) + Double(timestamp / 1000) { wrong += 1 }
            }
        }
        return (samples, wrong)
    }
}

import Metrics
import TestServers
import Testing

@testable import TimeSeriesStore

/// A series that behaves in one of the ways that series behave.
private enum Behaviour: CaseIterable {
    case constant, counter, steadyCounter, gauge, decimal, seconds, ratio, anyBits, special, rarelyChanging, huge

    func next(after previous: Double, using random: inout SeededGenerator) -> Double {
        switch self {
        case .constant: 42
        case .counter: previous + Double(Int.random(in: 0...5000, using: &random))
        case .steadyCounter: previous + 15
        case .gauge: Double(Int.random(in: -1000...1000, using: &random))
        case .decimal: Double(Int.random(in: 0...99999, using: &random)) / 100
        case .seconds: ((previous * 1e6).rounded() + Double(Int.random(in: 0...9999, using: &random))) / 1e6
        case .ratio: Double.random(in: 0...1, using: &random)
        case .anyBits: Double(bitPattern: random.next())
        case .special: Self.specials.randomElement(using: &random) ?? 0
        case .rarelyChanging: Int.random(in: 0..<12, using: &random) == 0 ? previous + 1 : previous
        case .huge: Double(sign: .plus, exponent: Int.random(in: 40...70, using: &random), significand: 1.5)
        }
    }

    static let specials: [Double] = [
        .nan, .signalingNaN, -.nan, .staleMarker, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude,
        .leastNonzeroMagnitude, -.leastNormalMagnitude, 9_007_199_254_740_992, 9_007_199_254_740_994, -1e-12,
        Double(bitPattern: 0x7FF8_DEAD_BEEF_0001), 0.1 + 0.2,
    ]
}

@Suite struct RoundTripTests {
    @Test("Random polls of series that come and go are read back bit for bit", arguments: 0..<40)
    func randomPolls(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fixture = StoreFixture()
        let group = fixture.group([("instance", "a:1")])
        let names = (0..<60).map { "m\($0)" }
        let keys = fixture.keys(names)
        let behaviours = names.indices.map { Behaviour.allCases[$0 % Behaviour.allCases.count] }
        var values = names.map { _ in 0.0 }
        var isThere = names.map { _ in true }
        var expected: [String: ReadSeries] = [:]
        var time = Int64.random(in: -1_000_000...1_700_000_000_000, using: &random)
        let flips = Int.random(in: 0...3, using: &random)
        for _ in 0..<Int.random(in: 1...200, using: &random) {
            let before = isThere
            for _ in 0..<flips where Int.random(in: 0..<4, using: &random) == 0 {
                isThere[Int.random(in: names.indices, using: &random)].toggle()
            }
            var polled: [Int] = []
            for index in names.indices {
                let name = "m\(index){instance=\"a:1\"}"
                if isThere[index] {
                    values[index] = behaviours[index].next(after: values[index], using: &random)
                    polled.append(index)
                    expected[name, default: ReadSeries()].add(time, values[index])
                } else if before[index], let series = expected[name], !series.isStale {
                    expected[name]?.add(time, .staleMarker)
                }
            }
            if Bool.random(using: &random), flips > 1 { polled.shuffle(using: &random) }
            try fixture.store.append(
                keys: polled.map { keys[$0] }, values: polled.map { values[$0] }, at: time, to: group)
            time += Int64.random(in: 1...30_000, using: &random)
        }
        #expect(fixture.read() == expected)
        #expect(fixture.readLast() == expected.mapValues(\.last))
        let statistics = fixture.store.statistics()
        #expect(statistics.samples == expected.values.reduce(0) { $0 + $1.values.count })
        #expect(statistics.totals.samplesAppended == statistics.samples)
        try checkRanges(of: expected, in: fixture, &random)
    }

    private func checkRanges(
        of expected: [String: ReadSeries],
        in fixture: StoreFixture,
        _ random: inout SeededGenerator
    ) throws {
        let times = expected.values.flatMap(\.timestamps)
        for _ in 0..<5 {
            let first = try #require(times.randomElement(using: &random)) - Int64.random(in: 0...1, using: &random)
            let last = try #require(times.randomElement(using: &random)) + Int64.random(in: 0...1, using: &random)
            let cut = expected.mapValues { $0.from(first, through: last) }.filter { !$0.value.timestamps.isEmpty }
            #expect(fixture.read(from: first, through: last) == cut)
            #expect(fixture.readLast(from: first, through: last) == cut.mapValues(\.last))
        }
    }

    @Test("Timestamps at both ends of the range of 64 bits come back")
    func extremeTimestamps() throws {
        let fixture = StoreFixture(history: .seconds(Int64.max / 1000))
        let group = fixture.group()
        let times: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
        for time in times {
            try fixture.store.append(keys: fixture.keys(["m"]), values: [1], at: time, to: group)
        }
        #expect(fixture.read()["m"]?.timestamps == times)
        fixture.store.end(group, at: .max)
        #expect(fixture.read()["m"]?.timestamps == times)
    }

    @Test("A group of thousands of series finds each of them in a sealed block")
    func manySeries() throws {
        let fixture = StoreFixture()
        let group = fixture.group()
        let keys = fixture.keys((0..<3000).map { "m\($0)" })
        for row in 0..<31 {
            try fixture.store.append(
                keys: keys, values: keys.indices.map { Double($0 * 1000 + row) }, at: Int64(row), to: group)
        }
        for index in keys.indices where index % 7 == 0 {
            #expect(fixture.values(of: "m\(index)") == (0..<31).map { Double(index * 1000 + $0) })
        }
    }
}

extension ReadSeries {
    fileprivate mutating func add(_ timestamp: Int64, _ value: Double) {
        timestamps.append(timestamp)
        values.append(value.bitPattern)
    }

    /// The last sample alone.
    fileprivate var last: ReadSeries {
        ReadSeries(timestamps: timestamps.suffix(1), values: values.suffix(1))
    }

    fileprivate var isStale: Bool {
        values.last == Double.staleMarker.bitPattern
    }

    fileprivate func from(_ first: Int64, through last: Int64) -> ReadSeries {
        var result = ReadSeries()
        for (timestamp, value) in zip(timestamps, doubles) where timestamp >= first && timestamp <= last {
            result.add(timestamp, value)
        }
        return result
    }
}

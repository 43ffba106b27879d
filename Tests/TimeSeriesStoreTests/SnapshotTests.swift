import Metrics
import TestServers
import Testing

@testable import TimeSeriesStore

@Suite struct SnapshotTests {
    private let fixture = StoreFixture()

    init() throws {
        var random = SeededGenerator(seed: 7)
        let keys = fixture.keys((0..<12).map { "m\($0)" }) + [fixture.key("q", [("text", "a\"\nü")])]
        for node in 0..<3 {
            let group = fixture.group([("instance", "\(node)")])
            for second in 0..<(node * 40 + 5) {
                let polled = second % 11 == 3 ? Array(keys.dropLast(4)) : keys
                let values = polled.indices.map { index in
                    index % 3 == 0 ? Double(second) : index % 3 == 1 ? 5 : Double.random(in: 0...1, using: &random)
                }
                try fixture.store.append(keys: polled, values: values, at: Int64(second) * 1000, to: group)
            }
        }
        _ = fixture.group([("instance", "empty")])
    }

    private var pieces: [[UInt8]] {
        var result: [[UInt8]] = []
        fixture.store.encodeSnapshot { result.append($0) }
        return result
    }

    @Test("What is restored is what was there, and new samples continue it")
    func roundTrip() throws {
        let other = StoreFixture()
        try other.store.restore(from: pieces)
        #expect(other.read() == fixture.read())
        #expect(other.store.statistics().samples == fixture.store.statistics().samples)
        let group = other.group([("instance", "2")])
        try other.store.append(keys: [other.key("m0")], values: [999], at: 100_000, to: group)
        let series = try #require(other.read(SeriesSelector(metricName: "m0"))["m0{instance=\"2\"}"])
        #expect(series.timestamps.count == 86)
        #expect(series.doubles.last == 999)
    }

    @Test("What is restored expires like anything else, and its keys are given back")
    func expires() throws {
        let other = StoreFixture()
        try other.store.restore(from: pieces)
        other.store.removeExpired(now: 10_000_000)
        #expect(other.read().isEmpty)
        #expect(other.table.count == 0)
        #expect(other.store.statistics().groups == 0)
    }

    @Test("A snapshot of a restored store is the same again")
    func repeated() throws {
        let other = StoreFixture()
        try other.store.restore(from: pieces)
        var again: [[UInt8]] = []
        other.store.encodeSnapshot { again.append($0) }
        #expect(again == pieces)
    }

    @Test("Pieces that are missing, cut off, changed or foreign are refused with the reason, and nothing is restored")
    func damaged() {
        let pieces = pieces
        var changed = pieces
        changed[2][100] ^= 1
        var newer = pieces
        newer[0][8] = 9
        let cases: [([[UInt8]], Int, SnapshotProblem)] = [
            ([], 0, .incomplete),
            (Array(pieces.dropLast()), 4, .incomplete),
            ([pieces[0], pieces[1], pieces[4]], 2, .incomplete),
            (Array(pieces.dropFirst()), 0, .notASnapshot),
            ([Array("SQLite format 3".utf8)], 0, .notASnapshot),
            (newer, 0, .unknownVersion(9)),
            (changed, 2, .wrongChecksum),
            ([pieces[0], Array(pieces[1].dropLast())], 1, .wrongChecksum),
            ([pieces[0], []], 1, .wrongLength),
            (pieces + [pieces[1]], 5, .wrongLength),
            ([pieces[0], pieces[1], pieces[1]], 2, .malformed),
        ]
        for (input, piece, problem) in cases {
            let other = StoreFixture()
            #expect(throws: StoreError.badSnapshot(piece: piece, problem: problem)) {
                try other.store.restore(from: input)
            }
            #expect(other.store.statistics().groups == 0)
            #expect(other.table.count == 0)
        }
    }

    @Test("Pieces whose bytes were changed under a right checksum never crash the reader", arguments: 0..<8)
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let contents = pieces.map { Array($0.dropLast(SnapshotFormat.checksumSize)) }
        var outcomes = (refused: 0, restored: 0)
        for _ in 0..<300 {
            var damaged = contents
            let piece = Int.random(in: 0..<damaged.count, using: &random)
            damage(&damaged[piece], using: &random)
            let other = StoreFixture()
            do {
                try other.store.restore(from: damaged.map { SnapshotFormat.closed($0) })
                outcomes.restored += 1
                // Whatever got through must be readable, written again and removable.
                _ = readAll(other.store)
                other.store.encodeSnapshot { _ in }
                other.store.removeExpired(now: .max)
            } catch {
                outcomes.refused += 1
                #expect(other.store.statistics().groups == 0)
            }
        }
        #expect(outcomes.refused > 0)
        #expect(outcomes.refused + outcomes.restored == 300)
    }

    @Test("Random bytes are no snapshot")
    func randomBytes() {
        var random = SeededGenerator(seed: 3)
        for size in 0..<200 {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            for body in [bytes, [SnapshotFormat.group] + bytes] {
                #expect(throws: StoreError.self) {
                    try StoreFixture().store.restore(from: [pieces[0], SnapshotFormat.closed(body)])
                }
            }
        }
    }

    private func readAll(_ store: TimeSeriesStore) -> Int {
        var samples = 0
        store.forEachSeries(SeriesSelector(), from: .min, through: .max) { _, _, values in samples += values.count }
        return samples
    }

    private func damage(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        case 1:
            bytes.insert(
                UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
        default:
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                bytes[position] = UInt8.random(in: 0...255, using: &random)
            }
        }
    }
}

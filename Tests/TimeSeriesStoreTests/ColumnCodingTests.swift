import Metrics
import TestServers
import Testing

@testable import TimeSeriesStore

@Suite struct ColumnCodingTests {
    /// The entry of values that are in all rows.
    private func entry(_ values: [Double]) -> [UInt8] {
        let cells = values.map(\.bitPattern)
        var buffer = EntryBuffer(capacity: 0)
        buffer.prepare()
        cells.withUnsafeBufferPointer { cells in
            if let base = cells.baseAddress {
                ColumnEncoder().append(
                    base, presence: ColumnFormat.allRows(values.count), rows: values.count, to: &buffer)
            }
        }
        return Array(buffer.bytes)
    }

    private func decode(_ entry: [UInt8], rows: Int) -> [UInt64]? {
        var output = [Double](repeating: 0, count: ColumnFormat.rowLimit)
        let padded = entry + SealedBlock.padding
        let presence = padded.withUnsafeBytes { bytes in
            output.withUnsafeMutableBufferPointer { output in
                output.baseAddress.flatMap {
                    ColumnDecoder.decode(
                        UnsafeRawBufferPointer(rebasing: bytes[..<entry.count]), rows: rows, into: $0)
                }
            }
        }
        return presence.map { output[..<$0.nonzeroBitCount].map(\.bitPattern) }
    }

    @Test("A series that does not change takes a few bytes however long it lasts")
    func constant() {
        #expect(entry([Double](repeating: 1, count: 30)).count == 2)
        #expect(entry([Double](repeating: 67_108_864, count: 30)).count == 5)
        #expect(entry([Double](repeating: 0.25, count: 30)).count == 2)
    }

    @Test("A counter that grows at a constant rate takes no bits a sample")
    func steadyCounter() {
        #expect(entry((0..<30).map { 1_000_000 + Double($0) * 15 }).count <= 8)
    }

    @Test("Seconds that Redis counts in microseconds are coded as integers")
    func microseconds() {
        let values = (0..<30).map { Double(123_456_789 + $0 * 4321 + $0 % 7) / 1e6 }
        #expect(entry(values).count < 30)
        #expect(decode(entry(values), rows: 30) == values.map(\.bitPattern))
    }

    @Test("No entry needs more than the one byte that its length has, whatever the values")
    func largestEntry() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let values = (0..<30).map { _ in Double(bitPattern: random.next()) }
            let encoded = entry(values)
            #expect(encoded.count <= 255)
            #expect(decode(encoded, rows: 30) == values.map(\.bitPattern))
        }
    }

    @Test("Every width of differences comes back", arguments: 0...51)
    func widths(width: Int) {
        let step = width == 0 ? 0 : Double(UInt64(1) << UInt64(width - 1))
        let values = (0..<30).map { $0 % 3 == 1 ? step : Double($0 % 2) }
        #expect(decode(entry(values), rows: 30) == values.map(\.bitPattern))
    }

    @Test("Every entry that is cut off is refused, and random ones never crash the decoder")
    func damagedEntries() {
        var random = SeededGenerator(seed: 5)
        let entries = [
            entry((0..<30).map(Double.init)), entry((0..<30).map { Double($0 / 10) }), entry([1, 2, .staleMarker]),
            entry((0..<30).map { _ in Double.random(in: 0...1, using: &random) }),
        ]
        for entry in entries {
            for length in 0..<entry.count {
                #expect(decode(Array(entry[..<length]), rows: 30) == nil)
            }
        }
        var readable = 0
        for _ in 0..<200_000 {
            let size = Int.random(in: 0...40, using: &random)
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            if decode(bytes, rows: Int.random(in: 1...30, using: &random)) != nil { readable += 1 }
        }
        #expect(readable < 200_000)
    }
}

import Bytes

/// Makes a `SealedBlock` from columns given in ascending order.
struct BlockBuilder: ~Copyable {
    private let rows: Int
    private var words: [UInt64]
    private let columnCount: Int
    private var lengths: [UInt8] = []
    private var entries: EntryBuffer
    private var sampleCount = 0
    private let encoder = ColumnEncoder()

    init(rows: Int, columnCount: Int) {
        self.rows = rows
        self.columnCount = columnCount
        words = [UInt64](repeating: 0, count: (columnCount + 63) / 64)
        lengths.reserveCapacity(columnCount)
        entries = EntryBuffer(capacity: columnCount * 32)
    }

    /// Adds a column; `cells` has a value for each row.
    mutating func add(_ column: Int, cells: UnsafePointer<UInt64>, presence: UInt32) {
        entries.prepare()
        let start = entries.count
        encoder.append(cells, presence: presence, rows: rows, to: &entries)
        words[column >> 6] |= 1 << UInt64(column & 63)
        lengths.append(UInt8(entries.count - start))
        sampleCount += presence.nonzeroBitCount
    }

    /// Puts the parts together; there is one timestamp a row.
    consuming func seal(timestamps: [Int64]) -> SealedBlock? {
        guard let first = timestamps.first, let last = timestamps.last, !lengths.isEmpty else { return nil }
        var encodedTimestamps: [UInt8] = []
        TimestampCoding.append(timestamps, to: &encodedTimestamps)
        let shape = BlockShape(
            rows: rows, columnCount: columnCount, presentCount: lengths.count,
            timestampSize: encodedTimestamps.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(shape.entries + entries.count + SealedBlock.padding.count)
        bytes.append(UInt8(rows))
        bytes.appendInteger(UInt32(columnCount))
        bytes.appendInteger(UInt32(encodedTimestamps.count))
        bytes.appendInteger(UInt32(lengths.count))
        appendDirectory(to: &bytes)
        bytes.append(contentsOf: encodedTimestamps)
        bytes.append(contentsOf: entries.bytes)
        bytes.append(contentsOf: SealedBlock.padding)
        return SealedBlock(
            bytes: bytes, shape: shape, sampleCount: sampleCount, firstTimestamp: first, lastTimestamp: last)
    }

    private func appendDirectory(to bytes: inout [UInt8]) {
        for word in words {
            bytes.appendInteger(word)
        }
        var rank = 0
        for (index, word) in words.enumerated() {
            if index % SealedBlock.wordsPerRank == 0 { bytes.appendInteger(UInt32(rank)) }
            rank += word.nonzeroBitCount
        }
        bytes.append(contentsOf: lengths)
        var offset = 0
        for (index, length) in lengths.enumerated() {
            if index % SealedBlock.entriesPerOffset == 0 { bytes.appendInteger(UInt32(offset)) }
            offset += Int(length)
        }
    }
}

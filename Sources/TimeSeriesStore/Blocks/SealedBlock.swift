import Metrics

/// Up to 30 polls of one group, compressed, in one piece of memory that never changes again.
///
/// ```
/// rows 1 byte │ columns 4 │ bytes of timestamps 4 │ present columns 4
/// which columns are present, in words of 64 bits │ ranks: how many are present before each eighth word, 4 bytes each
/// the length of each present column's entry, 1 byte each │ offsets of each sixteenth entry, 4 bytes each
/// timestamps │ entries │ padding
/// ```
/// A column is found without reading another one: bit, rank, offset, and at most fifteen lengths.
struct SealedBlock: Sendable {
    static let headerSize = 13
    static let wordsPerRank = 8
    static let entriesPerOffset = 16
    static let padding = [UInt8](repeating: 0, count: BitPacking.overread)

    let bytes: [UInt8]
    let rows: Int
    let columnCount: Int
    let presentCount: Int
    let sampleCount: Int
    let firstTimestamp: Int64
    let lastTimestamp: Int64
    private let timestampSize: Int

    /// Joins the parts that a `BlockBuilder` has made.
    init(
        bytes: [UInt8],
        shape: BlockShape,
        sampleCount: Int,
        firstTimestamp: Int64,
        lastTimestamp: Int64
    ) {
        self.bytes = bytes
        rows = shape.rows
        columnCount = shape.columnCount
        presentCount = shape.presentCount
        timestampSize = shape.timestampSize
        self.sampleCount = sampleCount
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
    }

    /// What the block costs, with the header of its allocation.
    var byteCount: Int {
        bytes.count + 48 + MemoryLayout<SealedBlock>.stride
    }

    var shape: BlockShape {
        BlockShape(
            rows: rows, columnCount: columnCount, presentCount: presentCount, timestampSize: timestampSize)
    }

    func has(_ column: Int) -> Bool {
        guard column < columnCount else { return false }
        return bytes.withUnsafeBytes { Self.word(column >> 6, in: $0) & (1 << UInt64(column & 63)) != 0 }
    }

    /// Writes the timestamp of each row to `output`.
    ///
    /// False where the bytes are damaged.
    @discardableResult
    func decodeTimestamps(into output: UnsafeMutablePointer<Int64>) -> Bool {
        let shape = shape
        return bytes.withUnsafeBytes { bytes in
            let encoded = UnsafeRawBufferPointer(rebasing: bytes[shape.timestamps..<shape.entries])
            return TimestampCoding.decode(encoded, count: rows, into: output)
        }
    }

    /// Writes the values of a column to `output`, which has room for 30, and returns in which rows they are.
    func decode(_ column: Int, into output: UnsafeMutablePointer<Double>) -> UInt32 {
        guard column < columnCount else { return 0 }
        let shape = shape
        return bytes.withUnsafeBytes { bytes in
            guard let rank = Self.rank(of: column, in: bytes, shape: shape) else { return 0 }
            let entry = Self.entry(rank, in: bytes, shape: shape)
            return ColumnDecoder.decode(UnsafeRawBufferPointer(rebasing: bytes[entry]), rows: rows, into: output) ?? 0
        }
    }

    @inline(__always)
    private static func word(_ index: Int, in bytes: UnsafeRawBufferPointer) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: headerSize + index * 8, as: UInt64.self))
    }

    private static func rank(of column: Int, in bytes: UnsafeRawBufferPointer, shape: BlockShape) -> Int? {
        let wordIndex = column >> 6
        let bit = UInt64(1) << UInt64(column & 63)
        let word = word(wordIndex, in: bytes)
        guard word & bit != 0 else { return nil }
        let rankIndex = wordIndex / wordsPerRank
        var rank = Int(
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: shape.ranks + rankIndex * 4, as: UInt32.self)))
        var index = rankIndex * wordsPerRank
        while index < wordIndex {
            rank += Self.word(index, in: bytes).nonzeroBitCount
            index += 1
        }
        return rank + (word & (bit - 1)).nonzeroBitCount
    }

    private static func entry(_ rank: Int, in bytes: UnsafeRawBufferPointer, shape: BlockShape) -> Range<Int> {
        let offsetIndex = rank / entriesPerOffset
        let offset = bytes.loadUnaligned(fromByteOffset: shape.offsets + offsetIndex * 4, as: UInt32.self)
        var start = shape.entries + Int(UInt32(littleEndian: offset))
        for index in (offsetIndex * entriesPerOffset)..<rank {
            start += Int(bytes[shape.lengths + index])
        }
        return start..<(start + Int(bytes[shape.lengths + rank]))
    }
}

/// Where the parts of a block lie.
struct BlockShape {
    let rows: Int
    let columnCount: Int
    let presentCount: Int
    let timestampSize: Int

    var wordCount: Int { (columnCount + 63) / 64 }
    var rankCount: Int { (wordCount + SealedBlock.wordsPerRank - 1) / SealedBlock.wordsPerRank }
    var offsetCount: Int { (presentCount + SealedBlock.entriesPerOffset - 1) / SealedBlock.entriesPerOffset }

    var ranks: Int { SealedBlock.headerSize + wordCount * 8 }
    var lengths: Int { ranks + rankCount * 4 }
    var offsets: Int { lengths + presentCount }
    var timestamps: Int { offsets + offsetCount * 4 }
    var entries: Int { timestamps + timestampSize }
}

import Bytes

extension SealedBlock {
    /// Takes bytes that may be damaged, without padding.
    ///
    /// Whatever gets through can be read without a further check: each directory entry points into the block, and each
    /// series decodes.
    init?(checking content: UnsafeRawBufferPointer) {
        var header = ByteReader(content)
        guard let rows = header.byte(), rows > 0, rows <= ColumnFormat.rowLimit,
            let columnCount = header.integer(UInt32.self),
            let timestampSize = header.integer(UInt32.self),
            let presentCount = header.integer(UInt32.self),
            presentCount > 0, presentCount <= columnCount, Int(columnCount) <= content.count * 8
        else { return nil }
        let shape = BlockShape(
            rows: Int(rows), columnCount: Int(columnCount), presentCount: Int(presentCount),
            timestampSize: Int(timestampSize))
        guard shape.entries <= content.count,
            Self.hasRightDirectory(content, shape: shape),
            let (first, last) = Self.timestampBounds(content, shape: shape)
        else { return nil }
        let bytes = Array(content) + Self.padding
        guard let samples = Self.checkedSampleCount(bytes, shape: shape) else { return nil }
        self.init(bytes: bytes, shape: shape, sampleCount: samples, firstTimestamp: first, lastTimestamp: last)
    }

    /// Whether ranks and offsets are those that the bits and the lengths give, and the entries end with the block.
    private static func hasRightDirectory(_ content: UnsafeRawBufferPointer, shape: BlockShape) -> Bool {
        var words = ByteReader(UnsafeRawBufferPointer(rebasing: content[headerSize..<shape.ranks]))
        var ranks = ByteReader(UnsafeRawBufferPointer(rebasing: content[shape.ranks..<shape.lengths]))
        var rank = 0
        for index in 0..<shape.wordCount {
            if index % wordsPerRank == 0, ranks.integer(UInt32.self) != UInt32(rank) { return false }
            guard let word = words.integer(UInt64.self) else { return false }
            let unused = (index + 1) * 64 - shape.columnCount
            if unused > 0, word.leadingZeroBitCount < unused { return false }
            rank += word.nonzeroBitCount
        }
        guard rank == shape.presentCount else { return false }
        var offsets = ByteReader(UnsafeRawBufferPointer(rebasing: content[shape.offsets..<shape.timestamps]))
        var offset = 0
        for index in 0..<shape.presentCount {
            if index % entriesPerOffset == 0, offsets.integer(UInt32.self) != UInt32(truncatingIfNeeded: offset) {
                return false
            }
            offset += Int(content[shape.lengths + index])
        }
        return shape.entries + offset == content.count
    }

    private static func timestampBounds(
        _ content: UnsafeRawBufferPointer,
        shape: BlockShape
    ) -> (first: Int64, last: Int64)? {
        let encoded = UnsafeRawBufferPointer(rebasing: content[shape.timestamps..<shape.entries])
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: ColumnFormat.rowLimit) { timestamps in
            guard let base = timestamps.baseAddress,
                TimestampCoding.decode(encoded, count: shape.rows, into: base)
            else { return nil }
            return (timestamps[0], timestamps[shape.rows - 1])
        }
    }

    private static func checkedSampleCount(_ bytes: [UInt8], shape: BlockShape) -> Int? {
        bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: ColumnFormat.rowLimit) { values in
                guard let base = values.baseAddress else { return nil }
                var samples = 0
                var start = shape.entries
                for index in 0..<shape.presentCount {
                    let end = start + Int(bytes[shape.lengths + index])
                    let entry = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    guard let presence = ColumnDecoder.decode(entry, rows: shape.rows, into: base) else { return nil }
                    samples += presence.nonzeroBitCount
                    start = end
                }
                return samples
            }
        }
    }
}

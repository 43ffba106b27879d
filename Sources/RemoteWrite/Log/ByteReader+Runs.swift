import TimeSeriesStore

extension ByteReader {
    var isAtEnd: Bool {
        remaining == 0
    }

    /// A run of bytes behind its length.
    mutating func lengthAndBytes() -> UnsafeRawBufferPointer? {
        varint().flatMap { Int(exactly: $0) }.flatMap { slice($0) }
    }
}

/// What ``ByteReader`` reads again.
extension [UInt8] {
    /// Appends a number in LEB128: seven bits a byte, the lowest first.
    @inlinable
    package mutating func appendVarint(_ value: UInt64) {
        // Nearly all are lengths of short texts.
        if value < 0x80 { return append(UInt8(truncatingIfNeeded: value)) }
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number, zigzag in LEB128.
    @inlinable
    package mutating func appendSignedVarint(_ value: Int64) {
        appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends all bytes of an integer, the lowest first.
    @inlinable
    package mutating func appendInteger(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends bytes behind their number.
    @inlinable
    package mutating func appendRun(_ bytes: UnsafeRawBufferPointer) {
        appendVarint(UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    /// Appends a text behind its length.
    @inlinable
    package mutating func appendRun(_ text: String) {
        appendVarint(UInt64(text.utf8.count))
        // Byte by byte otherwise.
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
            append(contentsOf: text.utf8)
        }
    }
}

/// Reads numbers and runs from bytes that may be damaged: past the end it gives `nil` and never traps.
///
/// Inlinable, like the writing of the same: both stand in the innermost loops of other modules.
package struct ByteReader {
    package let bytes: UnsafeRawBufferPointer
    @usableFromInline package internal(set) var offset = 0

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    @inlinable package var remaining: Int {
        bytes.count - offset
    }

    @inlinable package var isAtEnd: Bool {
        remaining == 0
    }

    @inlinable
    package mutating func byte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A fixed-width integer, the lowest byte first.
    @inlinable
    package mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        guard remaining >= MemoryLayout<Value>.size else { return nil }
        defer { offset += MemoryLayout<Value>.size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    /// An unsigned number in LEB128.
    @inlinable
    package mutating func varint() -> UInt64? {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            guard let next = byte() else { return nil }
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
        }
        return nil
    }

    /// A signed number, zigzag in LEB128.
    @inlinable
    package mutating func signedVarint() -> Int64? {
        guard let raw = varint() else { return nil }
        return Int64(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
    }

    /// A count that at least that many remaining bytes must bear out, so that no count asks for memory in vain.
    @inlinable
    package mutating func count(atLeastBytesEach size: Int) -> Int? {
        guard let raw = varint(), let count = Int(exactly: raw), count <= remaining / max(size, 1) else { return nil }
        return count
    }

    @inlinable
    package mutating func slice(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= remaining else { return nil }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }

    /// A run of bytes behind its length.
    @inlinable
    package mutating func run() -> UnsafeRawBufferPointer? {
        varint().flatMap { Int(exactly: $0) }.flatMap { slice($0) }
    }
}

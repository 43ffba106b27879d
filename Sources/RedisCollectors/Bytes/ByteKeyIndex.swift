/// Numbers byte strings in the order in which they come, and finds the number of one again.
///
/// Open addressing over one arena: finding allocates nothing and makes no `String`.
struct ByteKeyIndex: Sendable {
    private struct Key: Sendable {
        let offset: Int
        let length: Int
        let hash: UInt64
    }

    private var arena: [UInt8] = []
    private var keys: [Key] = []
    /// The number of the key plus one, zero for a free slot; the size is a power of two.
    private var slots: [UInt32] = []

    /// The number of keys.
    var count: Int {
        keys.count
    }

    /// The key with a number, as text.
    func text(at number: Int) -> String {
        let key = keys[number]
        return String(decoding: arena[key.offset..<(key.offset + key.length)], as: UTF8.self)
    }

    /// Hands over the bytes of the key with a number.
    func withBytes<Result>(at number: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        let key = keys[number]
        return body(arena.span.extracting(key.offset..<(key.offset + key.length)))
    }

    /// Forgets all keys and keeps the memory.
    mutating func removeAll() {
        arena.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        for index in slots.indices {
            slots[index] = 0
        }
    }

    /// The number of the key that equals a range of bytes.
    func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        find(bytes, range, hash: Self.hash(bytes, range))
    }

    private func find(_ bytes: Span<UInt8>, _ range: Range<Int>, hash: UInt64) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot] - 1)
            if keys[number].hash == hash, equals(keys[number], bytes, range) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The number of the key that equals a range of bytes; a new one if there was none.
    mutating func insert(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        let hash = Self.hash(bytes, range)
        if let number = find(bytes, range, hash: hash) { return number }
        if (keys.count + 1) * 2 > slots.count { grow() }
        let key = Key(offset: arena.count, length: range.count, hash: hash)
        bytes.withUnsafeBufferPointer { arena.append(contentsOf: $0[range]) }
        keys.append(key)
        place(keys.count - 1)
        return keys.count - 1
    }

    /// The number of a key given as text; a new one if there was none.
    mutating func insert(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        return insert(bytes.span, 0..<bytes.count)
    }

    private mutating func place(_ number: Int) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: keys[number].hash) & mask
        while slots[slot] != 0 {
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(truncatingIfNeeded: number + 1)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(64, slots.count * 2))
        for number in keys.indices {
            place(number)
        }
    }

    /// Word by word, the last one overlapping: names are too short for the call of `memcmp` to pay.
    private func equals(_ key: Key, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard key.length == range.count else { return false }
        return arena.withUnsafeBytes { own in
            bytes.withUnsafeBytes { other in
                func isSame<Word: FixedWidthInteger>(at position: Int, as word: Word.Type) -> Bool {
                    own.loadUnaligned(fromByteOffset: key.offset + position, as: word)
                        == other.loadUnaligned(fromByteOffset: range.lowerBound + position, as: word)
                }
                guard key.length >= 8 else {
                    return (0..<key.length).allSatisfy { isSame(at: $0, as: UInt8.self) }
                }
                var position = 0
                while position < key.length - 8 {
                    guard isSame(at: position, as: UInt64.self) else { return false }
                    position += 8
                }
                return isSame(at: key.length - 8, as: UInt64.self)
            }
        }
    }

    /// The first, the middle and the last eight bytes and the length: that tells the field names of INFO apart.
    ///
    /// A server that makes its names collide costs itself a poll and us some milliseconds, as all tables are bounded.
    private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            let count = range.count
            var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
            if count >= 8 {
                let first = range.lowerBound
                let words = (
                    buffer.loadUnaligned(fromByteOffset: first, as: UInt64.self),
                    buffer.loadUnaligned(fromByteOffset: first + count / 2 - 4, as: UInt64.self),
                    buffer.loadUnaligned(fromByteOffset: first + count - 8, as: UInt64.self)
                )
                hash = (hash ^ words.0) &* 0xFF51_AFD7_ED55_8CCD
                hash = (hash ^ (hash >> 32) ^ words.1) &* 0xC4CE_B9FE_1A85_EC53
                hash = (hash ^ (hash >> 32) ^ words.2) &* 0xFF51_AFD7_ED55_8CCD
            } else {
                for position in range {
                    hash = (hash ^ UInt64(buffer[position])) &* 0x0000_0100_0000_01B3
                }
            }
            return hash ^ (hash >> 29)
        }
    }
}

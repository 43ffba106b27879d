/// The entries of a block while it is made: memory that grows, and a cursor that needs no check for each byte.
struct EntryBuffer: ~Copyable {
    /// Room that `prepare` makes: more than any entry needs, and than any single write oversteps.
    static let entryRoom = 512

    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int) {
        memory = .allocate(byteCount: max(capacity, Self.entryRoom), alignment: 8)
    }

    deinit {
        memory.deallocate()
    }

    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[..<count])
    }

    /// Makes room for one entry.
    ///
    /// To be called before each.
    mutating func prepare() {
        guard memory.count - count < Self.entryRoom else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 8)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }

    mutating func append(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }

    mutating func append(_ value: some FixedWidthInteger) {
        memory.storeBytes(of: value.littleEndian, toByteOffset: count, as: type(of: value))
        count += MemoryLayout.size(ofValue: value)
    }

    mutating func appendSignedVarint(_ value: Int64) {
        var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends numbers that fit into `width` bits side by side, the lowest bit first.
    mutating func appendPacked(_ numbers: UnsafePointer<UInt64>, count numberCount: Int, width: Int) {
        guard width > 0 else { return }
        let end = count + BitPacking.byteCount(numberCount, width: width)
        var pending: UInt64 = 0
        var pendingBits = 0
        for index in 0..<numberCount {
            let number = numbers[index]
            pending |= number << UInt64(pendingBits)
            pendingBits += width
            if pendingBits >= 64 {
                append(pending)
                pendingBits -= 64
                // What did not fit; where everything did, all bits are shifted out.
                pending = number >> UInt64(width - pendingBits)
            }
        }
        // Up to seven bytes too many, which the next write covers.
        if pendingBits > 0 { append(pending) }
        count = end
    }
}

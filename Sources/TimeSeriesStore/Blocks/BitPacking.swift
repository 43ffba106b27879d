/// Numbers of one width, side by side, the lowest bit first.
enum BitPacking {
    /// How many bytes a packed number may be read beyond the end of the packed ones; memory must be there.
    static let overread = 9

    static func byteCount(_ count: Int, width: Int) -> Int {
        (count * width + 7) / 8
    }

    static func width(of value: UInt64) -> Int {
        64 - value.leadingZeroBitCount
    }

    /// The number at an index.
    ///
    /// `packed` must be followed by `overread` readable bytes.
    @inline(__always)
    static func number(at index: Int, width: Int, in packed: UnsafeRawPointer) -> UInt64 {
        let bit = index &* width
        let start = packed + (bit &>> 3)
        let shift = UInt64(truncatingIfNeeded: bit & 7)
        let low = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) &>> shift
        let mask = width == 64 ? UInt64.max : (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
        if width <= 57 { return low & mask }
        let high = UInt64((start + 8).load(as: UInt8.self))
        return (low | (shift == 0 ? 0 : high &<< (64 &- shift))) & mask
    }
}

/// How the values of one series in one block are written.
///
/// An entry is a header byte, up to two masks of 32 bits, and numbers:
/// ```
/// header   bits 0…3  decimal places of the integers; 15 for raw bit patterns
///          bit 4     a mask follows: in which rows the series is present (else in all)
///          bit 5     a mask follows: at which of the present rows the value changes (else at all, or at none)
///          bit 6     the last present value is a staleness marker and not among the numbers
///          bit 7     there is more than one number
/// numbers  integers  one:  zigzag; more: base zigzag, width byte, then packed
///                    width bit 7 clear: differences, of which `lowest` (zigzag, behind the width) is subtracted
///                    width bit 7 set:   distances from the base, which is the smallest
///          raw       first pattern (8 bytes); more: shift byte, width byte, then packed (pattern ^ one before) >> shift
/// ```
/// The entry is decided anew for each block, so no choice lasts longer than 30 polls.
enum ColumnFormat {
    static let rawScale: UInt8 = 15
    static let scaleBits: UInt8 = 0x0F
    static let hasPresence: UInt8 = 0x10
    static let hasChanges: UInt8 = 0x20
    static let endsStale: UInt8 = 0x40
    static let hasSeveral: UInt8 = 0x80
    static let distancesFromBase: UInt8 = 0x80

    /// Rows of a block.
    ///
    /// With 30, an entry never takes more than 255 bytes, and its length is one byte.
    static let rowLimit = 30

    static func allRows(_ count: Int) -> UInt32 {
        count >= 32 ? .max : (1 << UInt32(count)) - 1
    }
}

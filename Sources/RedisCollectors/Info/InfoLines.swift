/// One `name:value` line of an INFO reply, as places in its bytes.
struct InfoLine: Equatable {
    private let start: UInt32
    private let colon: UInt32
    private let end: UInt32

    init(start: Int, colon: Int, end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.colon = UInt32(truncatingIfNeeded: colon)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    var name: Range<Int> {
        Int(start)..<Int(colon)
    }

    var value: Range<Int> {
        (Int(colon) + 1)..<Int(end)
    }
}

/// The lines of an INFO reply that have a name and a value.
struct InfoLines {
    /// No server says more; a Redis with every module has a tenth.
    static let limit = 20_000

    private(set) var lines: [InfoLine] = []
    private(set) var skips = ParseSkips()

    /// Finds the lines of a reply; headings and empty lines are left out, others without a colon are counted.
    init(parsing bytes: Span<UInt8>) {
        lines.reserveCapacity(min(Self.limit, bytes.count / 28 + 8))
        var start = 0
        while start < bytes.count {
            let feed = bytes.firstOffset(of: UInt8(ascii: "\n"), in: start..<bytes.count) ?? bytes.count
            let hasReturn = feed > start && bytes[feed - 1] == UInt8(ascii: "\r")
            add(start..<(hasReturn ? feed - 1 : feed), of: bytes)
            start = feed + 1
        }
    }

    private mutating func add(_ range: Range<Int>, of bytes: Span<UInt8>) {
        guard let first = bytes.first(in: range), first != UInt8(ascii: "#") else { return }
        guard let colon = bytes.firstOffset(of: UInt8(ascii: ":"), in: range), colon > range.lowerBound else {
            skips.add(.malformed)
            return
        }
        guard lines.count < Self.limit else {
            skips.add(.overLimit)
            return
        }
        lines.append(InfoLine(start: range.lowerBound, colon: colon, end: range.upperBound))
    }
}

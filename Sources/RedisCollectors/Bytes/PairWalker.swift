/// Walks `name=value` pairs that a separator keeps apart, as in `keys=3,expires=0`.
struct PairWalker {
    /// One pair; `name` is empty where a part has no equals sign.
    struct Pair {
        let name: Range<Int>
        let value: Range<Int>
    }

    private var position: Int
    private let end: Int
    private let separator: UInt8

    /// Starts at the front of a range.
    init(_ range: Range<Int>, separator: UInt8 = UInt8(ascii: ",")) {
        position = range.lowerBound
        end = range.upperBound
        self.separator = separator
    }

    /// The next pair of `bytes`, `nil` behind the last.
    mutating func next(in bytes: Span<UInt8>) -> Pair? {
        guard position < end else { return nil }
        let start = position
        let stop = bytes.firstOffset(of: separator, in: start..<end) ?? end
        position = stop + 1
        guard let equals = bytes.firstOffset(of: UInt8(ascii: "="), in: start..<stop) else {
            return Pair(name: start..<start, value: start..<stop)
        }
        return Pair(name: start..<equals, value: (equals + 1)..<stop)
    }
}

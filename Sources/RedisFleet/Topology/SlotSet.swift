/// A set of the 16384 hash slots of a cluster.
public struct SlotSet: Sendable, Hashable {
    /// The number of slots that every cluster has.
    public static let slotCount = 16384

    private var words = [UInt64](repeating: 0, count: slotCount / 64)

    /// No slot.
    public init() {}

    /// The number of slots in the set.
    public var count: Int {
        words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Whether there is none.
    public var isEmpty: Bool {
        words.allSatisfy { $0 == 0 }
    }

    /// Adds the slots of a range; `false` and unchanged where there are no such slots.
    @discardableResult
    mutating func insert(_ first: Int64, _ last: Int64) -> Bool {
        guard first >= 0, first <= last, last < Int64(Self.slotCount) else { return false }
        for slot in Int(first)...Int(last) {
            words[slot >> 6] |= 1 << UInt64(slot & 63)
        }
        return true
    }

    /// Whether a slot from 0 to 16383 is in the set.
    public func contains(_ slot: Int) -> Bool {
        (0..<Self.slotCount).contains(slot) && words[slot >> 6] & (1 << UInt64(slot & 63)) != 0
    }

    /// Adds all slots of another set.
    mutating func formUnion(_ other: SlotSet) {
        for index in words.indices {
            words[index] |= other.words[index]
        }
    }

    /// The slots that are in none of the sets joined here.
    var complement: SlotSet {
        var result = self
        for index in words.indices {
            result.words[index] = ~words[index]
        }
        return result
    }

    /// The slots as ranges in ascending order.
    public var ranges: [ClosedRange<Int>] {
        var result: [ClosedRange<Int>] = []
        var start: Int?
        for slot in 0...Self.slotCount {
            if contains(slot) {
                start = start ?? slot
            } else if let first = start {
                result.append(first...(slot - 1))
                start = nil
            }
        }
        return result
    }

    /// `0-5460 10923`, the empty set as an empty text.
    ///
    /// - Parameter limit: How many ranges are told; where there are more the text ends with how many.
    public func text(limit: Int = 16) -> String {
        let ranges = ranges
        var words = ranges.prefix(limit).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        if ranges.count > limit { words.append("and \(ranges.count - limit) more ranges") }
        return words.joined(separator: " ")
    }
}

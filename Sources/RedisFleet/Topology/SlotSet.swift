/// A set of the 16384 hash slots of a cluster, small where the slots are in few ranges, as they nearly always are.
public struct SlotSet: Sendable, Hashable {
    /// The number of slots that every cluster has.
    public static let slotCount = 16384

    /// A run of slots.
    private struct Run: Hashable {
        var first: UInt16
        var last: UInt16
    }

    /// Ascending; no two touch.
    private var runs: [Run] = []

    /// No slot.
    public init() {}

    /// The number of slots in the set.
    public var count: Int {
        runs.reduce(0) { $0 + Int($1.last) - Int($1.first) + 1 }
    }

    /// Whether there is none.
    public var isEmpty: Bool {
        runs.isEmpty
    }

    /// Adds the slots of a range; `false` and unchanged where there are no such slots.
    @discardableResult
    mutating func insert(_ first: Int64, _ last: Int64) -> Bool {
        guard first >= 0, first <= last, last < Int64(Self.slotCount) else { return false }
        insert(Run(first: UInt16(first), last: UInt16(last)))
        return true
    }

    private mutating func insert(_ new: Run) {
        // Slots are below 2^14, so a step beyond either end is in range.
        guard let newest = runs.last, new.first <= newest.last + 1 else { return runs.append(new) }
        let start = firstRun { $0.last + 1 >= new.first }
        let end = firstRun { $0.first > new.last + 1 }
        guard start < end else { return runs.insert(new, at: start) }
        let joined = Run(first: min(new.first, runs[start].first), last: max(new.last, runs[end - 1].last))
        runs.replaceSubrange(start..<end, with: CollectionOfOne(joined))
    }

    /// The first run that holds what all runs behind it hold, too.
    private func firstRun(where isBehind: (Run) -> Bool) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(runs[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Whether a slot from 0 to 16383 is in the set.
    public func contains(_ slot: Int) -> Bool {
        guard (0..<Self.slotCount).contains(slot) else { return false }
        let position = firstRun { $0.last >= slot }
        return position < runs.count && runs[position].first <= slot
    }

    /// Adds all slots of another set.
    mutating func formUnion(_ other: SlotSet) {
        for run in other.runs {
            insert(run)
        }
    }

    /// The slots that are not in the set.
    var complement: SlotSet {
        var result = SlotSet()
        var next: Int64 = 0
        for run in runs {
            result.insert(next, Int64(run.first) - 1)
            next = Int64(run.last) + 1
        }
        result.insert(next, Int64(Self.slotCount) - 1)
        return result
    }

    /// The sixteenths of all slots: `00000-01023`, so that names sort as the slots do.
    static let blockNames: [String] = (0..<16).map { block in
        func padded(_ slot: Int) -> String {
            String(repeating: "0", count: 5 - String(slot).count) + String(slot)
        }
        return "\(padded(block * blockSize))-\(padded((block + 1) * blockSize - 1))"
    }

    private static let blockSize = slotCount / 16

    /// How many slots of the set are in each sixteenth of all slots.
    var countsByBlock: [Int] {
        var counts = [Int](repeating: 0, count: 16)
        for range in ranges {
            for block in range.lowerBound / Self.blockSize...range.upperBound / Self.blockSize {
                let start = block * Self.blockSize
                counts[block] += range.clamped(to: start...start + Self.blockSize - 1).count
            }
        }
        return counts
    }

    /// The slots as ranges in ascending order.
    public var ranges: [ClosedRange<Int>] {
        runs.map { Int($0.first)...Int($0.last) }
    }

    /// `0-5460 10923`, the empty set as an empty text.
    ///
    /// - Parameter limit: How many ranges are told; where there are more the text ends with how many.
    public func text(limit: Int = 16) -> String {
        var words = ranges.prefix(limit).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        if runs.count > limit { words.append("and \(runs.count - limit) more ranges") }
        return words.joined(separator: " ")
    }
}

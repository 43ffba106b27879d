/// The samples of one poll of one node: what the store appends and the exposition renders.
public struct PollSamples: Sendable {
    /// When the poll was made, in milliseconds since 1970.
    public let timestamp: Int64
    /// The keys, each at most once.
    ///
    /// The array is shared with the poll before as long as the node has the same series.
    public let keys: [SeriesKey]
    /// The values, one a key.
    public let values: [Double]
    let layout: SampleLayout
    /// Keeps the keys in their table for as long as somebody has these samples.
    let lease: KeyLease?

    /// No sample at all.
    public static func none(at timestamp: Int64) -> PollSamples {
        PollSamples(timestamp: timestamp, keys: [], values: [], layout: SampleLayout(), lease: nil)
    }
}

/// A reference to each of some keys, given back when nobody has the lease any more.
final class KeyLease: Sendable {
    private let table: SeriesKeyTable
    private let keys: [SeriesKey]

    init(_ keys: [SeriesKey], of table: SeriesKeyTable) {
        self.table = table
        self.keys = keys
        table.retain(keys)
    }

    deinit {
        table.release(keys)
    }
}

/// In which order samples are exposed: by family name, within a family as the collector gave them.
struct SampleLayout: Sendable {
    struct Run: Sendable {
        let family: FamilyID
        let rank: Int
        let range: Range<Int>
    }

    /// Indices into the samples.
    private(set) var order: [UInt32] = []
    /// The families in `order`, sorted by rank.
    private(set) var runs: [Run] = []

    init() {}

    init(families: [FamilyID], ranks: [Int]) {
        order = families.indices.map { UInt32($0) }
        order.sort { left, right in
            let leftRank = ranks[families[Int(left)].index]
            let rightRank = ranks[families[Int(right)].index]
            return leftRank == rightRank ? left < right : leftRank < rightRank
        }
        var start = 0
        while start < order.count {
            let family = families[Int(order[start])]
            var end = start + 1
            while end < order.count, families[Int(order[end])] == family {
                end += 1
            }
            runs.append(Run(family: family, rank: ranks[family.index], range: start..<end))
            start = end
        }
    }
}

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
        PollSamples(timestamp: timestamp, keys: [], values: [], layout: .empty, lease: nil)
    }
}

/// A reference to each of some keys, given back when nobody has the lease any more.
final class KeyLease: Sendable {
    private let table: SeriesKeyTable
    private let keys: [SeriesKey]

    /// Takes the caller's references over.
    init(taking keys: [SeriesKey], of table: SeriesKeyTable) {
        self.table = table
        self.keys = keys
    }

    deinit {
        table.release(keys)
    }
}

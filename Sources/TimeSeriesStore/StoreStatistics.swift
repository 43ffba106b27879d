/// What a store holds and what it refused, at one moment.
public struct StoreStatistics: Sendable, Hashable {
    /// Series with samples in memory, ended ones included.
    public var series = 0
    /// Groups, ended ones included.
    public var groups = 0
    /// Different series keys.
    public var keys = 0
    /// Samples in memory.
    public var samples = 0
    /// Sealed blocks; each holds up to 30 polls of a group.
    public var blocks = 0
    /// Bytes of samples, per-series state and index.
    ///
    /// The labels of keys belong to the key table and are left out.
    public var bytes = 0
    /// The oldest sample, in milliseconds since 1970; `nil` without samples.
    public var oldest: Int64?
    /// The newest sample, in milliseconds since 1970; `nil` without samples.
    public var newest: Int64?
    /// What was stored or dropped since the start.
    public var totals = StoreTotals()
}

/// Counts since the start of the store.
public struct StoreTotals: Sendable, Hashable {
    /// Samples stored.
    public var samplesAppended = 0
    /// Samples refused because they were older than the newest of their group.
    public var samplesOutOfOrder = 0
    /// Samples left out because the very same was there already.
    public var samplesDuplicate = 0
    /// Samples refused because there was another value for the same time.
    public var samplesConflicting = 0
    /// Samples of new series refused because the memory limit was reached.
    public var samplesOverMemoryLimit = 0
    /// Samples forgotten because they were older than the history to keep.
    public var samplesExpired = 0
    /// Samples forgotten before their time because the memory limit was reached.
    public var samplesEvicted = 0
}

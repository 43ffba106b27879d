import Metrics

/// What a query for last samples has taken from one group under its lock.
struct LatestReading {
    /// A series that was in the group's newest poll.
    struct Series {
        let key: UInt32
        let bits: UInt64
    }

    /// The time of the newest poll.
    private(set) var timestamp: Int64 = 0
    private(set) var series: [Series] = []
    /// The series whose last sample has to be looked for.
    private(set) var older: GroupReading?

    /// Takes the last samples from `first` to `last`, both included, in place of those of the group before.
    mutating func take(
        _ keys: ArraySlice<UInt32>,
        from first: Int64,
        through last: Int64,
        in state: GroupState
    ) {
        series.removeAll(keepingCapacity: true)
        older = nil
        guard let newest = state.newest, newest >= first else { return }
        guard newest <= last else {
            older = GroupReading(keys, from: first, through: last, in: state)
            return
        }
        timestamp = newest
        var gone: [UInt32] = []
        for key in keys {
            guard let index = state.byKey.column(of: key) else { continue }
            let column = state.columns[Int(index)]
            if column.isLive {
                series.append(Series(key: key, bits: column.last))
            } else {
                gone.append(key)
            }
        }
        if !gone.isEmpty { older = GroupReading(gone, from: first, through: last, in: state) }
    }
}

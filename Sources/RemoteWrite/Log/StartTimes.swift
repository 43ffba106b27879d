/// Since when the counters of a group count, as far as can be seen: since the first sample, or since the last one
/// before the value fell.
struct StartTimes {
    private struct Start {
        var since: Int64
        var latest: Double
        var latestTimestamp: Int64
    }

    private var starts: [Start?] = []
    private var keys: [UInt64] = []

    /// The same for another list of keys.
    func arranged(for keys: [UInt64]) -> StartTimes {
        guard keys != self.keys else { return self }
        let known = Dictionary(zip(self.keys, starts)) { first, _ in first }
        var result = StartTimes()
        result.keys = keys
        result.starts = keys.map { known[$0] ?? nil }
        return result
    }

    /// Takes a value; since when it counts.
    mutating func note(_ value: Double, of index: Int, at timestamp: Int64) -> Int64 {
        var start = starts[index] ?? Start(since: timestamp, latest: value, latestTimestamp: timestamp)
        if value < start.latest { start.since = start.latestTimestamp }
        start.latest = value
        start.latestTimestamp = timestamp
        starts[index] = start
        return start.since
    }
}

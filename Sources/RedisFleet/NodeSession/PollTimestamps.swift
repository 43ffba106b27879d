/// The times of a node's samples, no two of which are the same: a series cannot have two samples of one time.
struct PollTimestamps: Sendable {
    /// The time given out last, in milliseconds since 1970.
    private(set) var last: Int64 = 0

    /// The wall clock, but never at or before the time given out last.
    mutating func next(now: Int64) -> Int64 {
        // A clock that was set back by more than a second is believed; the store decides about such samples.
        last = now > last - 1000 ? max(now, last + 1) : now
        return last
    }
}

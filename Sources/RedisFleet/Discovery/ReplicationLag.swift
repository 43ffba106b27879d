import RedisClient
import RedisCollectors

/// How far a master's offset was at which time, for about an hour.
struct OffsetTimeline: Sendable {
    private struct Sample {
        var time: ContinuousClock.Instant
        let offset: Int64
        /// When the offset was seen for the first time.
        let since: ContinuousClock.Instant
    }

    /// At one sample a second an hour; of an idle master far more.
    private static let limit = 3600
    private var samples: [Sample] = []

    /// The newest offset.
    var newestOffset: Int64? {
        samples.last?.offset
    }

    /// When the timeline was added to for the last time.
    var newestTime: ContinuousClock.Instant? {
        samples.last?.time
    }

    /// Notes where the master is now; an offset that goes back begins a new timeline.
    mutating func append(_ offset: Int64, at time: ContinuousClock.Instant) {
        if let last = samples.last {
            if offset < last.offset {
                samples.removeAll()
            } else if offset == last.offset {
                samples[samples.count - 1].time = time
                return
            }
        }
        if samples.count >= Self.limit {
            samples.removeFirst(Self.limit / 4)
        }
        samples.append(Sample(time: time, offset: offset, since: time))
    }

    /// The last time at which the master was no further than `offset`; the oldest known time where it always was.
    func lastTime(atOrBelow offset: Int64) -> ContinuousClock.Instant? {
        var low = 0
        var high = samples.count
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? samples[low - 1].time : samples.first?.since
    }
}

/// How far replicas are behind, in bytes and in seconds: how long ago the master was where the replica is now.
///
/// Timelines belong to a replication history, not to an address, so a chained replica is held against the master at
/// the top, and a failover goes on where the master before has ended.
struct ReplicationLag: Sendable {
    /// How far one replica is behind.
    struct Lag: Sendable, Equatable {
        /// Bytes of replication that it has not processed; `nil` where the master's offset is not known.
        let bytes: Int64?
        /// The age of its data.
        let age: Duration
    }

    private struct Follower {
        var history = ""
        var offset: Int64 = 0
        /// When it was known to have all that the master had.
        var currentAsOf: ContinuousClock.Instant
        var sampled: ContinuousClock.Instant
        var isLevel = false
    }

    /// A replica that was level this long ago is taken to be level still.
    private static let patience: Duration = .seconds(3)
    private static let timelineLifetime: Duration = .seconds(7200)

    private var timelines: [String: OffsetTimeline] = [:]
    private var followers: [Endpoint: Follower] = [:]

    /// Takes over what a node says about its replication.
    mutating func note(_ facts: SelfDescription, of endpoint: Endpoint, at now: ContinuousClock.Instant) {
        guard !facts.replicationID.isEmpty else { return }
        switch facts.role {
        case .master:
            followers[endpoint] = nil
            noteMaster(facts, at: now)
        case .replica:
            noteReplica(facts, of: endpoint, at: now)
        case .sentinel, .unknown:
            followers[endpoint] = nil
        }
    }

    private mutating func noteMaster(_ facts: SelfDescription, at now: ContinuousClock.Instant) {
        if timelines[facts.replicationID] == nil {
            timelines = timelines.filter { _, timeline in
                timeline.newestTime.map { now - $0 < Self.timelineLifetime } ?? false
            }
            timelines[facts.replicationID] = timelines[facts.secondReplicationID] ?? OffsetTimeline()
        }
        timelines[facts.replicationID]?.append(facts.offset, at: now)
    }

    private mutating func noteReplica(_ facts: SelfDescription, of endpoint: Endpoint, at now: ContinuousClock.Instant)
    {
        var follower = followers[endpoint] ?? Follower(currentAsOf: now, sampled: now)
        follower.history = facts.replicationID
        follower.offset = facts.offset
        follower.sampled = now
        follower.isLevel = false
        if facts.masterLink?.isUp == true, let timeline = timelines[facts.replicationID],
            let newest = timeline.newestOffset
        {
            if facts.offset >= newest {
                follower.isLevel = true
                follower.currentAsOf = now
            } else if let time = timeline.lastTime(atOrBelow: facts.offset) {
                follower.currentAsOf = time
            }
        }
        followers[endpoint] = follower
    }

    /// How far a replica is behind now; `nil` for a node that is no replica or was not asked yet.
    func lag(of endpoint: Endpoint, now: ContinuousClock.Instant) -> Lag? {
        guard let follower = followers[endpoint] else { return nil }
        let newest = timelines[follower.history]?.newestOffset
        if follower.isLevel, now - follower.sampled < Self.patience {
            return Lag(bytes: newest == nil ? nil : 0, age: .zero)
        }
        return Lag(bytes: newest.map { max(0, $0 - follower.offset) }, age: max(.zero, now - follower.currentAsOf))
    }

    /// Forgets a node that is not watched any more.
    mutating func forget(_ endpoint: Endpoint) {
        followers[endpoint] = nil
    }
}

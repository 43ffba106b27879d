import RedisClient
import RedisCollectors

/// How far a master's offset was at which time, for about an hour.
struct OffsetTimeline: Sendable {
    private struct Sample {
        var time: ContinuousClock.Instant
        /// As a distance from the first offset, so that offsets may wrap.
        let distance: Int64
        /// When the offset was seen for the first time.
        let since: ContinuousClock.Instant
    }

    /// At one sample a second an hour; of an idle master far more.
    private static let limit = 3600
    private var samples: [Sample] = []
    private var firstOffset: Int64 = 0

    /// How far the newest offset is before `offset`; negative where it is behind, `nil` where none is known.
    func bytesBehind(_ offset: Int64) -> Int64? {
        samples.last.map { $0.distance &- distance(of: offset) }
    }

    private func distance(of offset: Int64) -> Int64 {
        offset &- firstOffset
    }

    /// When the timeline was added to for the last time.
    var newestTime: ContinuousClock.Instant? {
        samples.last?.time
    }

    /// Notes where the master is now; an offset that goes back begins a new timeline.
    mutating func append(_ offset: Int64, at time: ContinuousClock.Instant) {
        if let last = samples.last {
            let progress = distance(of: offset) &- last.distance
            if progress < 0 {
                samples.removeAll()
            } else if progress == 0 {
                samples[samples.count - 1].time = time
                return
            }
        }
        if samples.isEmpty { firstOffset = offset }
        if samples.count >= Self.limit {
            samples.removeFirst(Self.limit / 4)
        }
        samples.append(Sample(time: time, distance: distance(of: offset), since: time))
    }

    /// The last time at which the master was no further than `offset`; the oldest known time where it always was.
    func lastTime(atOrBelow offset: Int64) -> ContinuousClock.Instant? {
        let distance = distance(of: offset)
        var low = 0
        var high = samples.count
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].distance <= distance { low = middle + 1 } else { high = middle }
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
        /// When it was last known how far it is; `nil` where that was never known.
        var judged: ContinuousClock.Instant?
        var isLevel = false
    }

    /// A replica that was level this long ago is taken to be level still.
    private static let patience: Duration = .seconds(3)
    /// For so long a replica may have a history that no watched master has, as after a failover.
    private static let settling: Duration = .seconds(10)
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
        if facts.masterLink?.isUp != true {
            // Of a link that was down before anybody looked the server knows since when.
            let since = facts.masterLink?.downSeconds.map { now - .seconds($0) }
            if follower.judged == nil, let since { follower.currentAsOf = since }
            follower.judged = now
        } else if let timeline = timelines[facts.replicationID], let behind = timeline.bytesBehind(facts.offset) {
            follower.judged = now
            if behind <= 0 {
                follower.isLevel = true
                follower.currentAsOf = now
            } else if let time = timeline.lastTime(atOrBelow: facts.offset) {
                follower.currentAsOf = time
            }
        }
        followers[endpoint] = follower
    }

    /// How far a replica is behind now; `nil` for a node that is no replica, was not asked yet, or whose link to a
    /// master that is not watched is up.
    func lag(of endpoint: Endpoint, now: ContinuousClock.Instant) -> Lag? {
        guard let follower = followers[endpoint], let judged = follower.judged,
            follower.sampled - judged < Self.settling
        else { return nil }
        let behind = timelines[follower.history]?.bytesBehind(follower.offset)
        if follower.isLevel, now - follower.sampled < Self.patience {
            return Lag(bytes: behind == nil ? nil : 0, age: .zero)
        }
        return Lag(bytes: behind.map { max(0, $0) }, age: max(.zero, now - follower.currentAsOf))
    }

    /// Forgets a node that is not watched any more.
    mutating func forget(_ endpoint: Endpoint) {
        followers[endpoint] = nil
    }
}

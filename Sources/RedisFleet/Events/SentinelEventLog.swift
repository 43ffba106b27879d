import RedisClient

/// What the Sentinels of one target have published: counted by Sentinel and event, and read as failovers.
struct SentinelEventLog {
    /// How a failover of a master goes.
    struct FailoverNews: Equatable {
        let masterName: String
        let action: FailoverStateMachine.Action
    }

    /// So many kinds of events of one Sentinel are told apart.
    private static let kindLimit = 64
    /// The failovers of so many masters are followed.
    private static let masterLimit = 1024

    private var counts: [Endpoint: [String: Int]] = [:]
    private var failovers: [String: FailoverStateMachine] = [:]

    /// The number of events of a Sentinel by their channel.
    func counts(of sentinel: Endpoint) -> [String: Int] {
        counts[sentinel, default: [:]]
    }

    /// A Sentinel has published an event.
    mutating func receive(
        _ event: SentinelEvent,
        from sentinel: Endpoint,
        now: ContinuousClock.Instant
    ) -> FailoverNews? {
        let isKnown = counts[sentinel]?[event.channel] != nil
        if isKnown || counts[sentinel, default: [:]].count < Self.kindLimit {
            counts[sentinel, default: [:]][event.channel, default: 0] += 1
        }
        guard let name = event.masterName else { return nil }
        return follow(name) { $0.receive(event, from: sentinel, now: now) }
    }

    /// The Sentinels were asked: what those of the highest epoch say about each master.
    mutating func note(_ views: [SentinelView], now: ContinuousClock.Instant) -> [FailoverNews] {
        var newest: [String: SentinelView.Entry] = [:]
        for entry in views.flatMap(\.masters).map(\.entry) {
            if let known = newest[entry.name], known.configurationEpoch >= entry.configurationEpoch { continue }
            newest[entry.name] = entry
        }
        return newest.sorted { $0.key < $1.key }.compactMap { name, entry in
            let isWell = entry.isWell && !entry.isFailingOver
            return follow(name) { $0.note(master: entry.endpoint, isWell: isWell, now: now) }
        }
    }

    /// Whether a failover of the master is tried.
    func isTrying(_ masterName: String) -> Bool {
        failovers[masterName]?.isTrying ?? false
    }

    /// A Sentinel is watched no longer.
    mutating func forget(_ sentinel: Endpoint) {
        counts[sentinel] = nil
    }

    private mutating func follow(
        _ name: String,
        _ step: (inout FailoverStateMachine) -> FailoverStateMachine.Action
    ) -> FailoverNews? {
        guard failovers[name] != nil || failovers.count < Self.masterLimit else { return nil }
        let action = step(&failovers[name, default: FailoverStateMachine()])
        return action == .none ? nil : FailoverNews(masterName: name, action: action)
    }
}

import RedisClient

/// Follows the failovers of one master by what its Sentinels tell.
///
/// Every Sentinel tells of the same failover, several may try at once, and messages get lost while nobody listens: so a
/// failover is over when the first one names another master, by an event or when asked, and the others are no news.
struct FailoverStateMachine: Sendable {
    /// How a failover ended.
    enum Outcome: String, Sendable {
        /// There is another master.
        case completed
        /// The Sentinels that tried have given up.
        case aborted
    }

    /// What comes of an event.
    enum Action: Sendable, Equatable {
        /// No failover has ended.
        case none
        /// A failover is over; the duration is `nil` where its beginning was not heard.
        case end(Outcome, Duration?)
    }

    private enum State {
        case idle
        /// Enough Sentinels agree that the master is down.
        case down(since: ContinuousClock.Instant)
        /// Sentinels try a failover.
        case trying(since: ContinuousClock.Instant, Set<Endpoint>)
    }

    /// For so long what a Sentinel answers may be older than what was heard.
    private static let settling: Duration = .seconds(5)
    /// A master that is well for so long is not being replaced: the end was not heard.
    private static let patience: Duration = .seconds(600)

    private var state = State.idle
    /// The master's address, as last named.
    private var master: Endpoint?
    private var lastChange: ContinuousClock.Instant?

    /// Whether Sentinels try a failover.
    var isTrying: Bool {
        if case .trying = state { true } else { false }
    }

    /// A Sentinel has published an event about the master.
    mutating func receive(_ event: SentinelEvent, from sentinel: Endpoint, now: ContinuousClock.Instant) -> Action {
        switch event.channel {
        case "+odown":
            if case .idle = state { state = .down(since: now) }
            return .none
        case "-odown":
            // Whoever tries already goes on, however well the master is.
            if case .down = state { state = .idle }
            return .none
        case "+try-failover":
            begin(by: sentinel, now: now)
            return .none
        case "+switch-master":
            guard let address = event.newMaster else { return .none }
            return replace(by: address, now: now)
        case "+reset-master":
            state = .idle
            return .none
        default:
            guard event.channel.hasPrefix("-failover-abort") else { return .none }
            return abort(by: sentinel, now: now)
        }
    }

    /// A Sentinel was asked, and names a master.
    ///
    /// - Parameter isWell: Whether the Sentinel thinks that this master is up and is not replacing it.
    mutating func note(master address: Endpoint, isWell: Bool, now: ContinuousClock.Instant) -> Action {
        if let lastChange, now - lastChange < Self.settling { return .none }
        guard master == nil || master == address else { return replace(by: address, now: now) }
        master = address
        switch state {
        case .down(let since) where isWell && now - since > Self.settling: state = .idle
        case .trying(let since, _) where isWell && now - since > Self.patience: state = .idle
        case .idle, .down, .trying: break
        }
        return .none
    }

    private mutating func begin(by sentinel: Endpoint, now: ContinuousClock.Instant) {
        switch state {
        case .idle: state = .trying(since: now, [sentinel])
        case .down(let since): state = .trying(since: since, [sentinel])
        case .trying(let since, let others): state = .trying(since: since, others.union([sentinel]))
        }
    }

    private mutating func abort(by sentinel: Endpoint, now: ContinuousClock.Instant) -> Action {
        guard case .trying(let since, var others) = state else { return .none }
        others.remove(sentinel)
        guard others.isEmpty else {
            state = .trying(since: since, others)
            return .none
        }
        state = .idle
        return .end(.aborted, now - since)
    }

    private mutating func replace(by address: Endpoint, now: ContinuousClock.Instant) -> Action {
        guard master != address else { return .none }
        master = address
        lastChange = now
        defer { state = .idle }
        return switch state {
        case .idle: .end(.completed, nil)
        case .down(let since), .trying(let since, _): .end(.completed, now - since)
        }
    }
}

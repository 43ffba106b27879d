/// Decides when a node that failed is tried again, so that a dead one costs one attempt per backoff step.
struct CircuitBreakerStateMachine: Sendable {
    /// How the pause between attempts grows.
    struct Backoff: Sendable {
        /// The pause after the first failure.
        var initial: Duration = .milliseconds(500)
        /// The longest pause.
        var maximum: Duration = .seconds(15)
    }

    enum State: Sendable, Equatable {
        /// The node works: every attempt is allowed.
        case closed
        /// The node failed: no attempt before `retryAt`.
        case open(failures: Int, retryAt: ContinuousClock.Instant)
        /// One attempt is under way; its outcome decides.
        case halfOpen(failures: Int)
    }

    private(set) var state: State = .closed
    private let backoff: Backoff

    init(backoff: Backoff = Backoff()) {
        self.backoff = backoff
    }

    /// When the next attempt is allowed; `nil` where it is allowed now.
    var retryAt: ContinuousClock.Instant? {
        if case .open(_, let retryAt) = state { retryAt } else { nil }
    }

    /// How many attempts have failed since the last one that worked.
    var failures: Int {
        switch state {
        case .closed: 0
        case .open(let failures, _), .halfOpen(let failures): failures
        }
    }

    /// Whether the last attempt failed.
    var hasFailed: Bool {
        if case .closed = state { false } else { true }
    }

    /// Whether the pause is over, or there is none.
    func allowsAttempt(now: ContinuousClock.Instant) -> Bool {
        retryAt.map { now >= $0 } ?? true
    }

    /// An attempt begins; `succeed` or `fail` must follow.
    mutating func begin() {
        if case .open(let failures, _) = state {
            state = .halfOpen(failures: failures)
        }
    }

    /// The attempt worked.
    mutating func succeed() {
        state = .closed
    }

    /// The attempt failed.
    ///
    /// - Parameter jitter: a random number from 0 to 1 that spreads the attempts of nodes that failed together over
    ///   the second half of the pause.
    mutating func fail(now: ContinuousClock.Instant, jitter: Double) {
        let failures =
            switch state {
            case .closed: 1
            case .open(let failures, _), .halfOpen(let failures): failures + 1
            }
        // After 20 doublings the maximum is long reached; a shift by more could overflow.
        let pause = min(backoff.maximum, backoff.initial * (1 << min(failures - 1, 20)))
        state = .open(failures: failures, retryAt: now + pause * (0.5 + 0.5 * jitter))
    }
}

import RedisClient
import Synchronization

/// The replication lag of all nodes: sessions write down what they see and read how far they are behind.
final class LagBoard: Sendable {
    private let state = Mutex(ReplicationLag())

    func note(_ facts: SelfDescription, of endpoint: Endpoint, at now: ContinuousClock.Instant) {
        state.withLock { $0.note(facts, of: endpoint, at: now) }
    }

    func lag(of endpoint: Endpoint, now: ContinuousClock.Instant) -> ReplicationLag.Lag? {
        state.withLock { $0.lag(of: endpoint, now: now) }
    }

    func forget(_ endpoint: Endpoint) {
        state.withLock { $0.forget(endpoint) }
    }
}

import NIOCore

/// Those who wait for the poll under way, each until its own deadline.
///
/// Belongs to one event loop: all calls are made on it.
struct PollWaiters {
    private struct Waiter {
        let continuation: CheckedContinuation<PollOutcome?, Never>
        let timer: Scheduled<Void>
    }

    private var waiters: [Int: Waiter] = [:]
    private var nextID = 0

    /// Adds a waiter that gets the outcome, or `nil` when `timer` runs `expire` first.
    mutating func add(
        _ continuation: CheckedContinuation<PollOutcome?, Never>,
        timer: (_ id: Int) -> Scheduled<Void>
    ) {
        let id = nextID
        nextID &+= 1
        waiters[id] = Waiter(continuation: continuation, timer: timer(id))
    }

    /// The deadline of a waiter has passed.
    mutating func expire(_ id: Int) {
        waiters.removeValue(forKey: id)?.continuation.resume(returning: nil)
    }

    /// The poll has ended; without an outcome where it was cancelled.
    mutating func finish(with outcome: PollOutcome?) {
        for waiter in waiters.values {
            waiter.timer.cancel()
            waiter.continuation.resume(returning: outcome)
        }
        waiters.removeAll()
    }
}

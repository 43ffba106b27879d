import Synchronization

/// Keeps a fleet from connecting everywhere at once.
final class ConnectGate: Sendable {
    private struct State {
        var queue: ConnectQueue
        var waiting: [ConnectQueue.Ticket: CheckedContinuation<Bool, Never>] = [:]

        mutating func take(_ tickets: [ConnectQueue.Ticket]) -> [CheckedContinuation<Bool, Never>] {
            tickets.compactMap { waiting.removeValue(forKey: $0) }
        }
    }

    private let state: Mutex<State>

    /// A gate that lets so many in at a time.
    init(limit: Int) {
        state = Mutex(State(queue: ConnectQueue(limit: limit)))
    }

    /// Waits for a turn; `leave` must follow.
    ///
    /// - Parameter isRetry: Whether the last attempt failed.
    /// - Returns: `nil` where the task was cancelled meanwhile.
    func enter(isRetry: Bool) async -> ConnectQueue.Ticket? {
        let ticket = state.withLock { $0.queue.ticket(isRetry: isRetry) }
        let isTurn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let admitted = state.withLock { state -> [CheckedContinuation<Bool, Never>]? in
                    // Cancelled before anybody could be told.
                    guard !Task.isCancelled else { return nil }
                    state.waiting[ticket] = continuation
                    return state.take(state.queue.enter(ticket))
                }
                guard let admitted else { return continuation.resume(returning: false) }
                for next in admitted { next.resume(returning: true) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.queue.withdraw(ticket)
                return state.waiting.removeValue(forKey: ticket)
            }
            waiting?.resume(returning: false)
        }
        return isTurn ? ticket : nil
    }

    /// The connection has come about, or not.
    func leave(_ ticket: ConnectQueue.Ticket) {
        let admitted = state.withLock { $0.take($0.queue.leave(ticket)) }
        for next in admitted { next.resume(returning: true) }
    }
}

import Synchronization

/// Lets so many queries run at once; the others wait in the order they came, each for as long as it may take.
final class QueryGate: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Result<Void, APIError>, Never>
    }

    private struct State {
        var running = 0
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Runs `body` when it is its turn; `timeout` is the longest that it waits for that, `nil` for any time.
    ///
    /// Returns what `body` gives, and throws `timeout` or `canceled` where its turn never came.
    func run<Answer: Sendable>(
        timeout: Duration?,
        _ body: () async throws(APIError) -> Answer
    ) async throws(APIError) -> Answer {
        try await enter(timeout: timeout)
        defer { leave() }
        return try await body()
    }

    private func enter(timeout: Duration?) async throws(APIError) {
        let id: UInt64? = state.withLock { state in
            if state.running < limit, state.waiters.isEmpty {
                state.running += 1
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return }
        var timer: Task<Void, any Error>?
        defer { timer?.cancel() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(Waiter(id: id, continuation: continuation))
                // Not before somebody waits: a time that is over at once would be over unheard.
                timer = timeout.map { timeout in
                    Task {
                        try await Task.sleep(for: timeout)
                        giveUp(id, APIError(kind: .timeout, message: "query timed out in query queue"))
                    }
                }
            }
        } onCancel: {
            giveUp(id, .canceled(in: "query queue"))
        }
        try outcome.get()
    }

    /// Puts a waiter in the queue; a place may have come free, or its task been cancelled, just before.
    private func wait(_ waiter: Waiter) {
        let outcome: Result<Void, APIError>? = state.withLock { state in
            if Task.isCancelled { return .failure(.canceled(in: "query queue")) }
            if state.running < limit, state.waiters.isEmpty {
                state.running += 1
                return .success(())
            }
            state.waiters.append(waiter)
            return nil
        }
        if let outcome { waiter.continuation.resume(returning: outcome) }
    }

    private func giveUp(_ id: UInt64, _ error: APIError) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: .failure(error))
    }

    /// Passes the place on, to whoever waits longest.
    private func leave() {
        let next: Waiter? = state.withLock { state in
            guard !state.waiters.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.continuation.resume(returning: .success(()))
    }
}

/// Who may connect now and who waits: so many at a time, and of those that failed last only half as many.
///
/// So a fleet with many dead nodes, each of which takes a whole timeout, leaves room for the others.
struct ConnectQueue: Sendable {
    /// Somebody who wants to connect.
    struct Ticket: Sendable, Hashable {
        let number: UInt64
        /// Whether the last attempt of the same node failed.
        let isRetry: Bool
    }

    let limit: Int
    private(set) var active = 0
    private var activeRetries = 0
    private var fresh: [Ticket] = []
    private var retries: [Ticket] = []
    private var lastNumber: UInt64 = 0

    /// A queue for at least one at a time.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    private var retryLimit: Int {
        max(1, limit / 2)
    }

    /// A ticket for somebody who is about to enter.
    mutating func ticket(isRetry: Bool) -> Ticket {
        lastNumber += 1
        return Ticket(number: lastNumber, isRetry: isRetry)
    }

    /// Somebody wants to connect; those who may now.
    mutating func enter(_ ticket: Ticket) -> [Ticket] {
        if ticket.isRetry { retries.append(ticket) } else { fresh.append(ticket) }
        return admit()
    }

    /// Somebody who was admitted is done; those who may connect now.
    mutating func leave(_ ticket: Ticket) -> [Ticket] {
        active -= 1
        if ticket.isRetry { activeRetries -= 1 }
        return admit()
    }

    /// Somebody does not want to wait any longer.
    mutating func withdraw(_ ticket: Ticket) {
        if ticket.isRetry { retries.removeAll { $0 == ticket } } else { fresh.removeAll { $0 == ticket } }
    }

    /// Takes from the queues who may connect, those that did not fail first.
    private mutating func admit() -> [Ticket] {
        var admitted: [Ticket] = []
        while active < limit {
            if !fresh.isEmpty {
                admitted.append(fresh.removeFirst())
            } else if !retries.isEmpty, activeRetries < retryLimit {
                admitted.append(retries.removeFirst())
                activeRetries += 1
            } else {
                break
            }
            active += 1
        }
        return admitted
    }
}

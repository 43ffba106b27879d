import Testing

@testable import RedisFleet

@Suite("The ceiling on concurrent connects")
struct ConnectQueueTests {
    @Test("So many enter at once, the others in the order in which they came")
    func limit() {
        var queue = ConnectQueue(limit: 2)
        let tickets = (0..<4).map { _ in queue.ticket(isRetry: false) }
        #expect(tickets.map { queue.enter($0) } == [[tickets[0]], [tickets[1]], [], []])
        #expect(queue.active == 2)
        #expect(queue.leave(tickets[1]) == [tickets[2]])
        #expect(queue.leave(tickets[0]) == [tickets[3]])
        #expect(queue.leave(tickets[3]) == [])
        #expect(queue.active == 1)
    }

    @Test("Nodes that failed last have half of the places at most, and come after the others")
    func retries() {
        var queue = ConnectQueue(limit: 4)
        let dead = (0..<3).map { _ in queue.ticket(isRetry: true) }
        #expect(dead.map { queue.enter($0) } == [[dead[0]], [dead[1]], []])
        let fresh = (0..<3).map { _ in queue.ticket(isRetry: false) }
        #expect(fresh.map { queue.enter($0) } == [[fresh[0]], [fresh[1]], []])
        #expect(queue.leave(dead[0]) == [fresh[2]])
        #expect(queue.leave(fresh[0]) == [dead[2]])
    }

    @Test("Who withdraws is not waited for")
    func withdrawal() {
        var queue = ConnectQueue(limit: 1)
        let tickets = (0..<3).map { _ in queue.ticket(isRetry: false) }
        for ticket in tickets { _ = queue.enter(ticket) }
        queue.withdraw(tickets[1])
        #expect(queue.leave(tickets[0]) == [tickets[2]])
    }

    @Test("One may enter whatever the limit", arguments: [-1, 0, 1])
    func smallest(_ limit: Int) {
        var queue = ConnectQueue(limit: limit)
        let ticket = queue.ticket(isRetry: true)
        #expect(queue.enter(ticket) == [ticket])
    }

    @Test("Cancelled waiters leave the gate, and the others get their turn")
    func gate() async throws {
        let gate = ConnectGate(limit: 1)
        let first = try #require(await gate.enter(isRetry: false))
        let cancelled = Task { await gate.enter(isRetry: false) }
        let waiting = Task { await gate.enter(isRetry: false) }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        gate.leave(first)
        let last = try #require(await waiting.value)
        gate.leave(last)
        #expect(await gate.enter(isRetry: true) != nil)
    }
}

import Outbound
import Testing

@testable import Alerting

@Suite("The queue of messages to a receiver")
struct DeliveryQueueTests {
    private func queue(_ groups: [String], width: Int = 4, giveUpAfter: Int64 = 3_600_000) -> DeliveryQueue {
        var queue = DeliveryQueue(width: width, giveUpAfter: giveUpAfter)
        for (index, group) in groups.enumerated() {
            queue.add(DeliveryQueue.Item(id: Int64(index + 1), group: group, createdAt: 0))
        }
        return queue
    }

    private func start(_ queue: inout DeliveryQueue, at now: Int64) -> [Int64] {
        queue.start(at: now).map(\.id)
    }

    private let failure = DeliveryOutcome.failed(reason: "http_500", after: nil)

    @Test("Messages of one group go one after another, groups side by side up to a width")
    func order() {
        var queue = queue(["a", "a", "b", "c", "d"], width: 3)
        #expect(start(&queue, at: 0) == [1, 3, 4])
        #expect(queue.nextDue == nil)
        #expect(queue.finish(1, .delivered, at: 5, random: 0) == .done)
        #expect(start(&queue, at: 5) == [5])
        #expect(queue.finish(3, .delivered, at: 5, random: 0) == .done)
        #expect(start(&queue, at: 5) == [2])
        for id in [Int64(2), 4, 5] { #expect(queue.finish(id, .delivered, at: 6, random: 0) == .done) }
        #expect(queue.count == 0 && queue.nextDue == nil)
    }

    @Test("A failure waits twice as long each time, up to a minute, and nothing overtakes within its group")
    func backoff() {
        var queue = queue(["a", "a"])
        var now: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<9 {
            #expect(start(&queue, at: now) == [1])
            #expect(queue.finish(1, failure, at: now, random: 1) == .retry(reason: "http_500"))
            #expect(start(&queue, at: now) == [])
            let due = queue.nextDue ?? 0
            waits.append(due - now)
            now = due
        }
        #expect(waits == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
        #expect(Backoff().wait(failures: 3, random: 0) == 2000)
        #expect(Backoff().wait(failures: 1000, random: 0) == 30_000)
        #expect(start(&queue, at: now) == [1])
        #expect(queue.finish(1, .delivered, at: now, random: 1) == .done)
        #expect(start(&queue, at: now) == [2])
    }

    @Test("After a reload messages wait as they did, for as long as is configured now")
    func takenOver() {
        var old = queue(["a", "a", "b"], giveUpAfter: 100_000)
        #expect(start(&old, at: 0) == [1, 3])
        var new = queue([], giveUpAfter: 10_000)
        new.takeOver(old)
        #expect(new.count == 3 && new.underWay == [1, 3])
        #expect(new.expire(at: 9_999) == [])
        #expect(new.expire(at: 10_000).map(\.id) == [2])
        #expect(new.finish(1, failure, at: 10_000, random: 0) == .giveUp(reason: "http_500"))
    }

    @Test("A receiver that fails is asked with one message at a time; a bad message does not keep others back")
    func poison() {
        var queue = queue(["a", "b", "c"])
        #expect(start(&queue, at: 0) == [1, 2, 3])
        for id in [Int64(1), 2, 3] {
            #expect(queue.finish(id, failure, at: 0, random: 1) == .retry(reason: "http_500"))
        }
        let due = queue.nextDue ?? 0
        #expect(due > 0)
        #expect(start(&queue, at: due).count == 1)
        // It is only message 1 that fails.
        let probe = queue.underWay.first ?? 0
        _ = queue.finish(probe, probe == 1 ? failure : .delivered, at: due, random: 1)
        var now = due
        var tries = 0
        while queue.count > 1, tries < 10 {
            now = queue.nextDue ?? now
            for id in start(&queue, at: now) {
                _ = queue.finish(id, id == 1 ? failure : .delivered, at: now, random: 1)
            }
            tries += 1
        }
        #expect(queue.count == 1)
    }

    @Test("Retry-After is waited for")
    func retryAfter() {
        var queue = queue(["a"])
        #expect(start(&queue, at: 0) == [1])
        let busy = DeliveryOutcome.failed(reason: "http_429", after: 7000)
        #expect(queue.finish(1, busy, at: 10, random: 0) == .retry(reason: "http_429"))
        #expect(queue.nextDue == 7010)
        #expect(start(&queue, at: 7009) == [])
        #expect(start(&queue, at: 7010) == [1])
    }

    @Test("What is refused is over at once; what fails for too long is given up, also while it waits")
    func givingUp() {
        var queue = queue(["a", "a", "b"], giveUpAfter: 10_000)
        #expect(start(&queue, at: 0) == [1, 3])
        #expect(queue.finish(1, .refused(reason: "http_400"), at: 1, random: 0) == .giveUp(reason: "http_400"))
        #expect(start(&queue, at: 1) == [2])
        #expect(queue.finish(2, failure, at: 10_000, random: 0) == .giveUp(reason: "http_500"))
        #expect(queue.finish(3, failure, at: 9_999, random: 0) == .retry(reason: "http_500"))
        #expect(queue.expire(at: 9_999) == [])
        #expect(queue.expire(at: 10_000).map(\.id) == [3])
        #expect(queue.count == 0 && queue.nextDue == nil)
    }

    @Test("A queue that is too long loses its oldest messages, and the next of each group goes on")
    func bound() {
        var queue = queue(["a", "a", "a", "b"], width: 1)
        #expect(queue.shorten(to: 2, at: 0).map(\.id) == [1, 2])
        #expect(start(&queue, at: 0) == [3])
        #expect(queue.shorten(to: 0, at: 0).map(\.id) == [4])
        #expect(queue.count == 1, "what is under way stays")
    }
}

import Testing

@testable import RedisFleet

@Suite("Circuit breaker")
struct CircuitBreakerStateMachineTests {
    private let start = ContinuousClock.now
    private let backoff = CircuitBreakerStateMachine.Backoff(initial: .seconds(1), maximum: .seconds(8))

    private func attempt(_ breaker: inout CircuitBreakerStateMachine, at now: ContinuousClock.Instant) -> Bool {
        guard breaker.allowsAttempt(now: now) else { return false }
        breaker.begin()
        return true
    }

    @Test("A node that works is always tried")
    func closed() {
        var breaker = CircuitBreakerStateMachine(backoff: backoff)
        #expect(attempt(&breaker, at: start))
        breaker.succeed()
        #expect(attempt(&breaker, at: start))
        #expect(breaker.retryAt == nil)
    }

    @Test("The pause doubles with each failure up to its maximum, and ends with a success")
    func growth() {
        var breaker = CircuitBreakerStateMachine(backoff: backoff)
        var now = start
        for pause in [1, 2, 4, 8, 8, 8] {
            #expect(attempt(&breaker, at: now))
            breaker.fail(now: now, jitter: 1)
            #expect(breaker.retryAt == now + .seconds(pause))
            #expect(!attempt(&breaker, at: now + .seconds(pause) - .nanoseconds(1)))
            now += .seconds(pause)
        }
        #expect(attempt(&breaker, at: now))
        #expect(breaker.state == .halfOpen(failures: 6))
        breaker.succeed()
        breaker.fail(now: now, jitter: 1)
        #expect(breaker.retryAt == now + .seconds(1))
    }

    @Test("Jitter takes up to half of the pause away")
    func jitter() {
        var breaker = CircuitBreakerStateMachine(backoff: backoff)
        breaker.fail(now: start, jitter: 0)
        #expect(breaker.retryAt == start + .milliseconds(500))
    }

    @Test("A thousand failures neither overflow nor exceed the maximum")
    func manyFailures() {
        var breaker = CircuitBreakerStateMachine(backoff: backoff)
        for _ in 0..<1000 {
            breaker.fail(now: start, jitter: 1)
        }
        #expect(breaker.retryAt == start + .seconds(8))
    }
}

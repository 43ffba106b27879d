import Testing

@testable import RedisFleet

@Suite("Timestamps of polls")
struct PollTimestampsTests {
    @Test("They follow the wall clock")
    func wallClock() {
        var timestamps = PollTimestamps()
        #expect(timestamps.next(now: 5000) == 5000)
        #expect(timestamps.next(now: 6000) == 6000)
        #expect(timestamps.last == 6000)
    }

    @Test("They are never the same twice, nor do they go back with a clock that is corrected")
    func corrected() {
        var timestamps = PollTimestamps()
        #expect(timestamps.next(now: 5000) == 5000)
        #expect(timestamps.next(now: 5000) == 5001)
        #expect(timestamps.next(now: 4100) == 5002)
    }

    @Test("They go back with a clock that was set back by more than a second")
    func setBack() {
        var timestamps = PollTimestamps()
        #expect(timestamps.next(now: 5000) == 5000)
        #expect(timestamps.next(now: 4000) == 4000)
    }
}

import Testing

@testable import Metrics

@Suite("A clock that is set")
struct ClockWatchTests {
    private let second: Int64 = 1_000_000_000

    @Test("Only a step of a second or more is one, forward or back, and it is told once")
    func steps() {
        var watch = ClockWatch()
        #expect(watch.step(wall: 1000 * second, monotonic: 0) == nil)
        #expect(watch.step(wall: 1005 * second + second / 2, monotonic: 5 * second) == nil)
        #expect(watch.step(wall: 4610 * second + second / 2, monotonic: 10 * second) == 3_600_000)
        #expect(watch.step(wall: 4615 * second, monotonic: 15 * second) == nil)
        #expect(watch.step(wall: 4500 * second, monotonic: 20 * second) == -120_000)
        #expect(watch.step(wall: 4505 * second, monotonic: 25 * second) == nil)
    }
}

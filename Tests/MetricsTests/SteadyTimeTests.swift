import Testing

@testable import Metrics

@Suite("The time of day")
struct SteadyTimeTests {
    private let second: Int64 = 1_000_000_000

    @Test("It is that of the system as long as nobody sets it, and follows a step forwards")
    func inStep() {
        var time = SteadyTime()
        #expect(time.read(wall: 1000 * second, monotonic: 5 * second) == 1000 * second)
        #expect(time.read(wall: 1015 * second, monotonic: 20 * second) == 1015 * second)
        #expect(time.read(wall: 9000 * second, monotonic: 21 * second) == 9000 * second)
        #expect(time.read(wall: 9001 * second, monotonic: 22 * second) == 9001 * second)
    }

    @Test("Set back by a minute it goes on, a twentieth slower, until both are the same again")
    func stepBack() {
        var time = SteadyTime()
        var last = time.read(wall: 1000 * second, monotonic: 0)
        for elapsed in stride(from: Int64(15), through: 3000, by: 15) {
            let now = time.read(wall: (1000 - 60 + elapsed) * second, monotonic: elapsed * second)
            let step = now - last
            #expect(step >= 14 * second && step <= 15 * second)
            last = now
        }
        #expect(last == (1000 - 60 + 3000) * second)
    }

    @Test("Two readings a nanosecond apart do not go back")
    func tiny() {
        var time = SteadyTime()
        let first = time.read(wall: 1000, monotonic: 0)
        #expect(time.read(wall: 400, monotonic: 1) >= first)
    }

    @Test("A step back of more than ten minutes is believed")
    func largeStepBack() {
        var time = SteadyTime()
        _ = time.read(wall: 100_000 * second, monotonic: 0)
        #expect(time.read(wall: 50_000 * second, monotonic: second) == 50_000 * second)
        #expect(time.read(wall: 50_001 * second, monotonic: 2 * second) == 50_001 * second)
    }
}

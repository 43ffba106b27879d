import Testing

@testable import RedisFleet

@Suite struct CheckPaceTests {
    @Test("Pauses leave the server busy for the share and no more", arguments: [0.001, 0.01, 0.2, 0.9])
    func share(share: Double) {
        var pace = CheckPace(share: share)
        var busy = Duration.zero
        var paused = Duration.zero
        for step in 0..<1000 {
            let time = Duration.microseconds(50 + step % 200)
            busy += time
            paused += pace.pause(after: time) ?? .zero
        }
        // What is still owed is less than a millisecond.
        let total = busy + paused + .milliseconds(1)
        #expect(busy / total <= share + 0.001)
        #expect(busy / total >= share * 0.95)
    }

    @Test("Short pauses are saved up, as a timer is no more exact")
    func shortPauses() {
        var pace = CheckPace(share: 0.5)
        #expect(pace.pause(after: .microseconds(400)) == nil)
        #expect(pace.pause(after: .microseconds(400)) == nil)
        #expect(pace.pause(after: .microseconds(400)) == .microseconds(1200))
        #expect(pace.pause(after: .microseconds(400)) == nil)
    }

    @Test("Without a limit there are no pauses")
    func unlimited() {
        var pace = CheckPace(share: 1)
        #expect(pace.pause(after: .seconds(100)) == nil)
    }
}

import Testing

@testable import RedisFleet

@Suite("Refused commands")
struct RefusalsTests {
    @Test("They are remembered up to a limit")
    func limit() {
        var refusals = Refusals<Int>()
        for command in 0..<5000 { refusals.add(command) }
        #expect(refusals.count == 1024)
        #expect(refusals.contains(0))
        #expect(!refusals.contains(4999))
    }

    @Test("They are forgotten with the connection")
    func forgotten() {
        var refusals = Refusals<Int>()
        refusals.add(1)
        refusals.removeAll()
        #expect(!refusals.contains(1))
    }
}

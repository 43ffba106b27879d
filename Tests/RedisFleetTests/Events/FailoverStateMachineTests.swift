import RedisClient
import Testing

@testable import RedisFleet

@Suite("Failovers by what Sentinels tell")
struct FailoverStateMachineTests {
    private let start = ContinuousClock.now
    private let first = Endpoint.tcp(host: "s", port: 1)
    private let second = Endpoint.tcp(host: "s", port: 2)
    private static let old = Endpoint.tcp(host: "10.0.0.1", port: 6379)
    private static let new = Endpoint.tcp(host: "10.0.0.2", port: 6379)
    private static let switched = "m 10.0.0.1 6379 10.0.0.2 6379"

    private func at(_ seconds: Int) -> ContinuousClock.Instant {
        start + .seconds(seconds)
    }

    private func event(_ channel: String, _ text: String = "master m 10.0.0.1 6379") throws -> SentinelEvent {
        try #require(SentinelEvent(channel: channel, text: text))
    }

    /// A machine that knows the master.
    private func machine() -> FailoverStateMachine {
        var machine = FailoverStateMachine()
        #expect(machine.note(master: Self.old, isWell: true, now: start) == .none)
        return machine
    }

    @Test("From +odown to the first +switch-master; what the other Sentinels tell of it is no other failover")
    func completed() throws {
        var machine = machine()
        #expect(machine.receive(try event("+odown"), from: second, now: at(1)) == .none)
        #expect(!machine.isTrying)
        #expect(machine.receive(try event("+try-failover"), from: first, now: at(3)) == .none)
        #expect(machine.isTrying)
        let end = try event("+switch-master", Self.switched)
        #expect(machine.receive(end, from: first, now: at(8)) == .end(.completed, .seconds(7)))
        #expect(machine.receive(end, from: second, now: at(9)) == .none)
        #expect(machine.receive(end, from: second, now: at(900)) == .none)
        #expect(!machine.isTrying)
    }

    @Test("A failover that somebody orders begins with the try")
    func forced() throws {
        var machine = machine()
        #expect(machine.receive(try event("+try-failover"), from: first, now: at(3)) == .none)
        let end = try event("+switch-master", Self.switched)
        #expect(machine.receive(end, from: first, now: at(5)) == .end(.completed, .seconds(2)))
        let back = try event("+switch-master", "m 10.0.0.2 6379 10.0.0.1 6379")
        #expect(machine.receive(back, from: first, now: at(60)) == .end(.completed, nil))
    }

    @Test("Given up is given up by all who tried")
    func aborted() throws {
        var machine = machine()
        #expect(machine.receive(try event("+odown"), from: first, now: at(0)) == .none)
        #expect(machine.receive(try event("+try-failover"), from: first, now: at(1)) == .none)
        #expect(machine.receive(try event("+try-failover"), from: second, now: at(2)) == .none)
        let abort = try event("-failover-abort-not-elected")
        #expect(machine.receive(abort, from: second, now: at(10)) == .none)
        #expect(machine.receive(abort, from: first, now: at(12)) == .end(.aborted, .seconds(12)))
        #expect(machine.receive(abort, from: first, now: at(13)) == .none)
        #expect(!machine.isTrying)
    }

    @Test("A master that comes back before anybody tries is no failover")
    func recovered() throws {
        var machine = machine()
        #expect(machine.receive(try event("+odown"), from: first, now: at(0)) == .none)
        #expect(machine.receive(try event("-odown"), from: first, now: at(5)) == .none)
        #expect(machine.receive(try event("+try-failover"), from: first, now: at(50)) == .none)
        let end = try event("+switch-master", Self.switched)
        #expect(machine.receive(end, from: first, now: at(53)) == .end(.completed, .seconds(3)))
    }

    @Test("A failover whose end nobody heard is found by asking, and not again by a late event")
    func missed() throws {
        var machine = machine()
        #expect(machine.receive(try event("+odown"), from: first, now: at(0)) == .none)
        #expect(machine.note(master: Self.new, isWell: true, now: at(20)) == .end(.completed, .seconds(20)))
        let late = try event("+switch-master", Self.switched)
        #expect(machine.receive(late, from: first, now: at(21)) == .none)
    }

    @Test("An answer that is older than the event does not undo it")
    func overtaken() throws {
        var machine = machine()
        let end = try event("+switch-master", Self.switched)
        #expect(machine.receive(end, from: first, now: at(5)) == .end(.completed, nil))
        #expect(machine.note(master: Self.old, isWell: false, now: at(6)) == .none)
        #expect(machine.note(master: Self.new, isWell: true, now: at(30)) == .none)
    }

    @Test("A try whose end nobody heard does not stand for ever")
    func forgotten() throws {
        var machine = machine()
        #expect(machine.receive(try event("+try-failover"), from: first, now: at(0)) == .none)
        #expect(machine.note(master: Self.old, isWell: true, now: at(60)) == .none)
        #expect(machine.isTrying)
        #expect(machine.note(master: Self.old, isWell: true, now: at(700)) == .none)
        #expect(!machine.isTrying)
    }

    @Test("+reset-master ends what was under way")
    func reset() throws {
        var machine = machine()
        #expect(machine.receive(try event("+try-failover"), from: first, now: at(0)) == .none)
        #expect(machine.receive(try event("+reset-master"), from: first, now: at(1)) == .none)
        #expect(!machine.isTrying)
    }
}

import Testing

@testable import RedisClient

@Suite("State machine of a connection")
struct ConnectionStateMachineTests {
    private static let login = HandshakeStep.authenticate(user: nil, hasPassword: true)

    private func ready() -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(steps: [.setName])
        _ = machine.connected()
        _ = machine.received(errorText: nil)
        return machine
    }

    @Test("A connection logs in, says its name, and is ready")
    func handshake() {
        var machine = ConnectionStateMachine(steps: [Self.login, .setName, .select(database: 1)])
        #expect(machine.connected() == .sendHandshake)
        #expect(machine.received(errorText: nil) == .none)
        #expect(machine.received(errorText: nil) == .none)
        #expect(machine.received(errorText: nil) == .becomeReady([]))
        #expect(machine.request(expecting: 1) == .send(id: 0))
    }

    @Test("Before it is ready nothing is sent")
    func notReady() {
        var machine = ConnectionStateMachine(steps: [.setName])
        #expect(machine.request(expecting: 1) == .refuse(.other("the connection is not ready")))
        _ = machine.connected()
        #expect(machine.request(expecting: 1) == .refuse(.other("the connection is not ready")))
        #expect(machine.connected() == .none)
    }

    @Test(
        "A refused name is learned and costs nothing else",
        arguments: [
            ("NOPERM this user has no permissions", CommandRefusal.forbidden),
            ("ERR unknown command 'CLIENT'", .unknown),
        ]
    )
    func refusedName(reply: String, refusal: CommandRefusal) {
        var machine = ConnectionStateMachine(steps: [.setName])
        _ = machine.connected()
        let learned = HandshakeRefusal(command: "CLIENT SETNAME", refusal: refusal)
        #expect(machine.received(errorText: reply) == .becomeReady([learned]))
    }

    @Test("A name that is refused for the moment only is not learned", arguments: ["LOADING x", "BUSY x", "ERR x"])
    func momentaryRefusal(reply: String) {
        var machine = ConnectionStateMachine(steps: [.setName])
        _ = machine.connected()
        #expect(machine.received(errorText: reply) == .becomeReady([]))
    }

    @Test("A refused login, a missing one, a refused database and too many clients end the connection")
    func failedHandshake() {
        let cases: [(HandshakeStep, String)] = [
            (Self.login, "WRONGPASS x"), (Self.login, "ERR unknown command 'AUTH'"), (.setName, "NOAUTH x"),
            (.select(database: 9), "ERR DB index is out of range"), (.ping, "ERR max number of clients reached"),
        ]
        for (step, reply) in cases {
            var machine = ConnectionStateMachine(steps: [step, .setName])
            _ = machine.connected()
            let fault = ConnectionFault.handshakeRefused(step, reply: reply)
            #expect(machine.received(errorText: reply) == .fail(fault))
            #expect(machine.received(errorText: nil) == .none)
            #expect(machine.request(expecting: 1) == .refuse(fault))
            #expect(machine.fault == fault)
        }
    }

    @Test("Replies belong to pipelines in their order; error replies count as replies")
    func pipelines() {
        var machine = ready()
        #expect(machine.request(expecting: 2) == .send(id: 0))
        #expect(machine.request(expecting: 1) == .send(id: 1))
        #expect(machine.received(errorText: "ERR x") == .none)
        #expect(machine.received(errorText: nil) == .complete(id: 0))
        #expect(machine.received(errorText: nil) == .complete(id: 1))
        #expect(machine.received(errorText: nil) == .fail(.unaskedReply))
    }

    @Test("The text of a reply is not looked at when it decides nothing")
    func lazyText() {
        var machine = ready()
        _ = machine.request(expecting: 1)
        func text() -> String? {
            Issue.record("asked for")
            return nil
        }
        #expect(machine.received(errorText: text()) == .complete(id: 0))
    }

    @Test("An error that nobody asked for is the reason of the end")
    func unaskedError() {
        var machine = ready()
        #expect(machine.received(errorText: "ERR max number") == .fail(.unaskedError(reply: "ERR max number")))
    }

    @Test("A missed deadline ends the connection and says how far it came")
    func deadline() {
        var machine = ready()
        _ = machine.request(expecting: 3)
        _ = machine.received(errorText: nil)
        #expect(machine.deadlinePassed(id: 0, after: .seconds(2)) == true)
        #expect(machine.fault == .replyTimeout(received: 1, of: 3, after: .seconds(2)))
        #expect(machine.deadlinePassed(id: 0, after: .seconds(3)) == false)
    }

    @Test("The deadline of a pipeline that has its replies means nothing")
    func lateDeadline() {
        var machine = ready()
        _ = machine.request(expecting: 1)
        _ = machine.received(errorText: nil)
        #expect(machine.deadlinePassed(id: 0, after: .seconds(2)) == false)
        #expect(machine.request(expecting: 1) == .send(id: 1))
    }

    @Test("The first fault is the one that is told")
    func firstFault() {
        var machine = ready()
        #expect(machine.failed(.closedByCaller) == true)
        #expect(machine.failed(.cancelled) == false)
        #expect(machine.closedByServer() == false)
        #expect(machine.fault == .closedByCaller)
        #expect(machine.connected() == .none)
    }

    @Test("A server that closes before it answered is told from one that closes later")
    func closedByServer() {
        var early = ConnectionStateMachine(steps: [.setName])
        _ = early.connected()
        #expect(early.closedByServer() == true)
        #expect(early.fault == .closedByServer(duringHandshake: true))
        var late = ready()
        #expect(late.closedByServer() == true)
        #expect(late.fault == .closedByServer(duringHandshake: false))
    }
}

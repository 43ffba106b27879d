import NIOCore
import TestServers
import Testing

@testable import RedisClient

@Suite("Subscriptions", .timeLimit(.minutes(6)))
struct SubscriptionTests {
    @Test("Messages arrive in their order, and the stream ends with the connection")
    func messages() async throws {
        let server = try await RedisServer.start()
        let connection = try await connect(server.address)
        let stream = try await connection.subscribe(toPattern: "+*", deadline: .now() + .seconds(10))
        try await withConnection(server.address) { other in
            _ = await other.run("PUBLISH +sdown first", "PUBLISH -sdown unheard", "PUBLISH +odown second")
        }
        var iterator = stream.makeAsyncIterator()
        let first = try await iterator.next()
        #expect(first?.channel == "+sdown" && first?.payload == "first")
        #expect(try await iterator.next()?.payload == "second")
        let refused = await connection.run("PING")
        #expect(refused.failure != nil)
        server.process.kill()
        let error = await #expect(throws: RedisError.self) { try await iterator.next() }
        #expect(error?.reason == .closed)
    }

    @Test("A stream that nobody holds ends the connection")
    func released() async throws {
        let server = try await RedisServer.start()
        try await withConnection(server.address) { other in
            do {
                let connection = try await connect(server.address)
                _ = try await connection.subscribe(toPattern: "*", deadline: .now() + .seconds(10))
            }
            while await !other.run("INFO clients").texts[0].contains("connected_clients:1\r\n") {}
        }
    }

    @Test("A subscriber who does not keep up loses the subscription")
    func slow() async throws {
        let server = try await RedisServer.start()
        let connection = try await connect(server.address)
        let stream = try await connection.subscribe(toPattern: "*", bufferLimit: 2, deadline: .now() + .seconds(10))
        try await withConnection(server.address) { other in
            _ = await other.run("PUBLISH a 1", "PUBLISH a 2", "PUBLISH a 3", "PUBLISH a 4")
            // The end of the first connection is the sign that the messages have arrived.
            while await !other.run("INFO clients").texts[0].contains("connected_clients:1\r\n") {}
        }
        var received: [String] = []
        let error = await #expect(throws: RedisError.self) {
            for try await message in stream { received.append(message.payload) }
        }
        #expect(error?.reason == .limit)
        #expect(received == ["1", "2"])
    }

    @Test("A refused subscription says so")
    func refused() async throws {
        let server = try await RedisServer.start(["--user", "least", "on", ">p", "+@all", "-psubscribe"])
        let connection = try await connect("least:p@\(server.address)")
        let error = await #expect(throws: RedisError.self) {
            try await connection.subscribe(toPattern: "*", deadline: .now() + .seconds(10))
        }
        #expect(error?.reason == .noperm)
        #expect(error?.message.hasPrefix("redis://\(server.address) refused the subscription: NOPERM") == true)
    }

    @Test("What a Sentinel said in a failover is read, message by message")
    func sentinelEvents() throws {
        let fixture = try Fixture.named("redis-7.0/sentinel-failover/PSUBSCRIBE_all-leader.resp")
        let tape = try decode([fixture.bytes[...]])
        let messages = (0..<tape.count).compactMap { ChannelMessage(tape[$0]) }
        #expect(messages.count == tape.count - 1)
        #expect(messages.contains { $0.channel == "+switch-master" })
        #expect(ChannelMessage(tape[0]) == nil)
    }

    @Test("In a subscription every reply is a message")
    func stateMachine() {
        var machine = ConnectionStateMachine(steps: [.ping])
        _ = machine.connected()
        _ = machine.received(errorText: nil)
        _ = machine.request(expecting: 1)
        _ = machine.received(errorText: nil)
        machine.subscribed()
        #expect(machine.received(errorText: nil) == .message)
        #expect(machine.request(expecting: 1) == .refuse(.other("the connection is subscribed")))
        #expect(machine.closedByServer() == true)
        #expect(machine.received(errorText: nil) == .none)
    }
}

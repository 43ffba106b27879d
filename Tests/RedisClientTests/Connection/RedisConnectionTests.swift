import NIOCore
import TestServers
import Testing

@testable import RedisClient

@Suite("Connections to real servers", .timeLimit(.minutes(6)))
struct RedisConnectionTests {
    @Test("A pipeline has one reply a command, error replies among them, and tells what it cost")
    func pipeline() async throws {
        let server = try await RedisServer.start()
        try await withConnection(server.address) { connection in
            let result = await connection.run("PING", "NOSUCH", "ECHO hello", "LRANGE l 0 -1")
            #expect(result.failure == nil)
            #expect(result.replies.count == 4)
            #expect(result.texts[0] == "PONG" && result.texts[2] == "hello")
            #expect(result.replies[1].refusal == .unknown)
            #expect(result.bytesReceived == 7 + result.texts[1].utf8.count + 3 + 11 + 4)
            #expect(result.bytesSent == 14 + 16 + 25 + 38)
            #expect(result.roundTrip > .zero)
            #expect(connection.refusals.isEmpty)
            #expect(connection.isUsable)
            let names = await connection.run("CLIENT GETNAME")
            #expect(names.texts == ["redstart"])
            let empty = await connection.execute(Pipeline([]), deadline: .now())
            #expect(empty.failure == nil && empty.replies.count == 0)
        }
    }

    @Test("Pipelines sent at the same time each get their own replies")
    func concurrentPipelines() async throws {
        let server = try await RedisServer.start()
        try await withConnection(server.address) { connection in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let result = await connection.run("ECHO \(number)", "PING", "ECHO \(number)x")
                        #expect(result.texts == ["\(number)", "PONG", "\(number)x"])
                    }
                }
            }
        }
    }

    @Test("A password, an ACL user and a database are used; a Unix socket serves as well")
    func login() async throws {
        let server = try await RedisServer.start([
            "--requirepass", "p@ss", "--user", "reader", "on", ">secret", "+@all", "~*", "&*", "--unixsocket",
            "redis.sock",
        ])
        try await withConnection("redis://:p%40ss@\(server.address)/3") { connection in
            #expect(await connection.run("ACL WHOAMI").texts == ["default"])
            let info = await connection.run("CLIENT INFO")
            #expect(info.texts[0].contains(" db=3 "))
        }
        let socket = server.directory.file("redis.sock")
        try await withConnection("unix://reader:secret@\(socket)") { connection in
            #expect(await connection.run("ACL WHOAMI").texts == ["reader"])
            #expect(connection.address == "unix://\(socket)")
        }
    }

    @Test("A refused name is learned, and not sent when there is none")
    func refusedName() async throws {
        let server = try await RedisServer.start([
            "--user", "least", "on", ">p", "-@all", "+info", "--rename-command", "PING", "",
        ])
        try await withConnection("least:p@\(server.address)") { connection in
            #expect(connection.refusals == [HandshakeRefusal(command: "CLIENT SETNAME", refusal: .forbidden)])
            let result = await connection.run("INFO")
            #expect(result.texts[0].contains("redis_version:7"))
        }
        try await withConnection(server.address, configure: { $0.clientName = nil }) { connection in
            #expect(connection.refusals == [HandshakeRefusal(command: "PING", refusal: .unknown)])
            #expect(await connection.run("CLIENT GETNAME").texts == [""])
        }
    }

    @Test("A missed deadline keeps the replies that came and closes the connection")
    func deadline() async throws {
        let server = try await RedisServer.start(["--enable-debug-command", "yes"])
        let connection = try await connect(server.address)
        // The replies to what is before the sleep are sent when it is over, so they take a pipeline of their own.
        let pipeline = Pipeline([Command("PING"), Command("BLPOP", "none", "0"), Command("PING")])
        let result = await connection.execute(pipeline, deadline: .now() + .milliseconds(500))
        #expect(result.texts == ["PONG"])
        #expect(result.failure?.reason == .timeout)
        #expect(result.bytesReceived == 7)
        #expect(result.roundTrip > .milliseconds(100))
        #expect(!connection.isUsable)
        let next = await connection.run("PING")
        #expect(next.replies.count == 0)
        #expect(next.failure?.reason == .timeout)
    }

    @Test("A deadline that has passed sends nothing and is a timeout")
    func passedDeadline() async throws {
        let server = try await RedisServer.start()
        let connection = try await connect(server.address)
        let result = await connection.execute(Pipeline([Command("PING")]), deadline: .now() - .seconds(1))
        #expect(result.failure?.reason == .timeout)
        #expect(!connection.isUsable)
    }

    @Test("A server that is killed ends what is under way")
    func killed() async throws {
        let server = try await RedisServer.start()
        let connection = try await connect(server.address)
        async let blocked = connection.run("PING", "BLPOP none 0")
        // A second connection sees when the first one is blocked.
        try await withConnection(server.address) { other in
            while await !other.run("INFO clients").texts[0].contains("blocked_clients:1") {}
        }
        server.process.kill()
        let result = await blocked
        #expect(result.failure?.reason == .closed)
        #expect(result.texts == ["PONG"])
        #expect(!connection.isUsable)
        let error = await #expect(throws: RedisError.self) { try await connect(server.address) }
        #expect(error?.reason == .refused)
    }

    @Test("A cancelled task does not wait for the deadline")
    func cancelled() async throws {
        let server = try await RedisServer.start()
        let connection = try await connect(server.address)
        let task = Task { await connection.run("BLPOP none 0", seconds: 600) }
        try await withConnection(server.address) { other in
            while await !other.run("INFO clients").texts[0].contains("blocked_clients:1") {}
        }
        task.cancel()
        #expect(await task.value.failure?.reason == .closed)
        #expect(!connection.isUsable)
    }

    @Test("A connection that nobody holds any more is closed")
    func released() async throws {
        let server = try await RedisServer.start()
        try await withConnection(server.address) { other in
            do {
                let connection = try await connect(server.address)
                #expect(await connection.run("PING").texts == ["PONG"])
            }
            while await !other.run("INFO clients").texts[0].contains("connected_clients:1\r\n") {}
        }
    }

    @Test("A server that has enough clients is a limit, wherever it says so")
    func tooManyClients() async throws {
        let server = try await RedisServer.start()
        try await withConnection(server.address) { connection in
            #expect(await connection.run("CONFIG SET maxclients 1").texts == ["OK"])
            let error = await #expect(throws: RedisError.self) { try await connect(server.address) }
            #expect(error?.reason == .limit)
        }
    }

    @Test("Wrong and missing passwords are told apart, and never shown")
    func wrongPassword() async throws {
        let server = try await RedisServer.start(["--requirepass", "right"])
        let open = try await RedisServer.start()
        let renamed = try await RedisServer.start(["--rename-command", "AUTH", ""])
        let cases = [
            ("redis://\(server.address)", "wants a password and none is set. (--redis.user, --redis.password)"),
            ("redis://:hunter2@\(server.address)", "refused the login: wrong password. (--redis.password)"),
            (
                "redis://x:hunter2@\(server.address)",
                "refused the login: wrong user 'x' or wrong password, or the user is off. (--redis.user, --redis.password)"
            ),
            (
                "redis://x@\(server.address)",
                "refused the login: user 'x' needs a password and none is set. (--redis.password)"
            ),
            (
                "redis://:hunter2@\(open.address)",
                "refused the login: it has no password set. Remove the password. (--redis.password)"
            ),
            (
                "redis://:hunter2@\(renamed.address)",
                "does not accept AUTH, renamed perhaps. Remove user and password. (--redis.password)"
            ),
        ]
        for (address, message) in cases {
            let error = await #expect(throws: RedisError.self) { try await connect(address) }
            #expect(error?.reason == .auth)
            #expect(error?.message == "redis://\(try TargetAddress(address).endpoint) \(message)")
        }
    }
}

@Suite("Servers that are none", .timeLimit(.minutes(6)))
struct BadServerTests {
    @Test("A refused port, a missing socket and an unknown host each say what to do")
    func unreachable() async throws {
        let port = try freePort()
        let refused = await #expect(throws: RedisError.self) { try await connect("127.0.0.1:\(port)") }
        #expect(refused?.reason == .refused)
        #expect(
            refused?.message
                == "cannot connect to redis://127.0.0.1:\(port): connection refused. Is the server running? (--redis.addr)"
        )
        let local = await #expect(throws: RedisError.self) { try await connect("localhost:\(port)") }
        #expect(local?.reason == .refused)
        let socket = await #expect(throws: RedisError.self) { try await connect("unix:///nowhere/redis.sock") }
        #expect(socket?.reason == .refused)
        let long = await #expect(throws: RedisError.self) {
            try await connect("unix:///" + String(repeating: "x", count: 200))
        }
        #expect(long?.reason == .refused)
        // RFC 6761: names below .invalid do not resolve.
        let unknown = await #expect(throws: RedisError.self) { try await connect("no-such-host.invalid") }
        #expect(unknown?.reason == .dns)
    }

    @Test("A server that accepts and never answers is a timeout, at connecting and later")
    func blackHole() async throws {
        let server = try ScriptedServer(answers: [], then: .silence)
        let error = await #expect(throws: RedisError.self) {
            try await connect("127.0.0.1:\(server.port)", milliseconds: 100)
        }
        #expect(error?.reason == .timeout)
        let later = try ScriptedServer(answers: ["+OK\r\n"], then: .silence)
        let connection = try await connect("127.0.0.1:\(later.port)")
        let result = await connection.execute(Pipeline([Command("PING")]), deadline: .now() + .milliseconds(50))
        #expect(result.failure?.reason == .timeout)
    }

    @Test("A cancelled attempt to connect ends at once")
    func cancelledConnect() async throws {
        let server = try ScriptedServer(answers: [], then: .silence)
        let task = Task { try await connect("127.0.0.1:\(server.port)", milliseconds: 600_000) }
        task.cancel()
        let error = await #expect(throws: RedisError.self) { try await task.value }
        #expect(error?.reason == .closed)
    }

    @Test(
        "What is not the Redis protocol is told by what it is",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", FailureReason.protocol, "answered with HTTP, not the Redis protocol"),
            ("garbage", .protocol, "sent an unexpected byte 'g', not the Redis protocol"),
            ("*1000000000\r\n", .limit, "announced an array of 1000000000 elements"),
            ("$536870912\r\n", .limit, "announced a string of 536870912 bytes"),
            ("+OK\r\n+OK\r\n", .protocol, "sent a reply that no command asked for"),
            ("+OK\r\n-ERR max number of clients reached\r\n", .limit, "has as many clients as it allows"),
            ("-DENIED Redis is running in protected mode\r\n", .auth, "is in protected mode"),
            ("-LOADING x\r\n-LOADING x\r\n", .loading, "is loading its data"),
            ("$5\r\nhe", .closed, "closed the connection before it answered"),
        ]
    )
    func notRedis(answer: String, reason: FailureReason, message: String) async throws {
        let server = try ScriptedServer(answers: [answer], then: .close)
        do {
            let connection = try await connect("127.0.0.1:\(server.port)")
            let result = await connection.run("PING")
            let failure = try #require(result.failure)
            #expect(failure.reason == reason)
            #expect(failure.message.hasPrefix("redis://127.0.0.1:\(server.port) \(message)"), "\(failure)")
        } catch let error as RedisError {
            #expect(error.reason == reason)
            #expect(error.message.hasPrefix("redis://127.0.0.1:\(server.port) \(message)"), "\(error)")
        }
    }

    @Test("A reply that breaks off keeps the complete ones before it")
    func brokenOff() async throws {
        let server = try ScriptedServer(answers: ["+OK\r\n", "+PONG\r\n*2\r\n$5\r\nhello\r\n$5\r\nwo"], then: .close)
        let connection = try await connect("127.0.0.1:\(server.port)")
        let result = await connection.run("PING", "KEYS *")
        #expect(result.texts == ["PONG"])
        #expect(result.failure?.reason == .closed)
        #expect(result.failure?.message.contains("closed the connection. Was it restarted") == true)
    }
}

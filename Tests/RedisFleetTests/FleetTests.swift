import EventLoops
import FleetUnderTest
import Glibc
import Metrics
import NIOCore
import NIOPosix
import RedisClient
import RedisCollectors
import RedisFleet
import Synchronization
import TestServers
import Testing

@Suite("Fleet", .serialized, .timeLimit(.minutes(6)))
struct FleetTests {
    @Test("A server that answers is up, with its INFO as samples and its facts")
    func up() async throws {
        let server = try await RedisServer.start()
        let watched = try WatchedFleet(["redis://\(server.address)"])
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil)
        #expect(watched.value("redis_up", in: outcome) == 1)
        #expect(watched.value(#"redis_exporter_last_scrape_error"#, in: outcome) == 0)
        #expect((watched.value("redis_memory_used_bytes", in: outcome) ?? 0) > 100_000)
        #expect(outcome.facts?.role == .master)
        #expect(outcome.node.instance == server.address)
    }

    @Test("One connection is kept, and nothing that is asked is an error for the server")
    func harmless() async throws {
        let server = try await RedisServer.start()
        let watched = try WatchedFleet(["redis://\(server.address)"])
        _ = await watched.scrape()
        let before = try #require(await watched.scrape().first)
        for _ in 0..<10 {
            _ = await watched.scrape()
        }
        let after = try #require(await watched.scrape().first)
        for series in ["redis_connections_received_total", "redis_total_error_replies"] {
            #expect(watched.value(series, in: after) == watched.value(series, in: before), "\(series)")
        }
    }

    @Test("Whatever keeps a server from answering has its reason from the fixed set, and an actionable message")
    func reasons() async throws {
        let guarded = try await RedisServer.start(["--requirepass", "secret"])
        let silent = try ScriptedServer(answers: [], then: .silence)
        let web = try ScriptedServer(answers: ["HTTP/1.1 400 Bad Request\r\n\r\n"], then: .close)
        let closedPort = try freePort()
        let cases: [(target: String, reason: FailureReason)] = [
            ("127.0.0.1:\(closedPort)", .refused),
            ("redis://127.0.0.1:\(guarded.port)", .auth),
            ("redis://:wrong@localhost:\(guarded.port)", .auth),
            ("127.0.0.1:\(silent.port)", .timeout),
            ("127.0.0.1:\(web.port)", .protocol),
            ("no-such-host.invalid:6379", .dns),
        ]
        let watched = try WatchedFleet(cases.map(\.target), timeout: .seconds(1))
        let outcomes = await watched.scrape()
        for (outcome, expected) in zip(outcomes, cases) {
            #expect(outcome.failure?.reason == expected.reason, "\(expected.target): \(outcome.failure as Any)")
            #expect(watched.value("redis_up", in: outcome) == 0)
            let series = "redstart_node_failure_reason{reason=\"\(expected.reason.rawValue)\"}"
            #expect(watched.value(series, in: outcome) == 1)
            let message = outcome.failure?.message ?? ""
            #expect(!message.contains("\n") && !message.contains("secret") && !message.contains("wrong@"))
        }
    }

    @Test("The right password lets in")
    func password() async throws {
        let server = try await RedisServer.start(["--requirepass", "secret"])
        let watched = try WatchedFleet(["redis://:secret@\(server.address)"])
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil)
    }

    @Test("A node that goes away is down, and up again by itself when it comes back")
    func recovery() async throws {
        let directory = try TemporaryDirectory()
        let server = try await RedisServer.start(in: directory)
        let watched = try WatchedFleet(["redis://\(server.address)"], interval: .milliseconds(100))
        let running = watched.start()
        await watched.outcomes.next { $0.failure == nil }
        server.process.kill()
        await watched.outcomes.next { $0.failure != nil }
        let arguments = ["--port", "\(server.port)", "--bind", "127.0.0.1", "--save", ""]
        let again = try ServerProcess("redis-server", arguments, in: directory)
        await watched.outcomes.next { $0.failure == nil }
        running.cancel()
        _ = try await running.value
        again.kill()
        let stamps = watched.outcomes.all.map(\.samples.timestamp)
        #expect(zip(stamps, stamps.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("A stopped server makes a scraper wait no longer than it can, and delays no other node")
    func hung() async throws {
        let stopped = try await RedisServer.start()
        let healthy = try await RedisServer.start()
        let watched = try WatchedFleet(
            ["redis://\(stopped.address)", "redis://\(healthy.address)"],
            timeout: .seconds(5)
        )
        _ = await watched.scrape()
        stopped.process.signal(SIGSTOP)
        defer { stopped.process.signal(SIGCONT) }
        let started = ContinuousClock.now
        let outcomes = await watched.scrape(patience: .milliseconds(500))
        #expect(started.duration(to: .now) < .seconds(3))
        #expect(outcomes[0].failure?.reason == .timeout)
        #expect(watched.value("redis_up", in: outcomes[0]) == 0)
        #expect(outcomes[1].failure == nil)
    }

    @Test("Scrapers that come at once share one poll; a young outcome serves those after them")
    func sharing() async throws {
        let server = try await RedisServer.start()
        let watched = try WatchedFleet(["redis://\(server.address)"])
        _ = await watched.scrape()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { _ = await watched.scrape(maxAge: .seconds(60)) }
            }
        }
        #expect(watched.outcomes.all.count == 1)
    }

    @Test("Whoever joins a poll in its last moment gets the outcome of it or of the next")
    func joiningLate() async throws {
        let server = try await RedisServer.start()
        let watched = try WatchedFleet(["redis://\(server.address)"])
        _ = await watched.scrape()
        for _ in 0..<500 {
            // Two only, so that no third one's poll comes to the help of one who was forgotten.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    // As tasks of the HTTP server do, these prefer an executor: each way into a session suspends them.
                    let executor = EventLoopExecutor.of(MultiThreadedEventLoopGroup.singleton.next())
                    group.addTask(executorPreference: executor) {
                        // At any moment of the other's poll.
                        try? await Task.sleep(for: .microseconds(.random(in: 0...2000)))
                        let outcome = await watched.scrape(patience: .seconds(5)).first
                        #expect(outcome?.failure == nil)
                    }
                }
            }
        }
    }

    @Test("A server that refuses INFO on a live connection is down with the reason, and up again when it answers")
    func refusedInfo() async throws {
        let server = try await RedisServer.start()
        let watched = try WatchedFleet(["redis://\(server.address)"])
        #expect(await watched.scrape().first?.failure == nil)
        try run("redis-cli", "-p", "\(server.port)", "acl", "setuser", "default", "-info", in: server.directory)
        let refused = try #require(await watched.scrape().first)
        #expect(refused.failure?.reason == .noperm)
        #expect(watched.value("redis_up", in: refused) == 0)
        try run("redis-cli", "-p", "\(server.port)", "acl", "setuser", "default", "+info", in: server.directory)
        let allowed = try #require(await watched.scrape().first)
        #expect(allowed.failure == nil)
        #expect((watched.value("redis_memory_used_bytes", in: allowed) ?? 0) > 0)
    }

    @Test("A server that says something else than INFO is no Redis")
    func emptyInfo() async throws {
        let odd = try ScriptedServer(answers: Array(repeating: "$0\r\n\r\n", count: 20), then: .silence)
        let watched = try WatchedFleet(["127.0.0.1:\(odd.port)"], timeout: .seconds(1))
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure != nil)
        #expect(watched.value("redis_up", in: outcome) == 0)
    }

    @Test("A poll that is cancelled with its session says nothing about the node")
    func cancelledPoll() async throws {
        let silent = try ScriptedServer(answers: [], then: .silence)
        let watched = try WatchedFleet(["127.0.0.1:\(silent.port)"], timeout: .seconds(30))
        let running = watched.start()
        async let waiting = watched.scrape(patience: .seconds(20))
        running.cancel()
        _ = try await running.value
        #expect(await waiting.first?.failure?.reason == .timeout)
        #expect(watched.outcomes.all.isEmpty)
    }

    @Test("A node known to hang makes no scraper wait before it is tried again")
    func knownToHang() async throws {
        let silent = try ScriptedServer(answers: [], then: .silence)
        let watched = try WatchedFleet(["127.0.0.1:\(silent.port)"], timeout: .seconds(1))
        var known = try #require(await watched.scrape(maxAge: .seconds(1)).first)
        // On a machine that stands still the pause may be over before anybody asks; the next one is twice as long.
        for _ in 0..<6 {
            #expect(known.failure?.reason == .timeout)
            let outcome = try #require(await watched.scrape(maxAge: .nanoseconds(1)).first)
            if outcome.finished == known.finished { return }
            known = outcome
        }
        Issue.record("each scraper has waited for a poll of its own")
    }

    @Test("A command the server refuses is sent once, then counted as refused")
    func learnedRefusals() async throws {
        let server = try await RedisServer.start(["--rename-command", "SLOWLOG", ""])
        let watched = try WatchedFleet(["redis://\(server.address)"])
        _ = await watched.scrape()
        let before = try #require(await watched.scrape().first)
        _ = await watched.scrape()
        let after = try #require(await watched.scrape().first)
        #expect((watched.value("redstart_node_refused_commands", in: after) ?? 0) >= 1)
        #expect(
            watched.value("redis_total_error_replies", in: after)
                == watched.value("redis_total_error_replies", in: before)
        )
    }

    @Test("Not all nodes are connected to at once, but each has its turn")
    func ceiling() async throws {
        let servers = SilentServers()
        let addresses = try await servers.listen(count: 24)
        let watched = try WatchedFleet(addresses, timeout: .milliseconds(200), connectLimit: 2)
        let outcomes = await watched.scrape(patience: .seconds(60))
        #expect(outcomes.allSatisfy { $0.failure?.reason == .timeout })
        #expect(servers.accepted == 24)
        // The server sees the end of a connection a little after the client, who has begun the next one then.
        #expect(servers.mostAtOnce <= 16)
        try await servers.close()
    }
}

/// Servers that accept and say nothing, and count.
private final class SilentServers: Sendable {
    private struct Count {
        var open = 0
        var mostAtOnce = 0
        var accepted = 0
    }

    private let count = Mutex(Count())
    private let channels = Mutex([any Channel]())

    var accepted: Int { count.withLock { $0.accepted } }
    var mostAtOnce: Int { count.withLock { $0.mostAtOnce } }

    func listen(count number: Int) async throws -> [String] {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                self.count.withLock { count in
                    count.open += 1
                    count.accepted += 1
                    count.mostAtOnce = max(count.mostAtOnce, count.open)
                }
                channel.closeFuture.whenComplete { _ in self.count.withLock { $0.open -= 1 } }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        var addresses: [String] = []
        for _ in 0..<number {
            let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            channels.withLock { $0.append(channel) }
            addresses.append("127.0.0.1:\(channel.localAddress?.port ?? 0)")
        }
        return addresses
    }

    func close() async throws {
        for channel in channels.withLock({ $0 }) { try await channel.close() }
    }
}

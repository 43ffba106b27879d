import FleetUnderTest
import Glibc
import RedisClient
import RedisFleet
import TestServers
import Testing

@Suite("Nodes in trouble", .timeLimit(.minutes(6)))
struct TroubledNodesTests {
    private static func failed(_ reason: FailureReason) -> String {
        "redstart_node_failure_reason{reason=\"\(reason.rawValue)\"}"
    }

    @Test("A stopped node delays nobody: the others are polled on time, and it is back when it goes on")
    func stopped() async throws {
        var servers: [RedisServer] = []
        for _ in 0..<5 { servers.append(try await RedisServer.start()) }
        // The timeout is long enough to be seen where it held up anybody else, also by a machine that is busy.
        let (interval, timeout) = (Duration.seconds(1), Duration.seconds(12))
        let watched = try WatchedFleet(servers.map(\.address), interval: interval, timeout: timeout)
        let running = watched.start()
        defer { running.cancel() }
        try await eventually("all are polled") { await watched.fleet.latestOutcomes().count == 5 }
        let stopped = servers[2]
        stopped.process.signal(SIGSTOP)
        defer { stopped.process.signal(SIGCONT) }
        let down = await watched.outcomes.next { $0.node.instance == stopped.address && $0.failure != nil }
        #expect(down?.failure?.reason == .timeout)
        await watched.outcomes.next { $0.node.instance == stopped.address && $0.failure != nil }
        let others = watched.outcomes.all.filter { $0.node.instance != stopped.address }
        #expect(others.allSatisfy { $0.failure == nil })
        #expect(longestPause(of: others) < timeout - interval)

        let started = ContinuousClock.now
        let scraped = await watched.scrape(patience: timeout - interval * 3)
        #expect(started.duration(to: .now) < timeout - interval)
        #expect(scraped.map { $0.failure == nil } == [true, true, false, true, true])
        stopped.process.signal(SIGCONT)
        await watched.outcomes.next { $0.node.instance == stopped.address && $0.failure == nil }
    }

    @Test("A killed node is down within an interval and its timeout, and up again when it is back")
    func killed() async throws {
        let directory = try TemporaryDirectory()
        let server = try await RedisServer.start(in: directory)
        let (interval, timeout) = (Duration.seconds(2), Duration.seconds(2))
        let watched = try WatchedFleet([server.address], interval: interval, timeout: timeout)
        let running = watched.start()
        defer { running.cancel() }
        await watched.outcomes.next { $0.failure == nil }
        let killed = ContinuousClock.now
        server.process.kill()
        let down = try #require(await watched.outcomes.next { $0.failure != nil })
        #expect(killed.duration(to: down.finished) < interval + timeout)
        #expect(watched.value("redis_up", in: down) == 0)
        let again = try ServerProcess(
            "redis-server",
            ["--port", "\(server.port)", "--bind", "127.0.0.1", "--save", ""],
            in: directory
        )
        let up = try #require(await watched.outcomes.next { $0.failure == nil })
        #expect(watched.value("redis_up", in: up) == 1)
        again.kill()
    }

    @Test("A server that loads its data is up, with the reason loading until it is done")
    func loading() async throws {
        let directory = try TemporaryDirectory()
        let first = try await RedisServer.start(["--enable-debug-command", "yes"], in: directory)
        try first.tell("debug", "populate", "20000")
        try first.tell("save")
        first.process.kill()
        // A millisecond a key, and a look at clients every kilobyte.
        let server = try await RedisServer.start(
            ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"],
            in: directory
        )
        let watched = try WatchedFleet([server.address], interval: .milliseconds(200))
        let running = watched.start()
        defer { running.cancel() }
        let outcome = try #require(await watched.outcomes.next { _ in true })
        #expect(outcome.failure == nil)
        #expect(outcome.shortfall?.reason == .loading)
        #expect(watched.value("redis_up", in: outcome) == 1)
        #expect(watched.value(Self.failed(.loading), in: outcome) == 1)
        #expect(watched.value("redis_loading_dump_file", in: outcome) == 1)
        let loaded = try #require(await watched.outcomes.next { $0.shortfall == nil })
        #expect(loaded.failure == nil)
        #expect(watched.value(#"redis_db_keys{db="db0"}"#, in: loaded) == 20_000)
        #expect(watched.value(Self.failed(.loading), in: loaded) == nil)
        #expect(watched.value("redstart_node_refused_commands", in: loaded) == 0)
    }

    @Test("So is one that refuses even INFO while it loads")
    func loadingWithoutInfo() async throws {
        let loading = "-LOADING Redis is loading the dataset in memory\r\n"
        let server = try ScriptedServer(answers: [loading, loading], then: .silence)
        let watched = try WatchedFleet(["127.0.0.1:\(server.port)"])
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil && outcome.facts == nil)
        #expect(watched.value("redis_up", in: outcome) == 1)
        #expect(watched.value(Self.failed(.loading), in: outcome) == 1)
    }

    @Test("A server that breaks off after INFO is up with what it told, and the reason is counted")
    func brokenOff() async throws {
        let info = "# Server\r\nredis_version:7.0.15\r\n# Clients\r\nconnected_clients:7\r\n"
        let garbage = try ScriptedServer(
            answers: ["+PONG\r\n", "$\(info.utf8.count)\r\n\(info)\r\n", "?what\r\n"],
            then: .close
        )
        let watched = try WatchedFleet(["127.0.0.1:\(garbage.port)"])
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure == nil)
        #expect(outcome.shortfall?.reason == .protocol)
        #expect(watched.value("redis_connected_clients", in: outcome) == 7)
        #expect(watched.value(Self.failed(.protocol), in: outcome) == 1)
        #expect(watched.value(#"redstart_node_poll_failures_total{reason="protocol"}"#, in: outcome) == 1)
    }

    @Test("A server that runs a script is down with the reason busy, and up when the script has ended")
    func busy() async throws {
        let server = try await RedisServer.start(["--busy-reply-threshold", "50"])
        let watched = try WatchedFleet([server.address])
        #expect(await watched.scrape().first?.failure == nil)
        let script = try ServerProcess(
            "redis-cli",
            ["-p", "\(server.port)", "eval", "while true do end", "0"],
            in: server.directory
        )
        try await eventually("the script is known to be slow") {
            (try? server.tell("ping")) == nil
        }
        let outcome = try #require(await watched.scrape().first)
        #expect(outcome.failure?.reason == .busy)
        #expect(watched.value("redis_up", in: outcome) == 0)
        try server.tell("script", "kill")
        try await eventually("it is up again") { await watched.scrape().first?.failure == nil }
        _ = try await script.exitCode()
    }

    @Test("A server with as many clients as it allows is down with the reason limit")
    func clientLimit() async throws {
        let server = try await RedisServer.start()
        let inTime = try WatchedFleet([server.address])
        #expect(await inTime.scrape().first?.failure == nil)
        try server.tell("config", "set", "maxclients", "1")
        let tooLate = try WatchedFleet([server.address])
        let refused = try #require(await tooLate.scrape().first)
        #expect(refused.failure?.reason == .limit)
        #expect(tooLate.value(Self.failed(.limit), in: refused) == 1)
        // Who is in stays in.
        #expect(await inTime.scrape().first?.failure == nil)
    }
}

/// The longest time between two polls of the same node.
func longestPause(of outcomes: [PollOutcome]) -> Duration {
    let ends = Dictionary(grouping: outcomes, by: \.node).values.map { $0.map(\.finished) }
    return ends.flatMap { zip($0, $0.dropFirst()).map { $0.duration(to: $1) } }.max() ?? .zero
}

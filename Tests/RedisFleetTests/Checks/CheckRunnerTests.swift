import Glibc
import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

@Suite("Heavy checks beside the polls", .serialized, .timeLimit(.minutes(6)))
struct CheckRunnerTests {
    private let scanned = "redstart_check_server_seconds_total{check=\"count_keys\"}"
    private let completed = "redstart_check_last_success_timestamp_seconds{check=\"count_keys\"}"

    @Test("A scrape never waits for a check, however long that takes")
    func scrapesDoNotWait() async throws {
        let server = try await RedisServer.start()
        try await server.fill("key:", count: 200_000)
        let watched = try CheckedFleet([server.address]) { options in
            options.countKeys = try KeySelector.list("key:*")
            options.keysBatchSize = 50
            options.schedule = .every(.seconds(60))
            // Four thousand steps with pauses of far more than a minute together.
            options.budget = 1e-5
        }
        try await eventually("the check has begun") { (await watched.scrape()[scanned] ?? 0) > 0 }
        for _ in 0..<20 {
            let values = await watched.scrape()
            #expect(values["redis_up"] == 1)
            #expect(values[completed] == nil, "the check cannot be complete yet")
        }
        #expect(try await server.counter("cmdstat_scan:calls=") < 2000)
    }

    @Test("A check takes no more of the server's time than its budget")
    func budget() async throws {
        let server = try await RedisServer.start()
        try await server.fill("key:", count: 100_000)
        let watched = try CheckedFleet([server.address]) { options in
            options.countKeys = try KeySelector.list("key:*")
            options.schedule = .every(.milliseconds(1))
            options.budget = 0.05
        }
        let started = ContinuousClock.now
        try await eventually("the keys have been counted twice", seconds: 60) {
            let values = await watched.scrape()
            return values["redis_keys_count{db=\"db0\", key=\"key:*\"}"] == 100_000
                && (values["redstart_check_runs_total{check=\"count_keys\"}"] ?? 0) >= 3
        }
        let elapsed = (ContinuousClock.now - started) / .seconds(1)
        // By the word of the server, and by ours, which counts more: the step that is not paid for yet comes on top.
        let busy = try await server.seconds(of: "scan")
        #expect(busy > 0 && busy <= elapsed * 0.05 + 0.05)
        let values = await watched.scrape()
        let taken = try #require(values[scanned])
        #expect(taken <= elapsed * 0.05 + 0.05)
        #expect(values["redstart_check_budget_ratio"] == 0.05)
        let duration = try #require(values["redstart_check_duration_seconds{check=\"count_keys\"}"])
        #expect(duration > 0)
    }

    @Test("Results stay in every poll until newer ones are there")
    func resultsStay() async throws {
        let server = try await RedisServer.start()
        try await server.fill("key:", count: 100)
        let watched = try CheckedFleet([server.address]) { options in
            options.countKeys = try KeySelector.list("key:*")
            options.schedule = .every(.milliseconds(300))
        }
        let series = "redis_keys_count{db=\"db0\", key=\"key:*\"}"
        try await eventually("first at once") { await watched.scrape()[series] == 100 }
        try await server.fill("key:more:", count: 11)
        try await eventually("then at the interval, never without a result") {
            let value = await watched.scrape()[series]
            #expect(value != nil)
            return value == 111
        }
    }

    @Test("Checks begin when the server comes up and again when it was restarted")
    func comesUp() async throws {
        let port: Int
        do {
            let first = try await RedisServer.start()
            port = first.port
            try await first.fill("key:", count: 10)
            let watched = try CheckedFleet([first.address]) { options in
                options.countKeys = try KeySelector.list("*")
                options.schedule = .every(.seconds(3600))
            }
            let series = "redis_keys_count{db=\"db0\", key=\"*\"}"
            try await eventually("counted at once") { await watched.scrape()[series] == 10 }
            first.process.kill()
            try await eventually("nothing is known of a server that is down") {
                let values = await watched.scrape()
                return values["redis_up"] == 0 && values[series] == nil
            }
            let second = try ServerProcess(
                "redis-server", ["--port", "\(port)", "--bind", "127.0.0.1", "--save", ""], in: TemporaryDirectory())
            try await eventually("counted anew, though the interval is an hour") { await watched.scrape()[series] == 0 }
            second.kill()
        }
    }

    @Test("Checks run on a replica where there is one, and move when it goes")
    func replica() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        try await master.fill("key:", count: 100)
        let replica = try await RedisServer.start([
            "--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0",
        ])
        let watched = try DiscoveredFleet(master.address, discover: true) { options in
            options.countKeys = try KeySelector.list("key:*")
            options.schedule = .every(.milliseconds(300))
        }
        let series = "redis_keys_count{db=\"db0\", key=\"key:*\"}"
        try await eventually("the replica counts") { await watched.value(series, of: replica.address) == 100 }
        #expect(await watched.value(series, of: master.address) == nil)
        // Where the replica was not in step at first, the master was asked: no more than that.
        let before = try await master.counter("cmdstat_scan:calls=")
        let runs = "redstart_check_runs_total{check=\"count_keys\"}"
        let runsBefore = await watched.value(runs, of: replica.address) ?? 0
        try await eventually("more runs on the replica") {
            (await watched.value(runs, of: replica.address) ?? 0) >= runsBefore + 3
        }
        #expect(try await master.counter("cmdstat_scan:calls=") == before)
        #expect(try await replica.counter("cmdstat_scan:calls=") > 0)
        replica.process.kill()
        try await eventually("the master counts when it is alone") {
            await watched.value(series, of: master.address) == 100
        }
    }

    @Test("A server whose clients are full has no checks, and its polls go on")
    func noConnection() async throws {
        let server = try await RedisServer.start()
        let watched = try CheckedFleet([server.address]) { options in
            options.countKeys = try KeySelector.list("a*")
            options.schedule = .every(.seconds(3600))
        }
        try await eventually("counted at once") { await watched.scrape()[completed] != nil }
        let first = await watched.scrape()
        #expect(first["redis_connected_clients"] == 2, "one connection for polls, one for checks")
        #expect(first["redstart_check_failures_total{check=\"count_keys\"}"] == 0)
    }

    @Test("A user without the rights for a check is told so, once a run, and is polled on")
    func noRights() async throws {
        let server = try await RedisServer.start()
        try await server.run("ACL SETUSER watcher on >pw ~* +@all -scan")
        let watched = try CheckedFleet(["redis://watcher:pw@\(server.address)"], runs: false) { options in
            options.countKeys = try KeySelector.list("a*")
        }
        let values = await watched.scrape()
        #expect(values["redis_up"] == 1)
        #expect(values["redstart_check_failures_total{check=\"count_keys\"}"] == 1)
        #expect(values["redis_keys_count{db=\"db0\", key=\"a*\"}"] == nil)
    }
}

import Glibc
import Metrics
import TestServers
import Testing

@Suite("redstart serve --state-dir", .serialized)
struct StateTests {
    private let directory: TemporaryDirectory
    private let rules: String

    init() throws {
        directory = try TemporaryDirectory()
        rules = try directory.writeRules(
            every: "1s",
            """
            - alert: Slow
              expr: redis_up == 1
              for: 1h
            """
        )
    }

    private func serve(_ redis: RedisServer, _ more: [String] = []) async throws -> RedstartProcess {
        try await RedstartProcess.serve(
            [
                "--rules", rules, "--poll-interval", "200ms", "--state-dir", directory.file("state"),
                "--state-snapshot-interval", "200ms", redis.address,
            ] + more
        )
    }

    /// The number in an answer to a query that gives one element: `"value":[time,"number"]`.
    private func number(_ text: String) -> Double? {
        let value = text.split(separator: "\"value\":[").dropFirst().first
        return value?.split(separator: "\"").dropFirst().first.flatMap { Double($0) }
    }

    /// When the alert became active, seconds since 1970, as `ALERTS_FOR_STATE` has it.
    private func clock(_ redstart: RedstartProcess) -> Double? {
        (try? redstart.get("/api/v1/query?query=ALERTS_FOR_STATE").text).flatMap(number)
    }

    private func isPending(_ redstart: RedstartProcess) -> Bool {
        (try? redstart.get("/api/v1/alerts").text.contains("pending")) == true
    }

    /// How many samples of `redis_up` there are up to a time in seconds since 1970.
    private func samples(_ redstart: RedstartProcess, through time: Double) -> Double {
        let query = "/api/v1/query?query=count_over_time(redis_up%5B10m%5D)&time=\(time)"
        return (try? redstart.get(query).text).flatMap(number) ?? 0
    }

    @Test("kill -9 and a restart: no clock begins anew, and the history is still there")
    func killed() async throws {
        let redis = try await RedisServer.start()
        let first = try await serve(redis)
        // Long enough for a clock that began anew to be told from one that went on.
        try await first.process.wait(for: "has an alert of five seconds and a snapshot") {
            clock(first).map { Double(WallClock.milliseconds()) / 1000 - $0 > 5 } ?? false
        }
        let before = try #require(clock(first))
        let killedAt = Double(WallClock.milliseconds()) / 1000
        first.process.kill()
        let second = try await serve(redis)
        #expect(samples(second, through: killedAt) > 10)
        #expect(!second.process.log.contains("error"))
        try await second.process.wait(for: "writes the clock again") {
            isPending(second) && (clock(second) ?? 0) > 0
        }
        // Two evaluations restore it; from then on it is written anew, later by the time in which nobody looked.
        try await second.process.wait(for: "has evaluated three times") {
            Double(WallClock.milliseconds()) / 1000 - killedAt > 3 && isPending(second)
        }
        let after = try #require(clock(second))
        #expect(after >= before)
        #expect(after < killedAt - 1, "the clock began anew: \(before), killed at \(killedAt), now \(after)")
    }

    @Test("SIGTERM keeps the history to the last moment and exits with 0")
    func terminated() async throws {
        let redis = try await RedisServer.start()
        let first = try await serve(redis, ["--state-snapshot-interval", "1h"])
        let started = Double(WallClock.milliseconds()) / 1000
        try await first.process.wait(for: "has polled") { samples(first, through: started + 60) >= 3 }
        first.process.signal(SIGTERM)
        #expect(try await first.process.exitCode() == 0)
        let endedAt = Double(WallClock.milliseconds()) / 1000
        let second = try await serve(redis)
        #expect(samples(second, through: endedAt) >= 3)
    }

    @Test("A second daemon in the same folder says so and works in memory")
    func second() async throws {
        let redis = try await RedisServer.start()
        let first = try await serve(redis)
        let second = try await serve(redis)
        #expect(second.process.log.contains("redstart.db is in use by another process. Is a second redstart running"))
        #expect(try second.get("/metrics").text.contains("\nredis_up 1\n"))
        #expect(first.process.isRunning)
    }

    @Test("A broken state file is moved aside, and the daemon starts")
    func broken() async throws {
        #expect(mkdir(directory.file("state"), 0o700) == 0)
        try directory.write(String(repeating: "no database", count: 1000), to: "state/redstart.db")
        let redis = try await RedisServer.start()
        let redstart = try await serve(redis)
        #expect(redstart.process.log.contains("redstart.db.broken-"))
        #expect(try redstart.get("/metrics").text.contains("\nredis_up 1\n"))
    }
}

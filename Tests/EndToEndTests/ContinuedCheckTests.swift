import TestServers
import Testing

@Suite("redstart check with a daemon or a folder behind it", .serialized)
struct ContinuedCheckTests {
    private let directory: TemporaryDirectory
    private let rules: String

    init() throws {
        directory = try TemporaryDirectory()
        rules = try directory.writeRules(
            every: "1s",
            """
            - alert: Keys
              expr: redis_db_keys{db="db0"} > 0
              for: 1s
              labels: {severity: warning}
              annotations: {summary: '{{ $value }} keys'}
            - alert: Patient
              expr: redis_up == 1
              for: 1h
              labels: {severity: critical}
            """
        )
    }

    private func setKey(_ redis: RedisServer) async throws {
        let (code, _) = try await run("redis-cli", ["-p", "\(redis.port)", "set", "a", "1"])
        #expect(code == 0)
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> (code: Int32, output: String) {
        let process = try ServerProcess(program, arguments, in: try TemporaryDirectory())
        return (try await process.exitCode(), process.log)
    }

    @Test("With --url it tells what fires in the daemon, and what waits there does not count")
    func daemon() async throws {
        let redis = try await RedisServer.start()
        try await setKey(redis)
        let redstart = try await RedstartProcess.serve(
            ["--rules", rules, "--poll-interval", "200ms", redis.address]
        )
        try await redstart.process.wait(for: "fires") {
            (try? redstart.get("/api/v1/alerts").text.contains("firing")) == true
        }
        let url = "http://127.0.0.1:\(redstart.port)"
        let text = try await RedstartProcess.run(["check", "--url", url])
        #expect(text.code == 1, "\(text.output)")
        #expect(text.output.contains("SINCE"))
        #expect(text.output.contains("1 keys"))
        #expect(
            text.output.hasSuffix(
                "1 of 2 alerts fire (1 more wait for their `for`) on 1 node, watched by \(url).\n")
        )
        let json = try await RedstartProcess.run(["check", "--url", url, "--format", "json"])
        #expect(json.code == 1)
        #expect(json.output.contains(#""activeAt" : 1"#) && json.output.contains(#""pending" : 1"#))
        redstart.process.kill()
        let nobody = try await RedstartProcess.run(["check", "--url", url, "--format", "nagios"])
        #expect(nobody.code == 3)
        #expect(nobody.output.hasPrefix("REDSTART UNKNOWN - cannot reach \(url): connection refused."))
        let both = try await RedstartProcess.run(["check", "--url", url, redis.address])
        #expect(both.code == 3)
    }

    @Test("With --state-dir `for` counts from one check to the next, and so does the history")
    func folder() async throws {
        let redis = try await RedisServer.start()
        let check = [
            "check", "--window", "1s", "--rules", rules, "--state-dir", directory.file("state"), redis.address,
        ]
        try await setKey(redis)
        let first = try await RedstartProcess.run(check)
        #expect(first.code == 0, "\(first.output)")
        #expect(first.output.contains("0 of 2 alerts fire (2 more wait for their `for`) on 1 node"))
        let second = try await RedstartProcess.run(check)
        #expect(second.code == 1, "\(second.output)")
        #expect(second.output.contains("1 of 2 alerts fire (1 more wait for their `for`)"))
        _ = try await run("redis-cli", ["-p", "\(redis.port)", "flushall"])
        let third = try await RedstartProcess.run(check)
        #expect(third.code == 0, "\(third.output)")
        // A daemon in the same folder goes on with all of it.
        let redstart = try await RedstartProcess.serve(
            ["--rules", rules, "--state-dir", directory.file("state"), redis.address]
        )
        let query = "/api/v1/query?query=max_over_time(redis_db_keys%7Bdb=%22db0%22%7D%5B10m%5D)"
        #expect(try redstart.get(query).text.contains(#""1"]"#))
    }

    @Test("A folder that another process uses makes the check impossible, and it says so")
    func folderInUse() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(
            ["--rules", rules, "--state-dir", directory.file("state"), redis.address]
        )
        let (code, output) = try await RedstartProcess.run(
            ["check", "--window", "1s", "--rules", rules, "--state-dir", directory.file("state"), redis.address]
        )
        #expect(code == 3)
        #expect(output.contains("redstart.db is in use by another process"))
        #expect(redstart.process.isRunning)
    }
}

import TestServers
import Testing

@Suite("redstart query", .serialized)
struct QueryTests {
    private func serve(_ arguments: [String] = []) async throws -> (redis: RedisServer, redstart: RedstartProcess) {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--poll-interval", "200ms", redis.address] + arguments)
        try await redstart.process.wait(for: "is ready") { (try? redstart.get("/-/ready").status) == 200 }
        return (redis, redstart)
    }

    private func query(_ redstart: RedstartProcess, _ arguments: [String]) async throws -> (Int32, String) {
        let (code, output) = try await RedstartProcess.run(
            ["query", "--url", "http://127.0.0.1:\(redstart.port)"] + arguments
        )
        return (code, output)
    }

    @Test("An instant query is a table with a column for each label, or the answer of the API")
    func instant() async throws {
        let (redis, redstart) = try await serve()
        let (code, table) = try await query(redstart, ["redis_up"])
        #expect(code == 0)
        let lines = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines == [["METRIC", "INSTANCE", "JOB", "VALUE"], ["redis_up", redis.address, "redis", "1"]])
        #expect(try await query(redstart, ["1 + 1"]).1 == "2\n")
        #expect(try await query(redstart, ["redis_up > 1"]) == (0, ""))
        let json = try await query(redstart, ["--format", "json", "vector(7)"]).1
        #expect(json.hasPrefix(#"{"status":"success","data":{"resultType":"vector","#))
    }

    @Test("A span of time is a table of points or a picture as wide as the terminal")
    func range() async throws {
        let (_, redstart) = try await serve()
        let span = ["--start", "1700000000", "--end", "1700000120", "--step", "60s", "vector(time())"]
        let (code, table) = try await query(redstart, span)
        #expect(code == 0)
        let values = table.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(values == ["VALUE", "1700000000", "1700000060", "1700000120"])
        let (plotCode, plot) = try await query(redstart, ["--format", "plot"] + span)
        #expect(plotCode == 0)
        let lines = plot.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines.contains { $0.contains("1.7G ┤") })
        #expect(lines.last == "● {}  1700000120")
        // It rises from the lower left to the upper right.
        #expect(lines.first?.last.map { $0 >= "\u{2801}" && $0 <= "\u{28FF}" } == true)
        #expect(!plot.contains("\u{1B}"))
    }

    @Test("A mistake is shown with its place, an unreachable daemon with what to do; both exit with 1")
    func mistakes() async throws {
        let (_, redstart) = try await serve()
        let (code, output) = try await query(redstart, ["sum(redis_up"])
        #expect(code == 1)
        #expect(output.contains("1:13: parse error: unclosed left parenthesis") && output.contains("^"))
        let port = try freePort()
        let (nobodyCode, nobody) = try await RedstartProcess.run(
            ["query", "--url", "http://me:hunter2@127.0.0.1:\(port)", "up"]
        )
        #expect(nobodyCode == 1)
        #expect(
            nobody == "cannot reach http://127.0.0.1:\(port): connection refused. "
                + "Is `redstart serve` running there? (--url)\n"
        )
        let redis = try await RedisServer.start()
        let (otherCode, other) = try await RedstartProcess.run(["query", "--url", "http://\(redis.address)", "up"])
        #expect(otherCode == 1)
        #expect(other.split(separator: "\n").count == 1)
    }

    @Test("A query ends when its client goes away, and the next one has its place")
    func clientGoesAway() async throws {
        let (_, redstart) = try await serve(["--query.max-concurrency", "1", "--query.timeout", "10m"])
        // Eleven thousand windows of a million points: more work than there is time.
        let heavy = "stddev_over_time(vector(1)[1000s:1ms])"
        let client = try ServerProcess(
            RedstartProcess.executable,
            [
                "query", "--url", "http://127.0.0.1:\(redstart.port)", "--start", "1700000000", "--end", "1700000010",
                "--step", "1ms", heavy,
            ],
            in: try TemporaryDirectory()
        )
        let light = "/api/v1/query?query=1&timeout="
        try await redstart.process.wait(for: "works at it, so that another query waits") {
            (try? redstart.get(light + "50ms").text.contains("query timed out in query queue")) == true
        }
        client.kill()
        try await redstart.process.wait(for: "has stopped") { (try? redstart.get(light + "5s").status) == 200 }
    }
}

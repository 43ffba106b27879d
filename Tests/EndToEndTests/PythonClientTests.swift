import TestServers
import Testing

@Suite("Other people's clients")
struct PythonClientTests {
    @Test("A Python script reads the API as documented, and Prometheus' Python client the texts")
    func python() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--poll-interval", "200ms", redis.address])
        try await redstart.process.wait(for: "has polled some times") {
            let query = "/api/v1/query?query=count_over_time(redis_up%5B1m%5D)%20%3E%205"
            return (try? redstart.get(query).text.contains("value")) == true
        }
        let process = try Self.run("read_api.py", ["http://127.0.0.1:\(redstart.port)"])
        let code = try await process.exitCode(seconds: 60)
        #expect(code == 0, "\(process.log)")
    }

    @Test("Hostile queries have an answer in bounded time and memory, and others are answered meanwhile")
    func hostile() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "1s", "--query.timeout", "5s", "--query.max-samples", "2000000", redis.address]
        )
        let process = try Self.run(
            "hostile_queries.py",
            ["http://127.0.0.1:\(redstart.port)", "\(redstart.process.pid)", "60", "300"]
        )
        let code = try await process.exitCode(seconds: 900)
        #expect(code == 0, "\(process.log)")
        #expect(redstart.process.isRunning)
    }

    private static func run(_ script: String, _ arguments: [String]) throws -> ServerProcess {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/Clients/" + script
        return try ServerProcess("/usr/bin/python3", [path] + arguments, in: try TemporaryDirectory())
    }
}

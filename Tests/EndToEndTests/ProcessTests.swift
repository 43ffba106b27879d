import TestServers
import Testing

@Suite("The process of the daemon")
struct ProcessTests {
    @Test("It may have as many files open as the system allows, not as few as a shell does")
    func descriptors() async throws {
        let port = try freePort()
        let serve = "exec \(RedstartProcess.executable) serve --web.listen-address 127.0.0.1:\(port) --redis.addr="
        let process = try ServerProcess("sh", ["-c", "ulimit -Sn 100; \(serve)"], in: try TemporaryDirectory())
        try await process.wait(for: "tells its limit") {
            guard let text = try? HTTPProbe.get("/metrics", port: port).text,
                let limit = try? ScrapedText(text).value("process_max_fds")
            else { return false }
            return limit > 100
        }
    }

    @Test("After the start its code has borders, across which the kernel maps no page that is not used")
    func borders() async throws {
        let redstart = try await RedstartProcess.serve(["--redis.addr="])
        let folder = try TemporaryDirectory()
        try await redstart.process.wait(seconds: 90, for: "has given back what only the start needed") {
            let count = try? run(
                "grep", "-c", " r-xp .*/redstart$", "/proc/\(redstart.process.pid)/maps", in: folder)
            return count?.split(separator: "\n").first.flatMap { Int($0) } ?? 0 > 100
        }
    }

    @Test("With changes allowed, a page that was opened under somebody else's name makes none")
    func rebinding() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([
            "--web.enable-admin", "--web.external-url", "http://redis.example.org", redis.address,
        ])
        func end(as host: String) async throws -> String {
            let process = try ServerProcess(
                "curl",
                [
                    "-s", "-X", "DELETE", "-H", "Host: \(host)", "-H", "Origin: http://\(host)",
                    "http://127.0.0.1:\(redstart.port)/api/redstart/v1/silences/none",
                ],
                in: try TemporaryDirectory())
            _ = try await process.exitCode()
            return process.log
        }
        #expect(try await end(as: "rebound.example.com").contains("--web.external-url"))
        // Its own name gets as far as the token.
        #expect(try await end(as: "redis.example.org").contains("X-Redstart-Token"))
    }
}

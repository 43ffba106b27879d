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

    @Test("It outlives more connections than it may have files open, and serves again when they are gone")
    func exhaustedDescriptors() async throws {
        let (port, redis) = (try freePort(), try await RedisServer.start())
        let process = try ServerProcess(
            "sh",
            [
                "-c",
                """
                ulimit -n 128
                exec \(RedstartProcess.executable) serve --web.listen-address 127.0.0.1:\(port) \
                    --poll-interval 1s --evaluation-interval 1s \(redis.address)
                """,
            ],
            in: try TemporaryDirectory())
        let isServing: () -> Bool = {
            (try? HTTPProbe.get("/metrics", port: port).text.contains("\nredis_up 1\n")) == true
        }
        try await process.wait(for: "serves") { isServing() }
        // Questions, so that threads come and go, about whom Dispatch reads files.
        let crowd = try ServerProcess(
            "python3",
            [
                "-c",
                """
                import contextlib, socket, threading, time
                request = b"GET /api/v1/query?query=count(%7B__name__=~%22.%2B%22%7D) HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
                crowd = [socket.create_connection(("127.0.0.1", \(port)), timeout=5) for _ in range(300)]
                def ask(connection):
                    with contextlib.suppress(OSError):
                        for _ in range(20):
                            connection.sendall(request)
                            connection.recv(65536)
                            time.sleep(0.1)
                unanswered = 0
                for connection in crowd:
                    try:
                        connection.sendall(request)
                        connection.recv(65536)
                    except ConnectionError: pass
                    except TimeoutError: unanswered += 1
                    if unanswered: break
                print("somebody hangs" if unanswered else "nobody hangs")
                threads = [threading.Thread(target=ask, args=(connection,)) for connection in crowd]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                """,
            ],
            in: try TemporaryDirectory())
        #expect(try await crowd.exitCode() == 0)
        // Who gets none of the last descriptors is told at once; at the limit itself nobody is even accepted.
        #expect(crowd.log.contains("nobody hangs"))
        try await process.wait(for: "serves again") { isServing() }
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

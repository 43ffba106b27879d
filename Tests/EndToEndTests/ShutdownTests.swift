import Glibc
import TestServers
import Testing

@Suite("The end of the daemon", .serialized)
struct ShutdownTests {
    @Test("It is unready at once, goes on answering for the delay, then ends with 0")
    func delay() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--shutdown-delay", "3s", redis.address])
        try await redstart.process.wait(for: "is ready") { (try? redstart.get("/-/ready").status) == 200 }
        redstart.process.signal(SIGTERM)
        try await redstart.process.wait(for: "is unready") { (try? redstart.get("/-/ready").status) == 503 }
        #expect(try redstart.get("/-/ready").text == "Redstart is ending.\n")
        #expect(try redstart.get("/-/healthy").status == 200)
        #expect(try redstart.get("/metrics").text.contains("\nredis_up 1\n"))
        try await redstart.process.wait(for: "is unhealthy, which may be a second old") {
            (try? redstart.get("/health").text.contains("unhealthy: process: the process is ending")) == true
        }
        let reload = try HTTPProbe.get("/-/reload", port: redstart.port, method: "POST")
        #expect(reload.status == 500 && reload.text.contains("Redstart is ending"))
        #expect(try await redstart.process.exitCode() == 0)
    }

    @Test("A request that is under way is answered, and none is taken any more")
    func drain() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([
            "--scrape-max-age", "0s", "--shutdown-timeout", "60s", "--connection-timeout", "60s", redis.address,
        ])
        try await redstart.process.wait(for: "is ready") { (try? redstart.get("/-/ready").status) == 200 }
        redis.process.signal(SIGSTOP)
        let url = "http://127.0.0.1:\(redstart.port)/metrics"
        let scrape = try ServerProcess("curl", ["-sv", url], in: try TemporaryDirectory())
        try await scrape.wait(for: "has asked") { scrape.log.contains("> GET /metrics") }
        redstart.process.signal(SIGTERM)
        try await redstart.process.wait(for: "takes no connection any more") {
            (try? redstart.get("/-/healthy").status) == nil
        }
        redis.process.signal(SIGCONT)
        #expect(try await scrape.exitCode() == 0)
        #expect(scrape.log.contains("\nredis_up 1\n"))
        #expect(try await redstart.process.exitCode() == 0)
    }

    @Test("The second signal ends it at once")
    func secondSignal() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--shutdown-delay", "10m", redis.address])
        redstart.process.signal(SIGTERM)
        try await redstart.process.wait(for: "has begun to end") { redstart.process.log.contains("ending") }
        redstart.process.signal(SIGTERM)
        #expect(try await redstart.process.exitCode() == 128 + SIGTERM)
    }

    @Test("What a slow receiver has not taken yet is waited for, as long as it may take")
    func slowReceiver() async throws {
        let receiver = try HTTPReceiver { _, _ in
            usleep(1_500_000)
            return .status(200)
        }
        let directory = try TemporaryDirectory()
        let rules = try directory.writeRules(every: "200ms", "- {alert: Always, expr: vector(1)}")
        let redis = try await RedisServer.start()
        let state = directory.file("state")
        let redstart = try await RedstartProcess.serve([
            "--rules", rules, "--state-dir", state, "--notify-group-wait", "0s", "--shutdown-timeout", "30s",
            "--webhook.url", "http://127.0.0.1:\(receiver.port)/", redis.address,
        ])
        try await redstart.process.wait(for: "sends the message") { !receiver.requests.isEmpty }
        redstart.process.signal(SIGTERM)
        #expect(try await redstart.process.exitCode() == 0)
        // It has arrived: the next process has nothing to send again, and nothing to doubt.
        let again = try await RedstartProcess.serve([
            "--rules", rules, "--state-dir", state, "--notify-group-wait", "0s",
            "--webhook.url", "http://127.0.0.1:\(receiver.port)/", redis.address,
        ])
        #expect(!again.process.log.contains("was under way"))
        #expect(receiver.requests.count == 1)
    }
}

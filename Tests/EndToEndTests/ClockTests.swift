import Glibc
import TestServers
import Testing

@Suite("A clock that jumps", .serialized)
struct ClockTests {
    private let directory: TemporaryDirectory
    private let clock: SettableClock

    init() throws {
        directory = try TemporaryDirectory()
        clock = try SettableClock()
    }

    private func serve(_ redis: RedisServer, _ rules: String) async throws -> RedstartProcess {
        let port = try freePort()
        let words =
            clock.prefix + [
                RedstartProcess.executable, "serve", "--web.listen-address", "127.0.0.1:\(port)", "--poll-interval",
                "500ms", "--rules", rules, redis.address,
            ]
        let process = try ServerProcess(words[0], Array(words.dropFirst()), in: directory)
        let redstart = RedstartProcess(process: process, port: port)
        try await process.wait(for: "answers /-/healthy") { (try? redstart.get("/-/healthy").status) == 200 }
        return redstart
    }

    private func state(of alert: String, _ redstart: RedstartProcess) -> String? {
        guard let text = try? redstart.get("/api/v1/alerts").text else { return nil }
        let entry = text.split(separator: "\"alertname\":\"").first { $0.hasPrefix("\(alert)\"") }
        return entry?.firstRange(of: "\"state\":\"").map { found in
            String(entry?[found.upperBound...].prefix { $0 != "\"" } ?? "")
        }
    }

    @Test("Forward and back: it says so, goes on polling and evaluating, and no alert begins or ends for it")
    func jumps() async throws {
        let redis = try await RedisServer.start()
        let rules = try directory.writeRules(
            every: "500ms",
            """
            - {alert: Always, expr: redis_up == 1}
            - {alert: Held, expr: redis_up == 1, for: 3h}
            - {alert: Gone, expr: absent(redis_up)}
            """
        )
        let redstart = try await serve(redis, rules)
        try await redstart.process.wait(for: "fires") {
            state(of: "Always", redstart) == "firing" && state(of: "Held", redstart) == "pending"
        }
        func evaluations() -> Double {
            let query = "/api/v1/query?query=timestamp(redis_up)"
            let value = (try? redstart.get(query).text)?.split(separator: "\"value\":[").dropFirst().first
            return value?.split(separator: "\"").dropFirst().first.flatMap { Double($0) } ?? 0
        }
        for (offset, words) in [
            (1800, "set forward by 1800 s"), (1740, "set back by 60 s"), (-1800, "set back by 3540 s"),
            (0, "set forward by 1800 s"),
        ] {
            let jumps = redstart.process.log.split(separator: words, omittingEmptySubsequences: false).count
            try clock.set(bySeconds: offset)
            try await redstart.process.wait(seconds: 40, for: "says: \(words)") {
                redstart.process.log.split(separator: words, omittingEmptySubsequences: false).count > jumps
            }
            let before = evaluations()
            try await redstart.process.wait(seconds: 40, for: "goes on polling after \(offset)") {
                evaluations() != before
            }
            try await redstart.process.wait(seconds: 40, for: "has its alerts after \(offset)") {
                state(of: "Always", redstart) == "firing"
            }
            #expect(state(of: "Held", redstart) == "pending", "after \(offset)")
            #expect(state(of: "Gone", redstart) == nil, "after \(offset)")
            #expect(try redstart.get("/metrics").text.contains("\nredis_up 1\n"))
        }
        let events = try redstart.get("/api/redstart/v1/events").text
        #expect(events.components(of: "\"kind\":\"clock_set\"") >= 4)
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}

import TestServers
import Testing

@Suite("The slow log of a real server", .serialized)
struct SlowLogTests {
    /// Runs commands that the server finds slow, and stops logging.
    private func logCommands(_ commands: [[String]], at server: RedisServer) async throws {
        try await ComparedServer.command(["config", "set", "slowlog-log-slower-than", "0"], to: server)
        for words in commands {
            try await ComparedServer.command(words, to: server)
        }
        try await ComparedServer.command(["config", "set", "slowlog-log-slower-than", "-1"], to: server)
    }

    private func entries(_ redstart: RedstartProcess, _ query: String = "") throws -> String {
        try redstart.get("/api/redstart/v1/slowlog" + query).text
    }

    @Test("Each entry is counted and listed once, without keys and values, across a reset and a restart")
    func entriesAreListedOnce() async throws {
        let server = try await RedisServer.start()
        // Polls only when scraped: a poll while the server logs everything would be in the log too.
        let redstart = try await RedstartProcess.serve(
            ["--scrape-max-age", "0s", "--poll-interval", "20m", server.address]
        )
        func count(_ command: String) throws -> Double? {
            try ScrapedText(redstart.get("/metrics").text).value("redis_slowlog_entries_total", ["cmd": command])
        }
        _ = try redstart.get("/metrics")
        try await logCommands(
            [["set", "secret-key", "secret-value"], ["get", "secret-key"], ["config", "get", "save"]], at: server)
        #expect(try count("set") == 1)
        try await ComparedServer.command(["slowlog", "reset"], to: server)
        try await logCommands([["get", "another-secret-key"]], at: server)
        #expect(try count("get") == 2)
        #expect(try count("set") == 1)

        let all = try entries(redstart)
        #expect(all.contains(#""cmd":"set","argumentCount":2,"clientAddress":"127.0.0.1:"#))
        #expect(all.contains(#""cmd":"config|get","argumentCount":1"#))
        #expect(all.contains(#""log":"slow""#) && all.contains(#""durationSeconds":"#))
        #expect(!all.contains("secret"))
        #expect(all.occurrences("\"cmd\":\"get\"") == 2)
        #expect(try entries(redstart, "?cmd=get&limit=1").occurrences("\"id\":") == 1)
        #expect(try entries(redstart, "?instance=nobody:1") == #"{"status":"success","data":{"entries":[]}}"#)
        #expect(try entries(redstart, "?since=1h&cmd=set&instance=\(server.address)").occurrences("\"id\":") == 1)
        #expect(try entries(redstart, "?since=2999-01-01T00:00:00Z").occurrences("\"id\":") == 0)

        server.process.kill()
        let again = try ServerProcess(
            "redis-server",
            ["--port", "\(server.port)", "--bind", "127.0.0.1", "--save", "", "--slowlog-log-slower-than", "0"],
            in: try TemporaryDirectory()
        )
        try await redstart.process.wait(for: "counts the entries of the new process") {
            (try? count("info")) ?? 0 > 0
        }
        #expect(try count("set") == 1)
        again.kill()
    }

    @Test("With the options for it, arguments are shown, and each new entry is an event in the log")
    func options() async throws {
        let server = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([
            "--scrape-max-age", "0s", "--poll-interval", "20m", "--slowlog-arguments", "--log-slowlog",
            "--log-format", "json", server.address,
        ])
        _ = try redstart.get("/metrics")
        try await logCommands([["set", "key", "line\nbreak"], ["auth", "hunter2"]], at: server)
        _ = try redstart.get("/metrics")
        #expect(try entries(redstart, "?cmd=set").contains(#""arguments":["key","line\nbreak"]"#))
        try await redstart.process.wait(for: "has written the event") { redstart.process.log.contains("slow command") }
        let events = redstart.process.log.split(separator: "\n").filter { $0.contains("slow command") }
        #expect(events.filter { $0.contains(#""cmd":"set""#) }.count == 1)
        #expect(events.allSatisfy { $0.hasSuffix("}") })
        #expect(!redstart.process.log.contains("hunter2"))
    }

    @Test(
        "Series over a limit are dropped and counted, and what says so is there",
        arguments: [("--series-limit", "50", "node_limit"), ("--family-series-limit", "3", "family_limit")]
    )
    func seriesLimit(option: String, limit: String, reason: String) async throws {
        let server = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--scrape-max-age", "0s", option, limit, server.address])
        _ = try redstart.get("/metrics")
        let scrape = try ScrapedText(redstart.get("/metrics").text)
        #expect(scrape.value("redis_up") == 1, "\(redstart.process.log)")
        #expect(scrape.series("redis_db_keys", having: [:]).count <= 3)
        for counted in ["node_limit", "family_limit", "duplicate"] {
            let dropped = scrape.value("redstart_series_dropped_total", ["reason": counted])
            #expect(counted == reason ? dropped ?? 0 > 20 : dropped == 0, "\(counted)")
        }
    }

    @Test(
        "A parameter that cannot be used is a 400 that says which",
        arguments: [
            ("log=fast", "there is no log \\\"fast\\\"; there are: slow, large-request, large-reply"),
            ("since=yesterday", "invalid parameter \\\"since\\\""), ("limit=-1", "invalid parameter \\\"limit\\\""),
        ]
    )
    func badParameters(query: String, problem: String) async throws {
        let server = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([server.address])
        let answer = try redstart.get("/api/redstart/v1/slowlog?" + query)
        #expect(answer.status == 400)
        #expect(answer.text.contains(problem), "\(answer.text)")
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func occurrences(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.utf8.firstRange(of: Array(text.utf8)) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

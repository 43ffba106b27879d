import TestServers
import Testing

@Suite("redstart check", .serialized)
struct CheckTests {
    private func check(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        try await RedstartProcess.run(["check", "--window", "2s"] + arguments)
    }

    @Test("A healthy server: nothing fires, exit code 0")
    func healthy() async throws {
        let redis = try await RedisServer.start()
        let (code, output) = try await check(["redis://\(redis.address)"])
        #expect(code == 0, "\(output)")
        #expect(output.contains("0 of "))
    }

    @Test("Memory nearly at its limit: a critical alert, exit code 2, with value, summary and runbook")
    func critical() async throws {
        let redis = try await RedisServer.start(["--maxmemory", "1kb"])
        let (code, output) = try await check([redis.address])
        #expect(code == 2, "\(output)")
        #expect(output.contains("RedisMemoryCritical"))
        #expect(output.contains("redstart runbook RedisMemoryCritical"))
        #expect(output.contains(redis.address))
    }

    @Test("Only a warning fires: exit code 1, in every format")
    func warning() async throws {
        let directory = try TemporaryDirectory()
        let rules = try directory.writeRules(
            every: "15s",
            """
            - alert: Warned
              expr: rate(redis_commands_processed_total[5m]) > 0
              for: 10m
              labels: {severity: warning}
              annotations: {summary: 'Commands | run on {{ $labels.instance }}', runbook_url: /runbooks/X}
            """
        )
        let redis = try await RedisServer.start()
        let text = try await check(["--rules", rules, redis.address])
        #expect(text.code == 1, "\(text.output)")
        #expect(text.output.contains("Warned") && text.output.contains("10m"))
        let json = try await check(["--rules", rules, "--format", "json", redis.address])
        #expect(json.code == 1)
        #expect(json.output.contains(#""forSeconds" : 600"#))
        #expect(json.output.contains(#""verdict" : "warning""#))
        let nagios = try await check(["--rules", rules, "--format", "nagios", redis.address])
        #expect(nagios.code == 1)
        #expect(nagios.output.hasPrefix("REDSTART WARNING - warning: Warned on \(redis.address): Commands / run on"))
        #expect(nagios.output.contains(" | firing=1;;;0; unreachable=0;;;0;1"))
    }

    @Test(
        "What cannot be checked has exit code 3 and says why in one line",
        arguments: ["text", "json", "nagios"]
    )
    func unreachable(format: String) async throws {
        let port = try freePort()
        let (code, output) = try await check(["--format", format, "redis://127.0.0.1:\(port)"])
        #expect(code == 3)
        #expect(output.contains("redis://127.0.0.1:\(port): connection refused"))
    }

    @Test("Broken rules have exit code 3, with file, line and column")
    func brokenRules() async throws {
        let directory = try TemporaryDirectory()
        let rules = try directory.write("groups:\n  - nam: x\n", to: "broken.rules.yml")
        let (code, output) = try await check(["--rules", rules, "127.0.0.1:1"])
        #expect(code == 3)
        #expect(output.contains("broken.rules.yml:2:"))
    }

    @Test("Rules that are not there are no rules that do not fire", arguments: ["/no/such/*.yml", "/dev/null"])
    func noRules(pattern: String) async throws {
        let redis = try await RedisServer.start()
        let (code, output) = try await check(["--rules", pattern, "--format", "nagios", redis.address])
        #expect(code == 3)
        #expect(output.hasPrefix("REDSTART UNKNOWN - "))
    }

    @Test("A password in a misplaced target is not printed back")
    func redaction() async throws {
        for arguments in [
            ["redis://:hunter2@db:1"], ["serv", "redis://u:hunter2@db:1"], ["check", "--window=redis://:hunter2@db"],
        ] {
            let (code, output) = try await RedstartProcess.run(arguments)
            #expect(code != 0)
            #expect(!output.contains("hunter2"), "\(output)")
        }
    }

    @Test("A wrong option has exit code 3 too, so that no monitor takes it for a warning")
    func wrongOption() async throws {
        #expect(try await check(["--no-such-option"]).code == 3)
        #expect(try await check(["http://example.org"]).code == 3)
    }
}

@Suite("redstart metrics", .serialized)
struct MetricsTests {
    @Test("It prints one scrape")
    func scrape() async throws {
        let redis = try await RedisServer.start()
        let (code, output) = try await RedstartProcess.run(["metrics", redis.address])
        #expect(code == 0)
        #expect(output.contains("\nredis_up 1\n"))
    }

    @Test("A server that is down is a metric, a line on standard error, and exit code 3")
    func down() async throws {
        let port = try freePort()
        let (code, output) = try await RedstartProcess.run(["metrics", "127.0.0.1:\(port)"])
        #expect(code == 3)
        #expect(output.contains("\nredis_up 0\n"))
        #expect(output.contains("connection refused"))
    }
}

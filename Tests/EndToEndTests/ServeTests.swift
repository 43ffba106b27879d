import Glibc
import TestServers
import Testing

@Suite("redstart serve", .serialized)
struct ServeTests {
    @Test("One Redis: metrics without instance label, health, readiness")
    func oneNode() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["redis://\(redis.address)"])
        let metrics = try redstart.get("/metrics")
        #expect(metrics.status == 200)
        #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(metrics.text.contains("\nredis_up 1\n"))
        #expect(metrics.text.contains("\nredis_memory_used_bytes "))
        #expect(metrics.text.contains("\nprocess_resident_memory_bytes "))
        #expect(!metrics.text.contains("instance="))
        try await redstart.process.wait(for: "is ready") { (try? redstart.get("/-/ready").status) == 200 }
    }

    @Test("Prometheus gets OpenMetrics when it asks for it, and gzip")
    func negotiation() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["redis://\(redis.address)"])
        let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
        let open = try redstart.get("/metrics", headers: [accept])
        #expect(open.headers["content-type"]?.hasPrefix("application/openmetrics-text; version=1.0.0") == true)
        #expect(open.text.hasSuffix("# EOF\n"))
        let zipped = try redstart.get("/metrics", headers: ["Accept-Encoding: gzip"])
        #expect(zipped.headers["content-encoding"] == "gzip")
        #expect(zipped.body.starts(with: [0x1F, 0x8B]))
        #expect(zipped.body.count < open.body.count / 3)
    }

    @Test("Several targets: each series says whose it is, an address twice is one node")
    func fleet() async throws {
        let one = try await RedisServer.start()
        let two = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([one.address, "redis://\(two.address)", one.address])
        let text = try redstart.get("/metrics").text
        #expect(text.contains("\nredis_up{instance=\"\(one.address)\"} 1\n"))
        #expect(text.contains("\nredis_up{instance=\"\(two.address)\"} 1\n"))
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("redis_up{") }.count == 2)
    }

    @Test("One Sentinel leads to the master, its replica and the Sentinel itself")
    func sentinel() async throws {
        let master = try await RedisServer.start()
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(master.port)"])
        let sentinel = try await RedisServer.startSentinel([
            "sentinel monitor mymaster 127.0.0.1 \(master.port) 1"
        ])
        let redstart = try await RedstartProcess.serve(["sentinel://\(sentinel.address)/mymaster"])
        try await redstart.process.wait(for: "finds all three") {
            guard let text = try? redstart.get("/metrics").text else { return false }
            return [master, replica, sentinel].allSatisfy {
                text.contains("\nredis_up{instance=\"\($0.address)\"} 1\n")
            }
        }
        let query = "/api/v1/query?query=count(redstart_node_info%7Bdeployment%3D%22mymaster%22%7D)"
        try await redstart.process.wait(for: "knows whose they are") {
            (try? redstart.get(query).text.contains(#""2"]"#)) == true
        }
        #expect(redstart.process.isRunning)
    }

    @Test("It starts without its Redis, says why, and recovers by itself")
    func recovery() async throws {
        let port = try freePort()
        let redstart = try await RedstartProcess.serve(["redis://127.0.0.1:\(port)"])
        let down = try redstart.get("/metrics").text
        #expect(down.contains("\nredis_up 0\n"))
        #expect(down.contains("\nredstart_node_failure_reason{reason=\"refused\"} 1\n"))
        #expect(redstart.process.log.contains("connection refused. Is the server running?"))
        let redis = try ServerProcess(
            "redis-server",
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", ""],
            in: try TemporaryDirectory()
        )
        try await redstart.process.wait(for: "sees the server") {
            (try? redstart.get("/metrics").text.contains("\nredis_up 1\n")) == true
        }
        redis.kill()
    }

    @Test("Rules are evaluated, and their alerts are series, too")
    func alerts() async throws {
        let directory = try TemporaryDirectory()
        let rules = try directory.writeRules(
            every: "1s",
            """
            - record: job:redis_up:sum
              expr: sum by (job) (redis_up)
            - alert: Always
              expr: redis_up == 1
              labels: {severity: warning}
              annotations: {summary: '{{ $labels.instance }} is {{ $value }}'}
            """
        )
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--rules", rules, redis.address])
        try await redstart.process.wait(for: "fires") {
            (try? redstart.get("/api/v1/alerts").text.contains("firing")) == true
        }
        let alerts = try redstart.get("/api/v1/alerts").text
        #expect(alerts.contains(#""summary":"\#(redis.address) is 1""#))
        let rulesAnswer = try redstart.get("/api/v1/rules").text
        #expect(rulesAnswer.contains(#""name":"Always""#) && rulesAnswer.contains(#""type":"recording""#))
        let query = "/api/v1/query?query=" + "ALERTS%7Balertname%3D%22Always%22%7D"
        #expect(try redstart.get(query).text.contains(#""alertstate":"firing""#))
        #expect(try redstart.get("/api/v1/query?query=job:redis_up:sum").text.contains(#""1"]"#))
    }

    @Test("A query with a mistake is a 400 that shows the place")
    func badQuery() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([redis.address])
        let answer = try redstart.get("/api/v1/query?query=sum(redis_up")
        #expect(answer.status == 400)
        #expect(answer.text.contains(#""errorType":"bad_data""#))
        #expect(answer.text.contains("1:") && answer.text.contains("^"))
    }

    @Test("The bundled rules are in force, none fires on a healthy server, each has its runbook")
    func bundledRules() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([redis.address])
        let rules = try redstart.get("/api/v1/rules?type=alert").text
        #expect(rules.contains(#""name":"RedisDown""#))
        // Watchdog does, by design.
        let fires = try redstart.get("/api/v1/alerts").text.split(separator: "\"alertname\":\"").dropFirst()
        #expect(fires.allSatisfy { $0.hasPrefix("Watchdog") })
        let runbook = try redstart.get("/runbooks/RedisDown")
        #expect(runbook.status == 200)
        #expect(runbook.text.contains("# RedisDown"))
        #expect(try redstart.get("/runbooks/NoSuch").status == 404)
        #expect(try redstart.get("/").text.contains("<script type=\"module\""))
        #expect(try redstart.get("/api/redstart/v1/nodes").text.contains(redis.address))
    }

    @Test("A broken rule file keeps it from starting, with file, line and column")
    func brokenRules() async throws {
        let directory = try TemporaryDirectory()
        let rules = try directory.write(
            "groups:\n  - name: x\n    rules:\n      - alert: A\n        expr: sum(\n",
            to: "broken.rules.yml"
        )
        let (code, output) = try await RedstartProcess.run(
            ["serve", "--web.listen-address", "127.0.0.1:0", "--rules", rules, "127.0.0.1:1"]
        )
        #expect(code != 0)
        #expect(output.contains("broken.rules.yml:5:"))
    }

    @Test("SIGTERM ends it with 0 within two seconds, also while a poll hangs")
    func termination() async throws {
        let silent = try ScriptedServer(answers: [], then: .silence)
        let redstart = try await RedstartProcess.serve(["127.0.0.1:\(silent.port)"])
        let started = ContinuousClock.now
        redstart.process.signal(SIGTERM)
        #expect(try await redstart.process.exitCode() == 0)
        #expect(started.duration(to: .now) < .seconds(2))
    }

    @Test("A port that is taken is said in one line")
    func portTaken() async throws {
        let redis = try await RedisServer.start()
        let (code, output) = try await RedstartProcess.run(
            ["serve", "--web.listen-address", redis.address, redis.address]
        )
        #expect(code != 0)
        #expect(output.contains("address already in use"))
    }

    @Test("A target that cannot be read is an error that shows no password")
    func badTarget() async throws {
        let (code, output) = try await RedstartProcess.run(["serve", "http://user:hunter2@example.org"])
        #expect(code != 0)
        #expect(output.contains("http"))
        #expect(!output.contains("hunter2"))
    }
}

import FoundationEssentials
import Glibc
import TestServers
import Testing

/// Several Redstarts that share a configuration, beside a real Prometheus and a real Alertmanager.
@Suite("Shards as processes", .serialized)
struct ShardingTests {
    private let directory: TemporaryDirectory
    private let prometheusPort: Int

    init() throws {
        directory = try TemporaryDirectory()
        prometheusPort = try freePort()
        try directory.write("{}", to: "prometheus.yml")
        try directory.write(
            """
            groups:
              - name: test
                interval: 1s
                rules:
                  - {alert: Up, expr: redis_connected_clients >= 0, for: 1h}
                  - {alert: Limited, expr: redis_memory_max_bytes > 0}
            """,
            to: "own.rules.yml"
        )
    }

    /// A configuration whose series have a label of their own, as two daemons that write to one place need it.
    private func configuration(_ pod: String, _ more: String = "") throws -> String {
        try directory.write(
            """
            discovery_interval: 1s
            external_labels: {cluster: test, pod: \(pod)}
            \(more)
            """,
            to: "\(pod).yml"
        )
    }

    private func remoteWrite(_ readsClocks: Bool) -> String {
        let clocks = """
            alerts_for_state:
              url: http://127.0.0.1:\(prometheusPort)
              ignore_external_labels: [pod]
            """
        return """
            remote_write:
              - url: http://127.0.0.1:\(prometheusPort)/api/v1/write
                queue_config: {batch_send_deadline: 100ms}
            \(readsClocks ? clocks : "")
            """
    }

    private func serve(_ servers: [RedisServer], _ file: String, _ more: [String] = []) async throws -> RedstartProcess
    {
        try await RedstartProcess.serve(
            ["--config.file", file, "--rules", directory.file("own.rules.yml"), "--poll-interval", "200ms"] + more
                + servers.map(\.address)
        )
    }

    private struct Alerts: Decodable {
        struct Alert: Decodable {
            let labels: [String: String]
            let activeAt: String
        }

        struct Content: Decodable {
            let alerts: [Alert]
        }

        let data: Content
    }

    /// Since when the alert `Up` holds, in whole seconds, by instance.
    private func clocks(_ redstart: RedstartProcess) throws -> [String: Int] {
        let answer = try JSONDecoder().decode(Alerts.self, from: Data(redstart.get("/api/v1/alerts").text.utf8))
        let alerts = answer.data.alerts.filter { $0.labels["alertname"] == "Up" }
        let pairs = alerts.map { alert in
            let seconds = String(alert.activeAt.prefix("2026-01-01T00:00:00".utf8.count)) + "Z"
            let date = try? Date.ISO8601FormatStyle().parse(seconds)
            return (alert.labels["instance"] ?? "", date.map { Int($0.timeIntervalSince1970) } ?? 0)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test("A `for` clock goes on in the shard that takes a deployment over, by the store that both write to")
    func clocks() async throws {
        let prometheus = try await PrometheusServer.start(
            in: directory, port: prometheusPort, ["--web.enable-remote-write-receiver"]
        ).process
        var servers: [RedisServer] = []
        for _ in 0..<8 { servers.append(try await RedisServer.start()) }
        let addresses = Set(servers.map(\.address))
        let first = try await serve(servers, try configuration("a", remoteWrite(true)), ["--shard", "0/1"])
        try await eventually("all are pending") { try Set(clocks(first).keys) == addresses }
        let begun = try clocks(first)
        try await eventually("Prometheus has the clocks") {
            let answer = try? HTTPProbe.get("/api/v1/query?query=ALERTS_FOR_STATE", port: prometheusPort).text
            return addresses.allSatisfy { answer?.contains($0) == true }
        }
        // A clock that began anew would have another second.
        let second = Date.now.timeIntervalSince1970 + 2
        try await eventually("time goes by") { Date.now.timeIntervalSince1970 > second }
        first.process.signal(SIGTERM)
        #expect(try await first.process.exitCode() == 0)

        let shards = [
            try await serve(servers, try configuration("b", remoteWrite(true)), ["--shard", "0/2"]),
            try await serve(servers, try configuration("c", remoteWrite(true)), ["--shard", "1/2"]),
        ]
        let forgetful = try await serve(servers, try configuration("d"), [])
        try await eventually("all are pending in one of the shards") {
            try Set(clocks(shards[0]).keys).union(try clocks(shards[1]).keys) == addresses
        }
        #expect(try clocks(shards[0]).merging(try clocks(shards[1])) { $0 + $1 } == begun)
        try await eventually("all are pending without Prometheus, too") { try Set(clocks(forgetful).keys) == addresses }
        #expect(try clocks(forgetful).allSatisfy { $0.value > begun[$0.key] ?? .max })

        // Two nodes become one deployment, so one of them moves.
        let owners = try shards.map { try Set(clocks($0).keys) }
        let sorted = addresses.sorted()
        let small = try #require(sorted.first)
        let owner = owners[0].contains(small) ? 0 : 1
        let moving = try #require(sorted.first { owners[1 - owner].contains($0) })
        let follower = try #require(servers.first { $0.address == moving })
        let port = try #require(small.split(separator: ":").last)
        try follower.tell("replicaof", "127.0.0.1", String(port))
        try await eventually("it has moved", seconds: 120) {
            try clocks(shards[owner])[moving] != nil && clocks(shards[1 - owner])[moving] == nil
        }
        #expect(try clocks(shards[owner])[moving] == begun[moving])
        #expect(shards[owner].process.log.contains("the clocks of alerts were asked for"))
        #expect(prometheus.isRunning)
    }

    @Test("A store that cannot be asked for clocks is one warning, and everything else goes on")
    func noClocks() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await serve([redis], try configuration("a", remoteWrite(true)), ["--shard", "0/1"])
        try await eventually("the alert is pending") { try clocks(redstart)[redis.address] != nil }
        #expect(redstart.process.log.contains("the clocks of alerts cannot be asked for"))
    }

    @Test("With two replicas an Alertmanager has each alert once, until it is over for both", .timeLimit(.minutes(12)))
    func replicas() async throws {
        let receiver = try HTTPReceiver()
        let alertmanager = try await AlertmanagerServer.start(telling: receiver.port, groupWait: "100ms", in: directory)
        let port = alertmanager.port
        let alertmanagers = """
            alertmanagers:
              - url: http://127.0.0.1:\(port)
                alert_relabel_configs: [{action: labeldrop, regex: pod}]
            """
        let redis = try await RedisServer.start()
        try redis.tell("config", "set", "maxmemory", "100mb")
        // The alert is over for one of them before it is for the other.
        var two: [RedstartProcess] = []
        for (shard, limit) in [(0, 50), (1, 10)] {
            let rules = try directory.write(
                """
                groups:
                  - name: test
                    interval: 1s
                    rules: [{alert: Limited, expr: redis_memory_max_bytes > \(limit)e6}]
                """,
                to: "\(shard).rules.yml"
            )
            two.append(
                try await RedstartProcess.serve([
                    "--config.file", try self.configuration("pod-\(shard)", alertmanagers), "--rules", rules,
                    "--poll-interval", "200ms", "--shard", "\(shard)/2", "--replicas", "2", redis.address,
                ])
            )
        }
        func alerts() throws -> Int {
            let text = try HTTPProbe.get("/api/v2/alerts?filter=alertname%3DLimited", port: port).text
            return text.split(separator: "\"fingerprint\"").count - 1
        }
        for redstart in two {
            try await eventually("it has told the Alertmanager") {
                let metrics = try? redstart.get("/metrics").text
                return metrics?.split(separator: "\n").contains { line in
                    line.hasPrefix("redstart_notifications_sent_total{") && !line.hasSuffix(" 0")
                } == true
            }
        }
        try await eventually("the alert is there") { try alerts() == 1 }
        try redis.tell("config", "set", "maxmemory", "20mb")
        func states(_ redstart: RedstartProcess) throws -> Int {
            try redstart.get("/api/v1/alerts").text.split(separator: "\"Limited\"").count - 1
        }
        // Whoever has found the end would have told it in the second after.
        let end = ContinuousClock.now + .seconds(5)
        try await eventually("it is over for one of them") { try states(two[0]) == 0 && .now > end }
        #expect(try states(two[1]) == 1 && alerts() == 1)
        two[0].process.signal(SIGTERM)
        #expect(try await two[0].process.exitCode() == 0)
        #expect(try alerts() == 1)

        try redis.tell("config", "set", "maxmemory", "0")
        try await eventually("it is over for both", seconds: 300, every: .milliseconds(200)) { try alerts() == 0 }
        try await eventually("the receiver has heard of the end, once") {
            receiver.requests.contains { $0.body.contains("\"status\":\"resolved\"") && $0.body.contains("Limited") }
        }
        #expect(receiver.requests.allSatisfy { !$0.body.contains("\"pod\"") })
        #expect(alertmanager.process.isRunning)
    }

    @Test("A reload changes what the shards watch, each server by one of them")
    func reload() async throws {
        var servers: [RedisServer] = []
        for _ in 0..<6 { servers.append(try await RedisServer.start()) }
        func targets(_ count: Int) -> String {
            "targets: [" + servers.prefix(count).map { "{address: '\($0.address)'}" }.joined(separator: ", ") + "]"
        }
        let file = try configuration("a", targets(3))
        let shards = [
            try await serve([], file, ["--shard", "0/2"]), try await serve([], file, ["--shard", "1/2"]),
        ]
        func watched() throws -> [Set<String>] {
            let texts = try shards.map { try $0.get("/api/redstart/v1/nodes").text }
            return texts.map { text in Set(servers.map(\.address).filter { text.contains("\"\($0)\"") }) }
        }
        for count in [3, 6, 2] {
            _ = try configuration("a", targets(count))
            for redstart in shards {
                #expect(try HTTPProbe.get("/-/reload", port: redstart.port, method: "POST").status == 200)
            }
            let wanted = Set(servers.prefix(count).map(\.address))
            try await eventually("both watch their part of \(count)") {
                let parts = try watched()
                return parts[0].isDisjoint(with: parts[1]) && parts[0].union(parts[1]) == wanted
            }
        }
        for redstart in shards {
            try await eventually("it is ready") { try redstart.get("/-/ready").status == 200 }
        }
    }

    @Test("A shard that there cannot be ends the program with one line that says what to do")
    func mistakes() async throws {
        for (arguments, text) in [
            (["--shard", "3/3"], "shards are counted from 0, so the last of 3 is 2/3"),
            (["--shard", "0/0"], "there must be at least one shard"),
            (["--shard", "x"], "write which shard of how many"),
            (["--shard", "0/2", "--replicas", "3"], "cannot be watched by 3 of 2 shards"),
            (["--replicas", "2"], "cannot be used without --shard"),
        ] {
            let (code, output) = try await RedstartProcess.run(["serve"] + arguments)
            #expect(code != 0 && output.contains(text), "\(output)")
            #expect(output.split(separator: "\n").count == 1, "\(output)")
        }
    }
}

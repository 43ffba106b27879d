import Glibc
import Metrics
import Synchronization
import TestServers
import Testing

/// What a receiver is told of one alert: `firing` or `resolved`, once for each message it is in.
private func statuses(_ receiver: HTTPReceiver, of alert: String) -> [String] {
    receiver.requests.flatMap { request in
        request.body.split(separator: "{\"status\":\"").dropFirst().compactMap { part in
            part.contains("\"alertname\":\"\(alert)\"") ? String(part.prefix { $0 != "\"" }) : nil
        }
    }
}

/// The value of a series on `/metrics`; 0 where there is none.
private func metric(_ redstart: RedstartProcess, _ series: String) -> Double {
    let lines = (try? redstart.get("/metrics").text.split(separator: "\n")) ?? []
    return lines.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) } ?? 0
}

@Suite("Receivers", .serialized)
struct NotificationTests {
    private let directory: TemporaryDirectory
    private let rules: String

    init() throws {
        directory = try TemporaryDirectory()
        // What is tested is driven by settings of a server: a memory limit starts one alert.
        rules = try directory.writeRules(
            every: "200ms",
            """
            - alert: Limited
              expr: redis_memory_max_bytes > 0
              labels: {severity: warning}
              annotations: {summary: 'limit {{ $value }}', runbook_url: /runbooks/RedisDown}
            - {alert: Slow, expr: redis_up == 1, for: 1h}
            - {alert: Held, expr: redis_up == 1, for: 8s}
            """
        )
    }

    private func limit(_ redis: RedisServer, _ value: String) throws {
        try run("redis-cli", "-p", "\(redis.port)", "config", "set", "maxmemory", value, in: directory)
    }

    private func serve(_ redis: RedisServer, _ more: [String]) async throws -> RedstartProcess {
        try await RedstartProcess.serve(
            [
                "--rules", rules, "--poll-interval", "100ms", "--notify-group-wait", "0s", "--notify-group-interval",
                "300ms", redis.address,
            ] + more
        )
    }

    @Test("A webhook hears of an alert and of its end, in the format of Alertmanager; the journal has both")
    func webhook() async throws {
        let receiver = try HTTPReceiver()
        let redis = try await RedisServer.start()
        let hook = "http://user:pw@127.0.0.1:\(receiver.port)/hook"
        let redstart = try await serve(redis, ["--webhook.url", hook, "--web.external-url", "http://red.example"])
        try limit(redis, "100mb")
        try await redstart.process.wait(for: "tells that it fires") { statuses(receiver, of: "Limited") == ["firing"] }
        try limit(redis, "0")
        try await redstart.process.wait(for: "tells that it has ended") {
            statuses(receiver, of: "Limited") == ["firing", "resolved"]
        }
        let request = try #require(receiver.requests.first { $0.body.contains("Limited") })
        #expect(request.line == "POST /hook")
        #expect(request.headers["authorization"] == "Basic dXNlcjpwdw==")
        #expect(request.headers["idempotency-key"]?.count == 16)
        for piece in [
            #""version":"4""#, #""groupKey":"{}/0{}:{alertname=\"Limited\"}""#, #""receiver":"webhook""#,
            #""groupLabels":{"alertname":"Limited"}"#, #""summary":"limit 1.048576e+08""#,
            #""externalURL":"http://red.example""#, #""endsAt":"0001-01-01T00:00:00Z""#,
            #""generatorURL":"http://red.example/api/v1/query?query=redis_memory_max_bytes%20%3E%200""#,
        ] {
            #expect(request.body.contains(piece), "\(piece) in \(request.body)")
        }
        let query = "alert=Limited&state=firing&state=resolved&since=1h"
        let journal = try redstart.get("/api/redstart/v1/journal?\(query)").text
        #expect(journal.contains(#""state":"resolved""#) && journal.contains(#""state":"firing""#))
        #expect(try redstart.get("/api/redstart/v1/journal?limit=1&instance=nobody").text.contains(#""entries":[]"#))
        #expect(try redstart.get("/api/redstart/v1/journal?state=bad").status == 400)
        try await redstart.process.wait(for: "counts them") {
            metric(redstart, #"redstart_notifications_sent_total{receiver="webhook"}"#) >= 2
        }
        #expect(!redstart.process.log.contains("pw@"))
    }

    @Test("Each bad answer ends by rule, with its reason in a metric")
    func badAnswers() async throws {
        let redis = try await RedisServer.start()
        let answers: [(reason: String, isGivenUp: Bool, answer: HTTPReceiver.Answer)] = [
            ("http_400", true, .status(400)),
            ("http_429", false, .status(429, headers: ["Retry-After: 1"])),
            ("http_500", false, .status(500)),
            ("incomplete", false, .bytes("HTTP/1.1 20")),
            ("redirects", true, .status(307, headers: ["Location: /loop"])),
            ("timeout", false, .silence),
        ]
        var receivers: [HTTPReceiver] = []
        var options: [String] = []
        for (_, _, answer) in answers {
            let receiver = try HTTPReceiver { _, _ in answer }
            receivers.append(receiver)
            options += ["--webhook.url", "http://127.0.0.1:\(receiver.port)/"]
        }
        // And one that gets better.
        let healing = try HTTPReceiver { number, _ in number == 0 ? .status(503) : .status(200) }
        options += ["--webhook.url", "http://127.0.0.1:\(healing.port)/"]
        let redstart = try await serve(redis, options)
        try limit(redis, "100mb")
        for (index, (reason, isGivenUp, _)) in answers.enumerated() {
            let name = index == 0 ? "webhook" : "webhook-\(index + 1)"
            let attempts = #"redstart_notification_attempts_failed_total{reason="\#(reason)",receiver="\#(name)"}"#
            // An answer that never comes is waited for, for ten seconds.
            try await redstart.process.wait(seconds: 40, for: "counts \(reason)") {
                metric(redstart, attempts) >= (isGivenUp || reason == "timeout" ? 1 : 2)
            }
            let failed = #"redstart_notifications_failed_total{reason="\#(reason)",receiver="\#(name)"}"#
            // Another alert may have come meanwhile, on a slow machine.
            #expect(isGivenUp ? metric(redstart, failed) >= 1 : metric(redstart, failed) == 0)
            #expect(isGivenUp || metric(redstart, #"redstart_notifications_queued{receiver="\#(name)"}"#) >= 1)
        }
        #expect(statuses(healing, of: "Limited").count == 2)
        let told = healing.requests.filter { $0.body.contains("Limited") }
        #expect(Set(told.map { $0.headers["idempotency-key"] ?? "" }).count == 1)
    }

    @Test("A certificate for another name is a reason of its own")
    func wrongCertificate() async throws {
        let stranger = try await StrangerServer.start(named: "other.example", in: directory)
        let redis = try await RedisServer.start()
        let redstart = try await serve(redis, ["--webhook.url", "https://localhost:\(stranger.port)/"])
        try limit(redis, "100mb")
        let attempts = #"redstart_notification_attempts_failed_total{reason="tls",receiver="webhook"}"#
        try await redstart.process.wait(for: "counts tls") { metric(redstart, attempts) >= 2 }
        #expect(metric(redstart, #"redstart_notifications_queued{receiver="webhook"}"#) == 1)
    }

    @Test("A message that cannot be delivered for long is given up, and the log says so")
    func givingUp() async throws {
        let redis = try await RedisServer.start()
        let receiver = try HTTPReceiver { _, _ in .status(500) }
        let redstart = try await serve(
            redis,
            ["--webhook.url", "http://127.0.0.1:\(receiver.port)/", "--notify-give-up", "2s"]
        )
        try limit(redis, "100mb")
        let failed = #"redstart_notifications_failed_total{reason="http_500",receiver="webhook"}"#
        try await redstart.process.wait(seconds: 60, for: "gives up") { metric(redstart, failed) == 1 }
        #expect(redstart.process.log.contains("1 messages to webhook were given up: http_500"))
    }

    @Test("A silence keeps an alert back; it is made, listed and ended by commands")
    func silences() async throws {
        let receiver = try HTTPReceiver()
        let redis = try await RedisServer.start()
        let redstart = try await serve(
            redis,
            ["--webhook.url", "http://127.0.0.1:\(receiver.port)/", "--web.enable-admin"]
        )
        let url = "http://127.0.0.1:\(redstart.port)"
        let (code, output) = try await RedstartProcess.run(
            ["silence", "add", "--url", url, "--comment", "work", "--duration", "1h", "alertname=Limited"]
        )
        #expect(code == 0, "\(output)")
        let id = String(output.prefix { !$0.isNewline })
        #expect(id.count == 36)
        #expect(try redstart.get("/api/redstart/v1/silences").text.contains(#""state":"active""#))
        try limit(redis, "100mb")
        try await redstart.process.wait(for: "has the alert, and time to tell") {
            (try? redstart.get("/api/redstart/v1/journal?alert=Limited&state=firing").text.contains("Limited")) == true
        }
        let list = try await RedstartProcess.run(["silence", "list", "--url", url])
        #expect(list.output.contains(id) && list.output.contains(#"alertname="Limited""#))
        #expect(statuses(receiver, of: "Limited") == [])
        #expect(try await RedstartProcess.run(["silence", "expire", "--url", url, id]).code == 0)
        try await redstart.process.wait(for: "tells") { statuses(receiver, of: "Limited") == ["firing"] }
        let again = try await RedstartProcess.run(["silence", "expire", "--url", url, id])
        #expect(again.code != 0 && again.output.contains("is over already"))
    }

    @Test("Without --web.enable-admin silences can be read only")
    func readOnly() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await serve(redis, [])
        let url = "http://127.0.0.1:\(redstart.port)"
        let (code, output) = try await RedstartProcess.run(
            ["silence", "add", "--url", url, "--comment", "work", "alertname=Limited"]
        )
        #expect(code != 0 && output.contains("--web.enable-admin"), "\(output)")
        #expect(try redstart.get("/api/redstart/v1/silences").text == "[]")
    }

    @Test("Each Alertmanager gets every alert: those that are named, and those that a DNS name stands for")
    func severalAlertmanagers() async throws {
        let receivers = try (0..<3).map { _ in try HTTPReceiver() }
        let redis = try await RedisServer.start()
        let file = try directory.write(
            """
            alertmanagers:
              - urls: ['http://127.0.0.1:\(receivers[0].port)', 'http://127.0.0.1:\(receivers[1].port)/prefix']
              - dns_url: http://localhost:\(receivers[2].port)
                alert_relabel_configs:
                  - {target_label: team, replacement: cache}
                  - {source_labels: [alertname], regex: Slow, action: drop}
            """,
            to: "redstart.yml"
        )
        let redstart = try await serve(redis, ["--config.file", file])
        try limit(redis, "100mb")
        try await redstart.process.wait(for: "tells all three") {
            receivers.allSatisfy { $0.requests.contains { $0.body.contains(#""alertname":"Limited""#) } }
        }
        let lines = receivers.map { Set($0.requests.map(\.line)) }
        #expect(lines == [["POST /api/v2/alerts"], ["POST /prefix/api/v2/alerts"], ["POST /api/v2/alerts"]])
        #expect(receivers[2].requests.allSatisfy { $0.body.contains(#""team":"cache""#) })
        #expect(receivers[0].requests.allSatisfy { !$0.body.contains(#""team":"cache""#) })
    }

    @Test("A real Alertmanager gets alerts, groups them and hears of their end")
    func alertmanager() async throws {
        let receiver = try HTTPReceiver()
        let alertmanager = try await AlertmanagerServer.start(telling: receiver.port, groupWait: "1s", in: directory)
        let (manager, port) = (alertmanager.process, alertmanager.port)
        let redis = try await RedisServer.start()
        let second = try await RedisServer.start()
        let redstart = try await serve(redis, [second.address, "--alertmanager.url", "http://127.0.0.1:\(port)"])
        for server in [redis, second] { try limit(server, "100mb") }
        func groups() -> String {
            (try? HTTPProbe.get("/api/v2/alerts/groups", port: port).text) ?? ""
        }
        try await manager.wait(for: "has both in one group") {
            groups().contains(redis.address) && groups().contains(second.address)
        }
        #expect(groups().split(separator: #""receiver":{"name":"hook"},"#).count <= 3)
        #expect(groups().contains(#""summary":"limit 1.048576e+08""#))
        try await manager.wait(for: "tells its receiver") { statuses(receiver, of: "Limited").contains("firing") }
        for server in [redis, second] { try limit(server, "0") }
        try await manager.wait(for: "tells the end") {
            statuses(receiver, of: "Limited").filter { $0 == "resolved" }.count >= 2
        }
        let sent = "redstart_notifications_sent_total{receiver=\"http://127.0.0.1:\(port)\"}"
        #expect(metric(redstart, sent) >= 2)
    }
}

extension NotificationTests {
    /// When an alert became active, in seconds since 1970, as the API has it; `nil` where it is not.
    private func clock(_ redstart: RedstartProcess, _ alert: String) -> Double? {
        let query = "/api/v1/query?query=ALERTS_FOR_STATE%7Balertname%3D%22\(alert)%22%7D"
        let value = (try? redstart.get(query).text)?.split(separator: "\"value\":[").dropFirst().first
        return value?.split(separator: "\"").dropFirst().first.flatMap { Double($0) }
    }

    @Test("kill -9 fifty times during an incident: no clock begins anew, nothing is lost, nothing told twice")
    func killed() async throws {
        let receiver = try HTTPReceiver()
        let redis = try await RedisServer.start()
        let options = ["--state-dir", directory.file("state"), "--webhook.url", "http://127.0.0.1:\(receiver.port)/"]
        var redstart = try await serve(redis, options)
        try await redstart.process.wait(for: "has begun the clock") { clock(redstart, "Slow") != nil }
        let began = try #require(clock(redstart, "Slow"))
        var expected: [String] = []
        let end = ContinuousClock.now + .seconds(75)
        var kills = 0
        while kills < 50, ContinuousClock.now < end {
            // The next change comes when the last one has been told, so that each must be told by itself.
            if statuses(receiver, of: "Limited") == expected {
                let isFiring = expected.last == "firing"
                try limit(redis, isFiring ? "0" : "100mb")
                expected.append(isFiring ? "resolved" : "firing")
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...1500)))
            redstart.process.kill()
            kills += 1
            redstart = try await serve(redis, options)
        }
        try await redstart.process.wait(seconds: 60, for: "has told everything") {
            statuses(receiver, of: "Limited") == expected && statuses(receiver, of: "Held").contains("firing")
        }
        #expect(kills >= 10, "the machine is too slow for this test to say anything")
        #expect(expected.count >= 4)
        #expect(statuses(receiver, of: "Limited") == expected)
        #expect(statuses(receiver, of: "Held") == ["firing"])
        try await redstart.process.wait(for: "goes on with the clock") { clock(redstart, "Slow") != nil }
        let now = try #require(clock(redstart, "Slow"))
        #expect(abs(now - began) <= 1, "began at \(began), now \(now)")
        for (alert, kinds) in [("Slow", ["pending"]), ("Held", ["firing", "pending"])] {
            let journal = try redstart.get("/api/redstart/v1/journal?alert=\(alert)").text
            let states = journal.split(separator: "\"state\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
            #expect(states == kinds, "\(alert)")
        }
    }

    @Test("Ten thousand alerts at once are told within a minute, in bounded memory, and polls go on")
    func storm() async throws {
        let hook = try HTTPReceiver()
        let manager = try HTTPReceiver()
        let redis = try await RedisServer.start()
        // One series becomes ten thousand: each of four rules makes ten of one.
        let digits = (1...4).map { place in
            let ten = (0..<10).map { #"label_replace(s\#(place - 1), "d\#(place)", "\#($0)", "", "")"# }
            return "      - {record: s\(place), expr: '\(ten.joined(separator: " or "))'}"
        }
        let text =
            ["groups:", "  - name: storm", "    interval: 5s", "    rules:", "      - {record: s0, expr: vector(1)}"]
            + digits + ["      - {alert: Storm, expr: s4 > 0, annotations: {summary: 'd {{ $labels.d1 }}'}}"]
        let rules = try directory.write(text.joined(separator: "\n") + "\n", to: "storm.rules.yml")
        let redstart = try await RedstartProcess.serve(
            [
                "--rules", rules, "--poll-interval", "500ms", "--notify-group-wait", "0s", "--webhook.url",
                "http://127.0.0.1:\(hook.port)/", "--alertmanager.url", "http://127.0.0.1:\(manager.port)",
                redis.address,
            ]
        )
        func alerts(_ receiver: HTTPReceiver) -> Int {
            receiver.requests.map { $0.body.split(separator: "\"labels\":{\"alertname\":\"Storm\"").count - 1 }.reduce(
                0, +)
        }
        try await redstart.process.wait(seconds: 60, for: "fires") {
            (try? redstart.get("/api/redstart/v1/journal?limit=1&state=firing").text.contains("Storm")) == true
        }
        try await redstart.process.wait(seconds: 60, for: "has told all") {
            hook.requests.count >= 20 && manager.requests.count >= 157
        }
        try await redstart.process.wait(for: "has counted all") { alerts(hook) >= 10_000 && alerts(manager) >= 10_000 }
        #expect(alerts(hook) == 10_000)
        #expect(hook.requests.count == 20, "500 in each message")
        #expect(metric(redstart, "process_resident_memory_bytes") < 500e6)
        #expect(metric(redstart, "redis_up") == 1)
    }

    @Test("A message that waits when the process is killed is sent by the next one")
    func waiting() async throws {
        let port = try freePort()
        let redis = try await RedisServer.start()
        let options = ["--state-dir", directory.file("state"), "--webhook.url", "http://127.0.0.1:\(port)/"]
        let first = try await serve(redis, options)
        try limit(redis, "100mb")
        let refused = #"redstart_notification_attempts_failed_total{reason="refused",receiver="webhook"}"#
        try await first.process.wait(for: "fails to tell") { metric(first, refused) >= 1 }
        first.process.kill()
        let receiver = try HTTPReceiver(port: port)
        let second = try await serve(redis, options)
        try await second.process.wait(for: "tells") { statuses(receiver, of: "Limited") == ["firing"] }
    }

    @Test("A state file that cannot be used is said in a metric and in an alert of its own")
    func stateProblem() async throws {
        let state = directory.file("state")
        #expect(mkdir(state, 0o700) == 0)
        try directory.write("no database at all, but something else of some length", to: "state/redstart.db")
        let redis = try await RedisServer.start()
        let port = try freePort()
        let process = try ServerProcess(
            RedstartProcess.executable,
            ["serve", "--web.listen-address", "127.0.0.1:\(port)", "--evaluation-interval", "1s"]
                + ["--state-dir", state, redis.address],
            in: try TemporaryDirectory()
        )
        let redstart = RedstartProcess(process: process, port: port)
        try await process.wait(for: "has the metric") {
            metric(redstart, #"redstart_state_problem{problem="damaged"}"#) == 1
        }
        #expect(metric(redstart, "redstart_state_persistent") == 1, "a new file was begun")
        try await process.wait(seconds: 60, for: "fires") {
            (try? redstart.get("/api/v1/alerts").text.contains("RedstartStateUnavailable")) == true
        }
        #expect(try redstart.get("/api/v1/alerts").text.contains("Watchdog"))
    }
}

import FoundationEssentials
import Glibc
import TestServers
import Testing

/// The document at `/health`.
private struct HealthDocument: Decodable {
    struct Part: Decodable {
        let name: String
        let status: String
        let message: String
        let since: String
    }

    let status: String
    let version: String
    let parts: [Part]

    init?(_ redstart: RedstartProcess) {
        guard let answer = try? redstart.get("/health", headers: ["Accept: application/json"]), answer.status == 200,
            let document = try? JSONDecoder().decode(Self.self, from: Data(answer.body))
        else { return nil }
        self = document
    }

    subscript(_ name: String) -> Part? {
        parts.first { $0.name == name }
    }
}

@Suite("/health", .serialized)
struct HealthTests {
    @Test("A daemon in which all is well is healthy, in each of its parts")
    func healthy() async throws {
        let redis = try await RedisServer.start()
        let directory = try TemporaryDirectory()
        let redstart = try await RedstartProcess.serve([redis.address, "--state-dir", directory.file("state")])
        try await redstart.process.wait(for: "is healthy") {
            HealthDocument(redstart).map { $0.status == "healthy" && $0["fleet"]?.message == "1 server is up" }
                == true
        }
        let document = try #require(HealthDocument(redstart))
        let parts = [
            "fleet", "store", "rules", "notifications", "remote_write", "state", "configuration", "web", "process",
        ]
        #expect(document.parts.map(\.name) == parts)
        #expect(document.parts.allSatisfy { $0.status == "healthy" && !$0.message.isEmpty })
        #expect(try redstart.get("/health").text == "ok")
        let metrics = try redstart.get("/metrics").text
        for part in parts { #expect(metrics.contains("\nredstart_health_status{part=\"\(part)\"} 0\n")) }
    }

    @Test("What is wrong is told by part: a server, a receiver, an endpoint, the state, a reload, a rule")
    func degraded() async throws {
        let redis = try await RedisServer.start()
        let directory = try TemporaryDirectory()
        // Something that is no folder stands where the state should be.
        let state = try directory.write("", to: "state")
        let rules = try directory.writeRules(
            every: "200ms",
            """
            - {alert: Always, expr: vector(1)}
            - {record: twice, expr: 'label_replace(redis_up, "instance", "", "", "") or redis_up{a="b"}'}
            - {alert: Broken, expr: 'redis_up * on () (label_replace(vector(1), "a", "1", "", "") or vector(1))'}
            """
        )
        let (down, receiver) = (try freePort(), try freePort())
        let file = try directory.write(
            """
            targets:
              - {address: \(redis.address), password: s3cret-target}
              - address: 127.0.0.1:\(down)
            rule_files: [\(rules)]
            state_dir: \(state)
            defaults: {poll_interval: 200ms}
            receivers:
              - name: team
                webhook_configs: [{url: "http://user:s3cret-hook@127.0.0.1:\(receiver)/s3cret-path"}]
            route: {receiver: team, group_wait: 0s, group_interval: 200ms}
            remote_write:
              - name: far
                url: http://user:s3cret-far@127.0.0.1:\(receiver)/write
            """,
            to: "redstart.yml"
        )
        let redstart = try await RedstartProcess.serve(["--config.file", file])
        let expected = [
            "fleet": "are down: ", "rules": "own.rules.yml:", "notifications": "team (", "remote_write": "far takes no",
            "state": "a restart loses it",
        ]
        try await redstart.process.wait(for: "sees all that is wrong") {
            guard let document = HealthDocument(redstart), document.status == "degraded" else { return false }
            return expected.allSatisfy { part, text in
                document[part]?.status == "degraded" && document[part]?.message.contains(text) == true
            }
        }
        // Degraded is not unhealthy: a probe must not restart what tells of the trouble.
        #expect(try redstart.get("/health").status == 200)
        #expect(HealthDocument(redstart)?["configuration"]?.status == "healthy")
        try directory.write("targets: [{address: x, pasword: s3cret-typo}]", to: "redstart.yml")
        redstart.process.signal(SIGHUP)
        try await redstart.process.wait(for: "tells of the reload") {
            HealthDocument(redstart)?["configuration"]?.message.contains("pasword") == true
        }
        let text = try redstart.get("/health?format=json").text
        #expect(!text.contains("s3cret"))
        #expect(try redstart.get("/-/healthy").status == 200)
        try await redstart.process.wait(for: "has the metric, which may be 15 s old") {
            (try? redstart.get("/metrics").text.contains("\nredstart_health_status{part=\"fleet\"} 1\n")) == true
        }
    }
}

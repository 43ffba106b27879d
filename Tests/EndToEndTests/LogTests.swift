import Glibc
import TestServers
import Testing

@Suite("The log of the daemon", .serialized)
struct LogTests {
    @Test(
        "No secret of the configuration is in it, at the level that tells most, whatever fails",
        arguments: ["txt", "json", "logfmt"]
    )
    func secrets(format: String) async throws {
        let directory = try TemporaryDirectory()
        let redis = try await RedisServer.start(["--requirepass", "s3cret-right"])
        let (gone, noSentinel) = (try freePort(), try freePort())
        let refusing = try HTTPReceiver { _, _ in .status(401) }
        let rules = try directory.writeRules(every: "200ms", "- {alert: Always, expr: vector(1)}")
        let password = try directory.write("s3cret-file", to: "password")
        let file = try directory.write(
            """
            targets:
              - {address: "redis://:s3cret-right@\(redis.address)"}
              - {address: "redis://user:s3cret-wrong@127.0.0.1:\(gone)"}
              - {address: "redis://localhost:\(redis.port)", password_file: \(password)}
              - address: "sentinel://:s3cret-sentinel@127.0.0.1:\(noSentinel)/mymaster"
                data_credentials: {password: s3cret-data}
            defaults: {poll_interval: 200ms}
            rule_files: [\(rules)]
            state_dir: \(directory.file("state"))
            log_level: trace
            alertmanagers: [{url: "http://me:s3cret-manager@127.0.0.1:\(refusing.port)"}]
            receivers:
              - name: team
                webhook_configs: [{url: "http://me:s3cret-hook@127.0.0.1:\(gone)/s3cret-path?token=s3cret-query"}]
              - name: chat
                slack_configs: [{api_url: "http://127.0.0.1:\(refusing.port)/services/s3cret-slack"}]
              - name: pager
                pagerduty_configs: [{routing_key: s3cret-key, url: "http://127.0.0.1:\(gone)/"}]
            route:
              receiver: team
              group_wait: 0s
              group_interval: 200ms
              routes: [{receiver: chat, continue: true}, {receiver: pager, continue: true}, {receiver: team}]
            remote_write:
              - name: far
                url: http://me:s3cret-write@127.0.0.1:\(refusing.port)/write
                headers: {X-Token: s3cret-header}
              - name: farther
                url: http://127.0.0.1:\(gone)/write
                bearer_token: s3cret-bearer
            otlp_traces_endpoint: http://127.0.0.1:\(gone)/v1/traces
            otlp_traces_headers: authorization=s3cret-trace
            basic_auth_username: me
            basic_auth_password: s3cret-web
            """,
            to: "redstart.yml"
        )
        let port = try freePort()
        let process = try ServerProcess(
            RedstartProcess.executable,
            ["serve", "--config.file", file, "--log-format", format, "--web.listen-address", "127.0.0.1:\(port)"],
            in: directory
        )
        let redstart = RedstartProcess(process: process, port: port)
        try await process.wait(for: "wants a password") { (try? redstart.get("/-/healthy").status) == 401 }
        let credentials = "Authorization: Basic bWU6czNjcmV0LXdlYg=="
        try await redstart.process.wait(for: "has failed everywhere") {
            guard let answer = try? redstart.get("/health?format=json", headers: [credentials]) else { return false }
            return answer.text.components(separatedBy: "\"status\":\"degraded\"") > 3
        }
        _ = try redstart.get("/metrics", headers: ["Authorization: Basic czNjcmV0OnMzY3JldA=="])
        _ = try redstart.get("/scrape?target=redis://:s3cret-scrape@127.0.0.1:1", headers: [credentials])
        try directory.write("targets: [{address: 'redis://:s3cret-typo@x', pasword: s3cret-typo}]", to: "redstart.yml")
        redstart.process.signal(SIGHUP)
        try await redstart.process.wait(for: "tells of the reload") { redstart.process.log.contains("not reloaded") }
        redstart.process.signal(SIGTERM)
        _ = try await redstart.process.exitCode()
        let log = redstart.process.log
        #expect(log.contains("debug") && log.split(separator: "\n").count > 10)
        for line in log.split(separator: "\n") { #expect(!line.contains("s3cret"), "\(line)") }
    }

    @Test("A reload puts other levels into force, and wrong ones change nothing")
    func reload() async throws {
        let directory = try TemporaryDirectory()
        let redis = try await RedisServer.start()
        func configure(_ level: String) throws {
            try directory.write("targets: [{address: \(redis.address)}]\nlog_level: \(level)\n", to: "redstart.yml")
        }
        try configure("error")
        let redstart = try await RedstartProcess.serve(["--config.file", directory.file("redstart.yml")])
        #expect(!redstart.process.log.contains("metrics at"))
        try configure("error,fleets=debug")
        let refused = try HTTPProbe.get("/-/reload", port: redstart.port, method: "POST")
        #expect(refused.status == 500)
        #expect(refused.text.contains("redstart.yml:2:12: ") && refused.text.contains("fleet"), "\(refused.text)")
        try configure("error,configuration=notice")
        #expect(try HTTPProbe.get("/-/reload", port: redstart.port, method: "POST").status == 200)
        try await redstart.process.wait(for: "tells of the reload") {
            redstart.process.log.contains("the configuration was reloaded")
        }
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(separatedBy text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}

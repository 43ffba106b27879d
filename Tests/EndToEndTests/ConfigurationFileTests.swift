import Glibc
import TestServers
import Testing

/// A program that runs with a configuration file of the test's own.
private struct ConfiguredRedstart {
    let directory = try? TemporaryDirectory()

    func write(_ text: String, to name: String = "redstart.yml") throws -> String {
        try #require(directory).write(text, to: name)
    }

    func serve(_ text: String, _ arguments: [String] = []) async throws -> RedstartProcess {
        let file = try write(text)
        return try await RedstartProcess.serve(["--config.file", file] + arguments, in: directory)
    }
}

extension RedstartProcess {
    /// Waits until the metrics have all these lines.
    fileprivate func wait(forMetrics lines: [String]) async throws {
        try await process.wait(for: "shows \(lines)") {
            guard let text = try? get("/metrics").text else { return false }
            return lines.allSatisfy { text.contains("\n\($0)\n") }
        }
    }

    fileprivate func reload() throws -> HTTPProbe {
        try HTTPProbe.get("/-/reload", port: port, method: "POST")
    }
}

@Suite("redstart serve --config.file", .serialized)
struct ConfigurationFileTests {
    private let configured = ConfiguredRedstart()

    @Test("Masters of one name are deployments of their own: the first keeps the name, the user's name goes before")
    func mastersOfOneName() async throws {
        var sets: [(master: RedisServer, sentinel: RedisServer)] = []
        for _ in 0..<3 {
            let master = try await RedisServer.start()
            let sentinel = try await RedisServer.startSentinel(["sentinel monitor m 127.0.0.1 \(master.port) 1"])
            sets.append((master, sentinel))
        }
        let redstart = try await configured.serve(
            """
            defaults: {poll_interval: 1s}
            targets:
              - address: sentinel://\(sets[0].sentinel.address)/m
              - address: sentinel://\(sets[1].sentinel.address)/m
              - address: sentinel://\(sets[2].sentinel.address)/m
                name: shop
            """
        )
        let names = ["m", "m (\(sets[1].sentinel.address))", "shop"]
        try await redstart.wait(
            forMetrics: zip(sets, names).map { set, name in
                #"redstart_node_info{deployment="\#(name)",role="master",instance="\#(set.master.address)"} 1"#
            } + names.map { #"redstart_failover_in_progress{deployment="\#($0)"} 0"# }
        )
    }

    @Test("Servers with password file, TLS with client certificate, and labels of their own")
    func twoServers() async throws {
        let plain = try await RedisServer.start(["--requirepass", "hunter2"])
        let certificates = try TestCertificates()
        let secure = try await certificates.startServer(authClients: true)
        _ = try configured.write("hunter2\n", to: "password")
        let redstart = try await configured.serve(
            """
            defaults:
              labels: {env: test}
            targets:
              - address: \(plain.address)
                password_file: password
              - address: rediss://localhost:\(secure.port)
                labels: {team: secure}
                tls:
                  ca_file: \(certificates.file("ca.crt"))
                  cert_file: \(certificates.file("client.crt"))
                  key_file: \(certificates.file("client.key"))
            """
        )
        try await redstart.wait(forMetrics: [
            #"redis_up{env="test",instance="\#(plain.address)"} 1"#,
            #"redis_up{env="test",instance="localhost:\#(secure.port)",team="secure"} 1"#,
            "redstart_config_last_reload_successful 1",
        ])
        let query = "/api/v1/query?query=count(redis_up%7Benv%3D%22test%22%7D)"
        try await redstart.process.wait(for: "has both in the store") {
            (try? redstart.get(query).text.contains(#""2"]"#)) == true
        }
        #expect(!redstart.process.log.contains("hunter2"))
    }

    @Test("A password that changes is read from its file for the next connection")
    func rotation() async throws {
        let redis = try await RedisServer.start(["--requirepass", "first"])
        let password = try configured.write("first", to: "password")
        let redstart = try await configured.serve(
            "targets: [{address: '\(redis.address)', password_file: \(password), poll_interval: 200ms}]"
        )
        try await redstart.wait(forMetrics: ["redis_up 1"])
        let (port, directory) = ("\(redis.port)", redis.directory)
        try run("redis-cli", "-p", port, "-a", "first", "CONFIG", "SET", "requirepass", "second", in: directory)
        try run("redis-cli", "-p", port, "-a", "second", "CLIENT", "KILL", "TYPE", "normal", in: directory)
        try await redstart.wait(forMetrics: ["redis_up 0", #"redstart_node_failure_reason{reason="auth"} 1"#])
        _ = try configured.write("second\n", to: "password")
        try await redstart.wait(forMetrics: ["redis_up 1"])
        #expect(!redstart.process.log.contains("second"))
    }

    @Test("A renewed authority is read from its file for the next connection")
    func renewedAuthority() async throws {
        let certificates = try TestCertificates()
        let redis = try await certificates.startServer()
        let directory = try #require(configured.directory)
        try run("cp", certificates.file("other-ca.crt"), "ca.crt", in: directory)
        let redstart = try await configured.serve(
            "targets: [{address: 'rediss://localhost:\(redis.port)', tls: {ca_file: ca.crt}}]"
        )
        try await redstart.wait(forMetrics: ["redis_up 0", #"redstart_node_failure_reason{reason="tls"} 1"#])
        try run("cp", certificates.file("ca.crt"), "ca.crt", in: directory)
        try await redstart.wait(forMetrics: ["redis_up 1"])
    }

    @Test("A reload adds and removes servers, and leaves the others alone")
    func reload() async throws {
        let one = try await RedisServer.start()
        let two = try await RedisServer.start()
        let three = try await RedisServer.start()
        func text(_ servers: RedisServer...) -> String {
            "defaults: {poll_interval: 200ms}\ntargets:\n"
                + servers.map { "  - address: \($0.address)\n" }.joined()
        }
        let redstart = try await configured.serve(text(one, two))
        try await redstart.wait(forMetrics: [one, two].map { #"redis_up{instance="\#($0.address)"} 1"# })
        let connections = "redis_connections_received_total{instance=\"\(one.address)\"} "
        func received() throws -> Substring? {
            try redstart.get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(connections) }
        }
        let before = try #require(try received())

        _ = try configured.write(text(one, three))
        let answer = try redstart.reload()
        #expect(answer.status == 200)
        try await redstart.wait(forMetrics: [one, three].map { #"redis_up{instance="\#($0.address)"} 1"# })
        #expect(try !redstart.get("/metrics").text.contains(two.address))
        #expect(try received() == before)
        let gone = "/api/v1/query?query=redis_up%7Binstance%3D%22\(two.address)%22%7D"
        #expect(try redstart.get(gone).text.contains(#""result":[]"#))

        _ = try configured.write(text(two))
        redstart.process.signal(SIGHUP)
        try await redstart.wait(forMetrics: ["redis_up 1"])
        try await redstart.process.wait(for: "has the history of the server that came back") {
            (try? redstart.get(gone).text.contains(#""1"]"#)) == true
        }
    }

    @Test("Nodes that are found have the labels of their target, and go with it")
    func discovered() async throws {
        let master = try await RedisServer.start()
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(master.port)"])
        let other = try await RedisServer.start()
        let plain = "targets:\n  - {address: '\(other.address)', labels: {env: test}}\n"
        let redstart = try await configured.serve(
            plain + "  - {address: '\(master.address)', discover: true, labels: {env: prod}}\n"
        )
        try await redstart.wait(forMetrics: [
            #"redis_up{env="prod",instance="\#(master.address)"} 1"#,
            #"redis_up{env="prod",instance="\#(replica.address)"} 1"#,
            #"redis_up{env="test",instance="\#(other.address)"} 1"#,
        ])
        _ = try configured.write(plain)
        #expect(try redstart.reload().status == 200)
        try await redstart.wait(forMetrics: [#"redis_up{env="test"} 1"#])
        let query = "/api/v1/query?query=count(redis_up)"
        #expect(try redstart.get(query).text.contains(#""1"]"#))
    }

    @Test("A node that several targets lead to is one, and goes with the last of them")
    func shared() async throws {
        let one = try await RedisServer.start()
        let two = try await RedisServer.start()
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(two.port)"])
        let sentinel = try await RedisServer.startSentinel([
            "sentinel monitor one 127.0.0.1 \(one.port) 1", "sentinel monitor two 127.0.0.1 \(two.port) 1",
        ])
        let first = "targets:\n  - address: sentinel://\(sentinel.address)/one\n"
        let redstart = try await configured.serve(
            first + "  - address: sentinel://\(sentinel.address)/two\n  - address: \(two.address)\n"
        )
        func up(_ servers: RedisServer...) -> [String] {
            servers.map { #"redis_up{instance="\#($0.address)"} 1"# }
        }
        func info(_ server: RedisServer, _ deployment: String, _ role: String) -> String {
            #"redstart_node_info{deployment="\#(deployment)",role="\#(role)",instance="\#(server.address)"} 1"#
        }
        try await redstart.wait(
            forMetrics: up(one, two, replica, sentinel) + [
                info(one, "one", "master"), info(two, "two", "master"), info(replica, "two", "replica"),
            ]
        )
        let ups = try redstart.get("/metrics").text.split(separator: "\n").filter { $0.hasPrefix("redis_up{") }
        #expect(ups.count == 4)

        _ = try configured.write(first)
        #expect(try redstart.reload().status == 200)
        try await redstart.wait(forMetrics: up(one, sentinel))
        let text = try redstart.get("/metrics").text
        #expect(up(two, replica).allSatisfy { !text.contains($0) })
    }

    @Test("A reload reads rules again; alerts of rules that stay as they are go on")
    func rules() async throws {
        let redis = try await RedisServer.start()
        let always = "{alert: Always, expr: redis_up == 1, for: 1h}"
        func rules(_ more: String) -> String {
            "groups: [{name: test, interval: 1s, rules: [\(always)\(more)]}]"
        }
        _ = try configured.write(rules(""), to: "own.rules.yml")
        let redstart = try await configured.serve(
            "rule_files: [own.rules.yml]\ntargets: [{address: '\(redis.address)'}]"
        )
        func activeAt() throws -> Substring? {
            let text = try redstart.get("/api/v1/alerts").text
            return text.firstRange(of: #""activeAt":""#).map { text[$0.upperBound...].prefix { $0 != "\"" } }
        }
        try await redstart.process.wait(for: "has a pending alert") { (try? activeAt()) != nil }
        let before = try activeAt()
        _ = try configured.write(rules(", {alert: Other, expr: redis_up == 2}"), to: "own.rules.yml")
        #expect(try redstart.reload().status == 200)
        #expect(try redstart.get("/api/v1/rules").text.contains(#""name":"Other""#))
        #expect(try activeAt() == before)
    }

    @Test("A broken file on reload changes nothing and is told everywhere")
    func brokenReload() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await configured.serve("targets: [{address: '\(redis.address)'}]")
        try await redstart.wait(forMetrics: ["redis_up 1"])
        let file = try configured.write("targets:\n  - adress: x\n")
        let answer = try redstart.reload()
        let message = "\(file):2:5: unknown key \"adress\", did you mean \"address\"?"
        #expect(answer.status == 500)
        #expect(answer.text.contains(message))
        #expect(redstart.process.log.contains(message))
        try await redstart.wait(forMetrics: ["redis_up 1", "redstart_config_last_reload_successful 0"])
        _ = try configured.write("targets: [{address: '\(redis.address)'}]")
        #expect(try redstart.reload().status == 200)
        try await redstart.wait(forMetrics: ["redis_up 1", "redstart_config_last_reload_successful 1"])
        #expect(try redstart.get("/-/reload").status == 200, "as redis_exporter has it")
    }

    @Test("Options are keys, too; the command line comes first")
    func options() async throws {
        let redis = try await RedisServer.start()
        let text = """
            include_system_metrics: true
            namespace: own
            web_telemetry_path: /own
            targets: [{address: '\(redis.address)'}]

            """
        let redstart = try await configured.serve(text, ["--namespace", "other"])
        let metrics = try redstart.get("/own").text
        #expect(metrics.contains("\nother_up 1\n"))
        #expect(metrics.contains("\nother_total_system_memory_bytes "))
        let file = try configured.write(text + "check_interval: 1ms\n")
        let answer = try redstart.reload()
        #expect(answer.status == 500)
        #expect(answer.text.contains("\(file):5:17: `1ms` is not at least 1s"))
    }

    @Test("A mistake in the file keeps it from starting, with file, line, column and what was meant")
    func unknownKey() async throws {
        let file = try configured.write("targets:\n  - address: localhost\n    pasword_file: x\n")
        let (code, output) = try await RedstartProcess.run(["serve", "--config.file", file])
        #expect(code == 1)
        #expect(output == "Error: \(file):3:5: unknown key \"pasword_file\", did you mean \"password_file\"?\n")
    }
}

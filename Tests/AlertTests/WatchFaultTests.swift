import Glibc
import TestServers
import Testing

@Suite("Faults of security, configuration and Redstart itself", .timeLimit(.minutes(6)))
struct WatchFaultTests {
    @Test("Security")
    func security() async throws {
        let server = try await ServerVersion.redis8.start()
        let careless = try await RedisServer.start()
        // The series is there before, so that only what is new counts.
        try careless.tell("KEYS", "*")
        let daemon = try await RuledDaemon.start([server.address, careless.address])
        try await daemon.see([
            Fault("RedisAccessDenied", server.label.merging(["denied": "login"]) { $1 }) {
                for _ in 0..<15 { _ = try? server.tell("AUTH", "nobody", "wrong") }
            } repair: {
                // Ends ten minutes after the last try.
            },
            Fault("RedisDangerousCommands", careless.label.merging(["cmd": "keys"]) { $1 }) {
                try careless.tell("KEYS", "*")
            } repair: {
                // Ends ten minutes after the last use.
            },
        ])
    }

    @Test("Servers open to all, certificates at their end, and servers that refuse Redstart")
    func access() async throws {
        let certificates = try TestCertificates()
        let old = try await certificates.startServer()
        let open = try await RedisServer.start()
        let refusing = try await RedisServer.start()
        try run(
            "openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "60", "-extfile", "server.ext", "-out", "renewed.crt", in: certificates.directory)
        try run("cp", "server.crt", "expiring.crt", in: certificates.directory)
        @Sendable func show(_ certificate: String) throws {
            let key = ["tls-key-file", certificates.file("server.key")]
            let client = [
                "redis-cli", "--tls", "--cacert", certificates.file("ca.crt"), "-h", "localhost", "-p", "\(old.port)",
            ]
            let change = ["CONFIG", "SET", "tls-cert-file", certificates.file(certificate)] + key
            try run(client + change, in: certificates.directory)
            // A connection that is kept shows the certificate that it began with.
            try run(client + ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"], in: certificates.directory)
        }
        try show("renewed.crt")
        let daemon = try await RuledDaemon.start([
            "{address: 'rediss://localhost:\(old.port)', tls: {ca_file: '\(certificates.file("ca.crt"))'}}",
            "127.0.0.1:\(refusing.port)",
        ])
        try await daemon.see([
            Fault("RedisCertificateExpiring", ["instance": "localhost:\(old.port)"]) {
                try show("expiring.crt")
            } repair: {
                try show("renewed.crt")
            },
            Fault("RedstartTargetRefusing", refusing.label.merging(["reason": "auth"]) { $1 }) {
                try refusing.tell("CONFIG", "SET", "requirepass", "secret")
                _ = try? refusing.tell("-a", "secret", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            } repair: {
                try refusing.tell("-a", "secret", "CONFIG", "SET", "requirepass", "")
            },
        ])
        let network = try await RuledDaemon.start(["0.0.0.0:\(open.port)"])
        try await eventually("RedisWithoutPassword fires") {
            try network.alerts("RedisWithoutPassword", ["topic": "security"]).map { $0.labels["instance"] }
                == ["0.0.0.0:\(open.port)"]
        }
        try open.tell("CONFIG", "SET", "requirepass", "secret")
        _ = try? open.tell("-a", "secret", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try await eventually("it ends") { try network.alerts("RedisWithoutPassword", [:]).isEmpty }
    }

    @Test("Configuration that drifts")
    func configuration() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0", "--maxmemory", "100mb"])
        let replica = try await master.replica(["--maxmemory", "100mb"])
        let newer = Held<RedisServer>()
        let daemon = try await RuledDaemon.start(["{address: '\(replica.address)', discover: true}"])
        try await eventually("both are known") { try daemon.query("redstart_node_info{deployment!=\"\"}").count == 2 }
        let deployment = try #require(try daemon.query("redstart_node_info").first?.labels["deployment"])
        try await daemon.see([
            Fault("RedisMaxmemoryDiffers", ["deployment": deployment]) {
                try replica.tell("CONFIG", "SET", "maxmemory", "50mb")
            } repair: {
                try replica.tell("CONFIG", "SET", "maxmemory", "100mb")
            },
            Fault("RedisPoliciesDiffer", ["deployment": deployment]) {
                try replica.tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            } repair: {
                try replica.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
            },
            Fault("RedisVersionsDiffer", ["deployment": deployment]) {
                newer.hold(
                    try await ServerVersion.redis8.start([
                        "--replicaof", "127.0.0.1 \(master.port)", "--maxmemory", "100mb",
                    ]))
            } repair: {
                newer.release()
            },
        ])
    }

    @Test("Redstart itself")
    func redstart() async throws {
        let slow = try await RedisServer.debuggable()
        let many = try await RedisServer.start()
        let receiver = try freePort()
        let directory = try TemporaryDirectory()
        let broken = try directory.write(
            """
            groups:
              - name: broken
                rules:
                  - {record: 'twice:up', expr: 'redis_up * on (job) group_left (nothing) redis_up'}
            """, to: "own.rules.yml")
        let daemon = try await RuledDaemon.start(
            [slow.address, many.address],
            arguments: [
                "--family-series-limit", "400", "--webhook.url", "http://127.0.0.1:\(receiver)/",
                "--notify-group-wait", "1s", "--notify-group-interval", "1s", "--notify-give-up", "1s",
            ]
        )
        let settings = daemon.directory.file("redstart.yml")
        let good = readText(settings)
        @Sendable func reload(_ text: String) throws -> Int {
            try daemon.directory.write(text, to: "redstart.yml")
            return try HTTPProbe.get("/-/reload", port: daemon.redstart.port, method: "POST").status
        }
        let load = Held<ServerProcess>()
        try await eventually("Watchdog fires") { try !daemon.alerts("Watchdog", ["severity": "none"]).isEmpty }
        try await daemon.see([
            Fault("RedstartPollsSlow", slow.label) {
                load.hold(try slow.load("DEBUG", "SLEEP", "1.6", every: 0.001))
            } repair: {
                load.release()
            },
            Fault("RedstartSeriesDropped", many.label) {
                for command in ["OBJECT", "CLIENT", "CONFIG"] { try many.tell(command, "HELP") }
                // Each that is used has a histogram, also one that ends in an error.
                for command in Self.commands { _ = try? many.tell(command) }
            } repair: {
                try many.tell("CONFIG", "RESETSTAT")
            },
            Fault("RedstartRulesFailing", [:]) {
                let own = good.replacing("rule_files: [", with: "rule_files: ['\(broken)', ")
                let status = try reload(own)
                #expect(status == 200)
            } repair: {
                let status = try reload(good)
                #expect(status == 200)
            },
        ])
        // Each of these alerts was to be told to a receiver that is not there.
        try await eventually("RedstartNotificationsFailed fires", seconds: 100) {
            try !daemon.alerts("RedstartNotificationsFailed", ["receiver": "webhook", "topic": "redstart"]).isEmpty
        }
        try await daemon.see([
            Fault("RedstartConfigReloadFailed", [:]) {
                let status = try reload(good + "nonsense: 1\n")
                #expect(status == 500)
            } repair: {
                let status = try reload(good)
                #expect(status == 200)
            }
        ])
    }

    /// Commands that work without arguments.
    private static let commands = [
        "PING", "DBSIZE", "TIME", "LASTSAVE", "ROLE", "RANDOMKEY", "COMMAND", "FLUSHDB", "MULTI", "UNWATCH", "INFO",
        "READONLY", "ASKING", "LOLWUT", "UNSUBSCRIBE", "SCRIPT", "HELLO", "RESET", "FLUSHALL", "BGREWRITEAOF",
    ]

    @Test("A state folder that cannot be used")
    func state() async throws {
        let server = try await RedisServer.start()
        let directory = try TemporaryDirectory()
        try directory.write("no folder", to: "state")
        let daemon = try await RuledDaemon.start(
            [server.address], arguments: ["--state-dir", directory.file("state")])
        try await eventually("RedstartStateUnavailable fires") {
            try !daemon.alerts("RedstartStateUnavailable", ["severity": "warning", "topic": "redstart"]).isEmpty
        }
    }
}

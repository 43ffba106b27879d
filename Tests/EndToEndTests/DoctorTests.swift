import TestServers
import Testing

@testable import redstart

@Suite("redstart doctor", .serialized)
struct DoctorTests {
    private let directory: TemporaryDirectory
    private let port: Int

    init() throws {
        directory = try TemporaryDirectory()
        port = try freePort()
    }

    /// Settings that hide nothing.
    private static let open = [
        "--maxmemory", "100mb", "--latency-monitor-threshold", "100", "--latency-tracking", "yes",
    ]

    private func doctor(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        try await RedstartProcess.run(["doctor", "--web.listen-address", "127.0.0.1:\(port)"] + arguments)
    }

    /// The line about something at a place.
    private func line(_ output: String, _ level: String, _ topic: String, _ place: String) -> String? {
        output.split(separator: "\n").map(String.init).first { line in
            let words = line.split(separator: " ")
            return words.count > 3 && words[0] == level && words[1] == topic && line.contains(place)
        }
    }

    @Test("Where all is well it says so, part by part, and changes nothing: exit code 0, text and JSON")
    func allGood() async throws {
        let redis = try await RedisServer.start(Self.open + ["--requirepass", "s3cret"])
        let receiver = try HTTPReceiver()
        let state = directory.file("state")
        let arguments = [
            "redis://:s3cret@\(redis.address)", "--state-dir", state, "--webhook.url",
            "http://me:s3cret@127.0.0.1:\(receiver.port)/s3cret",
            "--alertmanager.url", "http://127.0.0.1:\(receiver.port)",
        ]
        let (code, output) = try await doctor(arguments)
        #expect(code == 0, "\(output)")
        for (topic, place) in [
            ("server", redis.address), ("rights", redis.address), ("settings", redis.address),
            ("clock", redis.address), ("receiver", "127.0.0.1:\(receiver.port)"), ("state", state),
            ("port", "127.0.0.1:\(port)"), ("limits", "open files"), ("rules", "rules"),
        ] {
            #expect(line(output, "ok", topic, place) != nil, "\(topic) at \(place): \(output)")
        }
        #expect(output.contains("0 error, 0 warning, "))
        #expect(!output.contains("s3cret"))
        // What tells nobody anything: no message, no folder.
        #expect(Set(receiver.requests.map(\.line)) == ["HEAD /s3cret", "GET /-/healthy"])
        #expect(isMissing(state))
        #expect(try redis.tell(["-a", "s3cret", "info", "errorstats"]).contains("errorstat_") == false)
        let json = try await doctor(arguments + ["--format", "json"])
        #expect(json.code == 0)
        #expect(json.output.hasPrefix(#"{"verdict":"ok","exitCode":0,"findings":[{"level":"ok","topic":"#))
    }

    private func isMissing(_ path: String) -> Bool {
        (try? run("test", "!", "-e", path, in: directory)) != nil
    }

    @Test("A user without rights: the very line that grants them, and with it nothing is missing")
    func rights() async throws {
        let redis = try await RedisServer.start(Self.open)
        try redis.tell("ACL", "SETUSER", "poor", "on", ">s3cret", "+info")
        let target = "redis://poor:s3cret@\(redis.address)"
        let options = [target, "--export-client-list", "--check-keys", "db0=user*"]
        let (code, output) = try await doctor(options)
        #expect(code == 1, "\(output)")
        let finding = try #require(line(output, "warning", "rights", redis.address), "\(output)")
        for name in ["CONFIG GET", "SLOWLOG GET", "LATENCY LATEST", "CLIENT LIST", "SCAN", "STRLEN"] {
            #expect(finding.contains(name), "\(name) in \(finding)")
        }
        let grant = try #require(finding.firstRange(of: "ACL SETUSER poor "))
        try redis.tell(finding[grant.lowerBound...].split(separator: " ").map(String.init))
        let second = try await doctor(options)
        #expect(second.code == 0, "\(second.output)")
        #expect(!output.contains("s3cret"))
    }

    @Test("A user who may not even run INFO is an error, with all that is needed")
    func noRights() async throws {
        let redis = try await RedisServer.start(Self.open)
        try redis.tell("ACL", "SETUSER", "none", "on", ">s3cret", "+get")
        let (code, output) = try await doctor(["redis://none:s3cret@\(redis.address)"])
        #expect(code == 2, "\(output)")
        let finding = try #require(line(output, "error", "rights", redis.address), "\(output)")
        for right in ["+info", "+ping", "+client|setname", "+config|get", "+slowlog|get", "+latency|histogram"] {
            #expect(finding.contains(" \(right)"), "\(right) in \(finding)")
        }
    }

    @Test("A wrong password, a closed port, an expired certificate, a foreign one: each an error that says what to do")
    func unreachable() async throws {
        let locked = try await RedisServer.start(["--requirepass", "s3cret"])
        let closed = try freePort()
        let certificates = try TestCertificates()
        let expired = try await certificates.startServer("expired")
        let foreign = try await certificates.startServer("server")
        let file = try directory.write(
            """
            targets:
              - {address: "redis://:s3cret-wrong@\(locked.address)"}
              - {address: "redis://127.0.0.1:\(closed)"}
              - {address: "rediss://localhost:\(expired.port)", tls: {ca_file: \(certificates.file("ca.crt"))}}
              - {address: "rediss://localhost:\(foreign.port)", tls: {ca_file: \(certificates.file("other-ca.crt"))}}
            """,
            to: "redstart.yml"
        )
        let (code, output) = try await doctor(["--config.file", file])
        #expect(code == 2, "\(output)")
        #expect(line(output, "error", "rights", locked.address)?.contains("refused the login") == true, "\(output)")
        #expect(line(output, "error", "server", "127.0.0.1:\(closed)")?.contains("connection refused") == true)
        #expect(line(output, "error", "tls", "localhost:\(expired.port)")?.contains("expired on") == true)
        #expect(line(output, "error", "tls", "localhost:\(foreign.port)")?.contains("not signed by") == true)
        #expect(output.contains("4 error, "))
        #expect(!output.contains("s3cret"))
    }

    @Test("A certificate that ends within days is a warning; settings that hide something are, with the command")
    func warnings() async throws {
        let certificates = try TestCertificates()
        let secure = try await certificates.startServer("server")
        let blind = try await RedisServer.start([
            "--latency-tracking", "no", "--slowlog-log-slower-than", "-1", "--rename-command", "LATENCY", "",
        ])
        let file = try directory.write(
            """
            targets:
              - {address: "rediss://localhost:\(secure.port)", tls: {ca_file: \(certificates.file("ca.crt"))}}
              - {address: "\(blind.address)"}
            """,
            to: "redstart.yml"
        )
        let (code, output) = try await doctor(["--config.file", file])
        #expect(code == 1, "\(output)")
        #expect(line(output, "warning", "tls", "localhost:\(secure.port)")?.contains("more days only") == true)
        for command in [
            "CONFIG SET latency-tracking yes", "CONFIG SET slowlog-log-slower-than 10000",
            "CONFIG SET latency-monitor-threshold 100", "CONFIG SET maxmemory <bytes>",
        ] {
            let found = output.split(separator: "\n").contains { $0.contains(blind.address) && $0.contains(command) }
            #expect(found, "\(command): \(output)")
        }
        #expect(line(output, "ok", "rights", blind.address)?.contains("does not know LATENCY") == true, "\(output)")
    }

    @Test("A state folder that cannot be, a port that is taken, receivers that are gone or refuse: errors")
    func own() async throws {
        let redis = try await RedisServer.start(Self.open)
        let refusing = try HTTPReceiver { _, request in
            .status(request.line.contains("/none") ? 404 : request.line.contains("/write") ? 401 : 200)
        }
        let gone = try freePort()
        let file = try directory.write("", to: "file")
        let configuration = try directory.write(
            """
            targets: [{address: "\(redis.address)"}]
            listen_address: 127.0.0.1:\(refusing.port)
            state_dir: \(file)/state
            receivers:
              - name: gone
                webhook_configs: [{url: "http://127.0.0.1:\(gone)/s3cret"}]
              - name: moved
                webhook_configs: [{url: "http://127.0.0.1:\(refusing.port)/none"}]
              - name: script
                command_configs: [{command: [/no/such/program]}]
            route: {receiver: gone}
            remote_write:
              - name: far
                url: http://127.0.0.1:\(refusing.port)/write
                basic_auth: {username: me, password: s3cret}
            """,
            to: "redstart.yml"
        )
        let collector = "http://127.0.0.1:\(gone)/v1/traces"
        let (code, output) = try await RedstartProcess.run([
            "doctor", "--config.file", configuration, "--otlp-traces-endpoint", collector,
        ])
        #expect(code == 2, "\(output)")
        #expect(line(output, "error", "traces", "127.0.0.1:\(gone)")?.contains("cannot be reached") == true)
        #expect(line(output, "error", "state", "\(file)/state")?.contains("nothing can be") == true, "\(output)")
        #expect(line(output, "error", "port", "127.0.0.1:\(refusing.port)")?.contains("in use") == true, "\(output)")
        #expect(line(output, "error", "receiver", "127.0.0.1:\(gone)")?.contains("cannot be reached") == true)
        #expect(line(output, "warning", "receiver", "127.0.0.1:\(refusing.port)")?.contains("moved") == true)
        #expect(line(output, "error", "receiver", "/no/such/program") != nil, "\(output)")
        #expect(line(output, "error", "remote_write", "127.0.0.1:\(refusing.port)")?.contains("(401)") == true)
        #expect(!output.contains("s3cret"))
    }

    @Test("Beside a running daemon its port is no error")
    func beside() async throws {
        let redis = try await RedisServer.start(Self.open)
        let redstart = try await RedstartProcess.serve([redis.address])
        let (code, output) = try await RedstartProcess.run(
            ["doctor", "--web.listen-address", "127.0.0.1:\(redstart.port)", redis.address])
        #expect(code == 0, "\(output)")
        #expect(line(output, "ok", "port", "127.0.0.1:\(redstart.port)")?.contains("a Redstart listens") == true)
    }

    @Test("A configuration that cannot be read has exit code 3, with the place of the mistake")
    func unreadable() async throws {
        let file = try directory.write("targets: [{address: x, pasword: s3cret}]\n", to: "redstart.yml")
        let (code, output) = try await doctor(["--config.file", file])
        #expect(code == 3)
        #expect(output.contains("redstart.yml:1:24: ") && output.contains("pasword"), "\(output)")
        #expect(!output.contains("s3cret"))
    }

    @Test("A Sentinel whose events may not be heard")
    func sentinel() async throws {
        let master = try await RedisServer.start(Self.open)
        let sentinel = try await RedisServer.startSentinel(["sentinel monitor m 127.0.0.1 \(master.port) 1"])
        try sentinel.tell("ACL", "SETUSER", "deaf", "on", ">pw", "+@all", "-psubscribe", "~*")
        let (code, output) = try await doctor(["redis://deaf:pw@\(sentinel.address)"])
        #expect(code == 1, "\(output)")
        let finding = try #require(line(output, "warning", "rights", sentinel.address), "\(output)")
        #expect(finding.contains("ACL SETUSER deaf allchannels +psubscribe"))
        #expect(line(output, "warning", "settings", sentinel.address) == nil)
    }
}

@Suite("What redstart doctor makes of figures")
struct DoctorFigureTests {
    @Test("A clock counts as wrong only by what the time of the answer cannot explain")
    func clock() {
        func skew(_ server: Double, _ asked: Double, _ answered: Double) -> Finding {
            ClockSkew.finding(server, askedAt: asked, answeredAt: answered, at: "a:1")
        }
        #expect(skew(100.2, 100, 100.4).level == .ok)
        #expect(skew(104, 100, 105).level == .ok)
        #expect(skew(103, 100, 100.1).message == "its clock is 3 s ahead of the one of this machine")
        #expect(skew(40, 100, 100.1).message == "its clock is 60 s behind the one of this machine")
        #expect(skew(100 + 7200, 100, 100).message == "its clock is 120 minutes ahead of the one of this machine")
    }

    @Test("Open files are held against the number of servers")
    func files() {
        #expect(LocalExamination.openFiles(servers: 10, limit: 1024).level == .ok)
        let few = LocalExamination.openFiles(servers: 1000, limit: 1024)
        #expect(few.level == .error)
        #expect(few.message == "1024 are allowed, and 1000 servers need up to 3200")
        #expect(few.advice.contains("ulimit -n 6400"))
    }

    @Test("The worst stands first, and decides the exit code")
    func order() {
        let ok = Finding(.ok, .server, "a", "fine")
        let warning = Finding(.warning, .clock, "b", "late", advice: "Mend it")
        let error = Finding(.error, .port, "redis://u:pw@c", "x\ny")
        let report = DoctorReport([ok, warning, error])
        #expect(report.verdict == .critical)
        #expect(report.findings.map(\.level) == [.error, .warning, .ok])
        #expect(report.findings[0].place == "redis://…@c" && report.findings[0].message == "x y")
        #expect(report.text.contains("warning  clock   b"))
        #expect(report.text.hasSuffix("1 error, 1 warning, 1 ok\n"))
        #expect(DoctorReport([ok, warning]).verdict == .warning && DoctorReport([ok]).verdict == .ok)
    }

    @Test("What a user needs who may not even run INFO is what the documentation says")
    func documentedRights() throws {
        let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let lines = readText("\(top)/docs/least-rights.md").split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("    ACL SETUSER redstart reset") })
        let documented = line.split(separator: " ").filter { $0.hasPrefix("+") }.map(String.init)
        #expect(Rights.ofPolls.map(Rights.grant).sorted() == documented.sorted())
    }
}

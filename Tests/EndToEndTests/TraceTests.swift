import Glibc
import TestServers
import Testing

@Suite("Traces", .serialized)
struct TraceTests {
    /// All spans that a collector got, as protoc shows them, one text for each.
    private func spans(_ collector: HTTPReceiver) throws -> [String] {
        try collector.requests.filter { $0.line == "POST /v1/traces" }.flatMap { request in
            try TraceSchema.text(of: request.bytes).split(separator: "spans {").dropFirst().map(String.init)
        }
    }

    private func attribute(_ span: String, _ name: String) -> String? {
        guard let key = span.firstRange(of: "key: \"\(name)\"") else { return nil }
        let value = span[key.upperBound...].split(separator: "_value: ").dropFirst().first
        return value.map { String($0.prefix { !$0.isNewline }.filter { $0 != "\"" }) }
    }

    private func isFailure(_ span: String) -> Bool {
        span.contains("STATUS_CODE_ERROR")
    }

    @Test("Polls with their parts, rule groups, messages and remote write are spans, failures with their reason")
    func spans() async throws {
        let collector = try HTTPReceiver()
        let receiver = try HTTPReceiver { _, request in .status(request.line.contains("write") ? 400 : 200) }
        let directory = try TemporaryDirectory()
        let redis = try await RedisServer.start()
        let down = try freePort()
        let rules = try directory.writeRules(every: "200ms", "- {alert: Always, expr: vector(1)}")
        let file = try directory.write(
            """
            targets:
              - {address: \(redis.address)}
              - {address: 127.0.0.1:\(down)}
            defaults: {poll_interval: 200ms}
            rule_files: [\(rules)]
            otlp_traces_endpoint: http://127.0.0.1:\(collector.port)/v1/traces
            otlp_traces_headers: x-token=s%3Dcret
            receivers:
              - name: team
                webhook_configs: [{url: "http://127.0.0.1:\(receiver.port)/s3cret"}]
            route: {receiver: team, group_wait: 0s, group_interval: 200ms}
            remote_write:
              - {name: far, url: "http://127.0.0.1:\(receiver.port)/write"}
            """,
            to: "redstart.yml"
        )
        let redstart = try await RedstartProcess.serve(["--config.file", file])
        var found: [String] = []
        let kinds = ["\"poll\"", "\"connect\"", "\"PIPELINE\"", "\"evaluate rules\"", "\"notify\"", "\"remote write\""]
        try await eventually("gets spans of all kinds", every: .milliseconds(500)) {
            found = try spans(collector)
            return kinds.allSatisfy { kind in found.contains { $0.contains("name: \(kind)") } }
                && found.contains { $0.contains("name: \"poll\"") && isFailure($0) }
        }
        let polls = found.filter { $0.contains("name: \"poll\"") }
        let good = try #require(polls.first { attribute($0, "server.port") == "\(redis.port)" })
        #expect(attribute(good, "db.system.name") == "redis" && attribute(good, "server.address") == "127.0.0.1")
        #expect(!isFailure(good) && !good.contains("parent_span_id"))
        let bad = try #require(polls.first { attribute($0, "server.port") == "\(down)" })
        #expect(isFailure(bad) && attribute(bad, "error.type") == "refused")
        let pipeline = try #require(found.first { $0.contains("name: \"PIPELINE\"") })
        #expect(pipeline.contains("parent_span_id") && pipeline.contains("SPAN_KIND_CLIENT"))
        #expect(attribute(pipeline, "db.operation.batch.size").flatMap { Int($0) } ?? 0 >= 1)
        let rule = try #require(found.first { $0.contains("name: \"evaluate rules\"") })
        #expect(attribute(rule, "redstart.rule_group.name") == "test")
        #expect(attribute(rule, "redstart.rule_group.rules") == "1")
        #expect(attribute(rule, "redstart.rule_group.failures") == "0")
        let told = try #require(found.first { $0.contains("name: \"notify\"") })
        #expect(attribute(told, "redstart.receiver") == "team" && !isFailure(told))
        let posts = found.filter { $0.contains("name: \"POST\"") }
        #expect(posts.contains { attribute($0, "http.response.status_code") == "200" && !isFailure($0) })
        #expect(posts.contains { attribute($0, "http.response.status_code") == "400" && isFailure($0) })
        let written = try #require(found.first { $0.contains("name: \"remote write\"") })
        #expect(attribute(written, "redstart.remote_write.endpoint") == "far")
        #expect(attribute(written, "error.type") == "http_400")
        // Whose they are, and that whoever is told can add to the trace.
        let request = try #require(collector.requests.first)
        #expect(request.headers["x-token"] == "s=cret")
        let resource = try TraceSchema.text(of: request.bytes)
        #expect(attribute(resource, "service.name") == "redstart")
        #expect(attribute(resource, "service.version") != nil)
        #expect(attribute(resource, "service.instance.id")?.count == 36)
        #expect(receiver.requests.allSatisfy { $0.headers["traceparent"]?.hasPrefix("00-") == true })
        #expect(!found.contains { $0.contains("s3cret") })
        #expect(try redstart.get("/metrics").text.contains("\nredstart_traces_exported_spans_total "))
    }

    @Test("A collector that hangs disturbs nothing, and the end does not wait for it")
    func hanging() async throws {
        let collector = try HTTPReceiver { _, _ in .silence }
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve([
            "--otlp-traces-endpoint", "http://127.0.0.1:\(collector.port)/v1/traces", "--poll-interval", "100ms",
            redis.address,
        ])
        try await redstart.process.wait(for: "has begun to send") { !collector.requests.isEmpty }
        func commands() throws -> Double? {
            try ScrapedText(redstart.get("/metrics").text).value("redis_commands_processed_total")
        }
        let before = try #require(try commands())
        try await redstart.process.wait(for: "goes on polling") { (try? commands()) ?? 0 > before + 20 }
        redstart.process.signal(SIGTERM)
        #expect(try await redstart.process.exitCode() == 0)
    }

    @Test(
        "What cannot be used is refused at the start, without telling secrets",
        arguments: [
            (["--otlp-traces-endpoint", "collector:4318"], "--otlp-traces-endpoint takes an address"),
            (
                ["--otlp-traces-endpoint", "http://c:4318/v1/traces", "--otlp-traces-headers", "s3cret"],
                "--otlp-traces-headers takes name=value"
            ),
            (["--otlp-traces-ratio", "2"], "--otlp-traces-ratio: '2' is not a number from 0 to 1"),
        ]
    )
    func mistakes(arguments: [String], message: String) async throws {
        let (code, output) = try await RedstartProcess.run(["serve"] + arguments)
        #expect(code != 0)
        #expect(output.contains(message) && !output.contains("s3cret"), "\(output)")
    }
}

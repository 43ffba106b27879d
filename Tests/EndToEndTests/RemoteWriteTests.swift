import FoundationEssentials
import Glibc
import TestServers
import Testing

/// Redstart beside a real Prometheus that takes what is written to it.
@Suite("Remote write to a real Prometheus", .serialized)
struct RemoteWriteTests {
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
                  - {alert: Up, expr: redis_up == 1}
                  - {record: own:clients, expr: redis_connected_clients * 2}
            """,
            to: "own.rules.yml"
        )
        let queue = "queue_config: {batch_send_deadline: 100ms, min_backoff: 20ms, max_backoff: 200ms}"
        try directory.write(
            """
            external_labels: {cluster: test}
            remote_write:
              - url: http://127.0.0.1:\(prometheusPort)/api/v1/write
                name: first
                \(queue)
              - url: http://127.0.0.1:\(prometheusPort)/api/v1/write
                name: second
                protobuf_message: io.prometheus.write.v2.Request
                write_relabel_configs: [{target_label: cluster, replacement: second}]
                \(queue)
            """,
            to: "redstart.yml"
        )
    }

    private func startPrometheus(_ program: String = "prometheus", _ more: [String] = []) async throws -> ServerProcess
    {
        let options = ["--web.enable-remote-write-receiver"] + more
        return try await PrometheusServer.start(program, in: directory, port: prometheusPort, options).process
    }

    private func serve(_ redis: RedisServer, _ more: [String] = []) async throws -> RedstartProcess {
        try await RedstartProcess.serve(
            [
                "--config.file", directory.file("redstart.yml"), "--rules", directory.file("own.rules.yml"),
                "--poll-interval", "200ms", redis.address,
            ] + more
        )
    }

    /// Times and values of all samples of a selector in the last ten minutes.
    private func samples(_ selector: String, port: Int) -> [String] {
        let query = "\(selector)[10m]".utf8.map { byte in
            "%" + String(byte / 16, radix: 16) + String(byte % 16, radix: 16)
        }
        guard let text = try? HTTPProbe.get("/api/v1/query?query=\(query.joined())", port: port).text,
            let start = text.firstRange(of: "\"values\":["), let end = text[start.upperBound...].firstRange(of: "]]")
        else { return [] }
        return text[start.upperBound..<end.lowerBound].replacing("[", with: "").replacing("]", with: "")
            .replacing("\",", with: "\" ").split(separator: " ").map { String($0) }
    }

    @Test("Polls, recorded series and alerts arrive, by both versions, with the values that Redstart has")
    func arrives() async throws {
        let prometheus = try await startPrometheus()
        let redis = try await RedisServer.start()
        let redstart = try await serve(redis)
        for metric in ["redis_up", "redis_uptime_in_seconds", "own:clients", "ALERTS", "redstart_store_series"] {
            for cluster in ["test", "second"] {
                try await eventually("\(metric) of \(cluster) is there") {
                    samples("\(metric){cluster=\"\(cluster)\"}", port: prometheusPort).count >= 2
                }
            }
        }
        let own = samples("redis_up", port: redstart.port)
        try await eventually("each sample is there") {
            Set(samples("redis_up{cluster=\"test\"}", port: prometheusPort)).isSuperset(of: own)
                && Set(samples("redis_up{cluster=\"second\"}", port: prometheusPort)).isSuperset(of: own)
        }
        let metrics = try redstart.get("/metrics").text
        #expect(metrics.contains(#"redstart_remote_write_sent_samples_total{endpoint="first"}"#))
        #expect(metrics.contains(#"redstart_remote_write_lag_seconds{endpoint="second"}"#))
        #expect(!metrics.contains("redstart_remote_write_dropped_samples_total{"))
        #expect(redstart.process.log.contains("does not know remote write 2.0"))
        #expect(prometheus.isRunning)
    }

    @Test("A Prometheus that knows remote write 2.0 gets it, and has the values that Redstart has")
    func version2() async throws {
        let prometheus = try await startPrometheus(ServerVersion.newPrometheus)
        let redis = try await RedisServer.start()
        let redstart = try await serve(redis)
        for metric in ["redis_up", "own:clients", "ALERTS", "redis_commands_processed_total"] {
            try await eventually("\(metric) is there") {
                samples("\(metric){cluster=\"second\"}", port: prometheusPort).count >= 2
            }
        }
        let own = samples("redis_up", port: redstart.port)
        try await eventually("each sample is there") {
            Set(samples("redis_up{cluster=\"second\"}", port: prometheusPort)).isSuperset(of: own)
        }
        #expect(!redstart.process.log.contains("does not know remote write 2.0"))
        #expect(try !redstart.get("/metrics").text.contains("redstart_remote_write_dropped_samples_total{"))
        #expect(prometheus.isRunning)
    }

    /// The same by the number of the time: a VictoriaMetrics leaves zeros at the end of it out.
    private func samplesByTime(_ selector: String, port: Int) -> [Double: Substring] {
        let pairs = samples(selector, port: port).compactMap { sample -> (Double, Substring)? in
            let parts = sample.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, let time = Double(parts[0]) else { return nil }
            return (time, parts[1])
        }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test("A VictoriaMetrics takes OTLP, and has the values that Redstart has")
    func otlp() async throws {
        let process = try ServerProcess(
            ServerVersion.victoriaMetrics,
            [
                "-httpListenAddr=127.0.0.1:\(prometheusPort)", "-storageDataPath=\(directory.file("data"))",
                "-search.latencyOffset=0s",
            ],
            in: directory
        )
        try await process.wait(seconds: 60, for: "is ready") {
            (try? HTTPProbe.get("/health", port: prometheusPort))?.status == 200
        }
        try directory.write(
            """
            otlp:
              - metrics_endpoint: http://127.0.0.1:\(prometheusPort)/opentelemetry/v1/metrics
                queue_config: {batch_send_deadline: 100ms, min_backoff: 20ms, max_backoff: 200ms}
            """,
            to: "redstart.yml"
        )
        let redis = try await RedisServer.start()
        let redstart = try await serve(redis)
        for metric in ["redis_up", "own:clients", "ALERTS", "redis_commands_processed_total"] {
            try await eventually("\(metric) is there") { samples(metric, port: prometheusPort).count >= 2 }
        }
        let own = samplesByTime("redis_up", port: redstart.port)
        #expect(own.count >= 2)
        try await eventually("each sample is there") {
            let theirs = samplesByTime("redis_up", port: prometheusPort)
            return own.allSatisfy { theirs[$0.key] == $0.value }
        }
        #expect(try !redstart.get("/metrics").text.contains("redstart_remote_write_dropped_samples_total{"))
        #expect(process.isRunning)
    }

    @Test(
        "The far side is gone, Redstart ends meanwhile: in the end nothing is missing, and nothing twice",
        arguments: [SIGKILL, SIGTERM]
    )
    func outage(end: Int32) async throws {
        let redis = try await RedisServer.start()
        let state = ["--state-dir", directory.file("state")]
        var prometheus = try await startPrometheus()
        var redstart = try await serve(redis, state)
        try await eventually("it arrives") { samples("redis_up{cluster=\"test\"}", port: prometheusPort).count >= 5 }
        prometheus.signal(SIGTERM)
        _ = try await prometheus.exitCode(seconds: 60)
        let before = samples("redis_up", port: redstart.port).count
        try await eventually("polls go on") { samples("redis_up", port: redstart.port).count >= before + 10 }
        let known = samples("redis_up", port: redstart.port)
        try await eventually("what was polled is on the disk, as a later poll is there") {
            samples("redis_up", port: redstart.port).count > known.count
        }
        redstart.process.signal(end)
        #expect(try await redstart.process.exitCode() == (end == SIGTERM ? 0 : -SIGKILL))
        #expect(bytesOnDisk() > 0)
        redstart = try await serve(redis, state)
        try await eventually("polls go on") { samples("redis_up", port: redstart.port).count >= 5 }
        let waiting = bytesOnDisk()
        prometheus = try await startPrometheus()
        let later = samples("redis_up", port: redstart.port)
        for cluster in ["test", "second"] {
            try await eventually("all samples are there") {
                let there = samples("redis_up{cluster=\"\(cluster)\"}", port: prometheusPort)
                return Set(there).isSuperset(of: known + later) && Set(there).count == there.count
            }
        }
        try await eventually("what was sent leaves the disk") { bytesOnDisk() < waiting }
        // A request that Prometheus had taken in its last moment is refused when it comes again; it has all of it.
        #expect(prometheus.isRunning)
        #expect(try redstart.get("/-/healthy").status == 200)
    }

    /// The size of the files of what waits.
    private func bytesOnDisk() -> Int {
        let folder = directory.file("state") + "/remote-write"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.reduce(0) { sum, name in
            sum + ((try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)"))?[.size] as? Int ?? 0)
        }
    }

    @Test("A disk that takes no more is told, and what waits in memory arrives when the far side is there")
    func fullDisk() async throws {
        let redis = try await RedisServer.start()
        let port = try freePort()
        // No file may have more than 16 KB: less than the names of the series take.
        let limited = #"trap '' XFSZ; ulimit -f 32; exec "$0" "$@""#
        let process = try ServerProcess(
            "sh",
            [
                "-c", limited, RedstartProcess.executable, "serve", "--web.listen-address", "127.0.0.1:\(port)",
                "--config.file", directory.file("redstart.yml"), "--rules", directory.file("own.rules.yml"),
                "--poll-interval", "200ms", "--state-dir", directory.file("state"), redis.address,
            ],
            in: directory
        )
        let redstart = RedstartProcess(process: process, port: port)
        try await eventually("the problem is a metric") {
            let metrics = try? redstart.get("/metrics").text
            return metrics?.contains(#"redstart_remote_write_queue_problem{problem="full"} 1"#) == true
        }
        #expect(process.log.contains("File too large"))
        let known = samples("redis_up", port: port)
        let prometheus = try await startPrometheus()
        try await eventually("all samples are there") {
            Set(samples("redis_up{cluster=\"test\"}", port: prometheusPort)).isSuperset(of: known) && !known.isEmpty
        }
        #expect(prometheus.isRunning)
    }
}

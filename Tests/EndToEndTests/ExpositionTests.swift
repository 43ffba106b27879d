import TestServers
import Testing

/// What others read of `/metrics`: the text format and OpenMetrics, as the servers of the comparison make them.
@Suite("Exposition", .serialized)
struct ExpositionTests {
    private static let openMetrics = "Accept: application/openmetrics-text;version=1.0.0"

    /// Inherited names that the lint of Prometheus would have otherwise: they stay, so that rules and dashboards work.
    private static let inherited: Set<String> = [
        "redis_aof_current_rewrite_duration_sec", "redis_aof_last_rewrite_duration_sec",
        "redis_current_eviction_exceeded_time_ms", "redis_dump_payload_sanitizations",
        "redis_eviction_exceeded_time_ms_total", "redis_expire_cycle_cpu_time_ms_total",
        "redis_io_threaded_reads_processed", "redis_io_threaded_writes_processed", "redis_memory_used_vm_total",
        "redis_migrate_cached_sockets_total", "redis_rdb_current_bgsave_duration_sec",
        "redis_rdb_last_bgsave_duration_sec", "redis_rdb_saves_total", "redis_total_error_replies",
        "redis_total_reads_processed", "redis_total_writes_processed", "redis_unexpected_error_replies",
        "redis_last_key_groups_scrape_duration_milliseconds", "redis_cluster_messages_received_total",
        "redis_cluster_messages_sent_total", "redis_sentinel_master_setting_down_after_milliseconds",
        "redis_sentinel_master_down_after_milliseconds",
    ]

    @Test(
        "Both formats: promtool and Python's parser read them, with the same series",
        arguments: ComparedRole.allCases
    )
    func bothFormats(role: ComparedRole) async throws {
        let compared = try await ComparedServer.start(role)
        let redstart = try await RedstartProcess.serve(
            ["--scrape-max-age", "60s", "--poll-interval", "20m", "redis://\(compared.server.address)"]
        )
        try await redstart.process.wait(seconds: 60, for: "sees the server") {
            (try? redstart.get("/metrics").text.contains("\nredis_up 1\n")) == true
        }
        let folder = try TemporaryDirectory()
        let (text, open) = try bothOfOnePoll(redstart)
        try folder.write(text, to: "text")
        try folder.write(open, to: "open")
        #expect(open.hasSuffix("\n# EOF\n"))
        #expect(!text.contains("# EOF") && open.contains("\n# UNIT "))
        try expectSameSeries(ScrapedText(text), ScrapedText(open))

        let ofText = try await complaints("promtool check metrics <text", in: folder)
        #expect(ofText == [])
        // promtool knows the text format only: there a family of unknown type is untyped, and help belongs to samples.
        let asText =
            "sed 's/^\\(# TYPE .*\\) unknown$/\\1 untyped/' open | promtool check metrics 2>&1 | grep -v 'no help'"
        let ofOpenMetrics = try await complaints(asText, in: folder)
        #expect(ofOpenMetrics == [])
        let ofPython = try await complaints(Self.pythonParsers, in: folder)
        #expect(ofPython == [])
    }

    /// Two scrapes between which no poll was: what a poll itself asks is in the statistics of the next.
    private func bothOfOnePoll(_ redstart: RedstartProcess) throws -> (text: String, open: String) {
        func polls(_ text: String) -> Substring? {
            text.split(separator: "\n").first { $0.hasPrefix("redstart_node_polls_total") }
        }
        var pair = ("", "")
        for _ in 0..<20 {
            pair = (
                try redstart.get("/metrics").text, try redstart.get("/metrics", headers: [Self.openMetrics]).text
            )
            if polls(pair.0) == polls(pair.1) { return pair }
        }
        return pair
    }

    /// Both parsers of the package python3-prometheus-client, of the Python that Debian's packages are for.
    private static let pythonParsers = """
        /usr/bin/python3 - <<'END'
        from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
        from prometheus_client.parser import text_string_to_metric_families as text
        for name, parser in (("open", open_metrics), ("text", text)):
            families = list(parser(open(name, encoding="utf-8").read()))
            samples = sum(len(family.samples) for family in families)
            lines = sum(not line.startswith("#") for line in open(name, encoding="utf-8"))
            if samples != lines or samples < 100:
                print(f"{name}: {samples} samples in {lines} lines")
        END
        """

    @Test("Prometheus reads OpenMetrics, every series of it")
    func prometheusScrapes() async throws {
        let compared = try await ComparedServer.start(.standalone)
        let redstart = try await RedstartProcess.serve(["redis://\(compared.server.address)"])
        let folder = try TemporaryDirectory()
        try folder.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs: [{job_name: redis, static_configs: [{targets: ['127.0.0.1:\(redstart.port)']}]}]
            """,
            to: "prometheus.yml"
        )
        let prometheus = try await PrometheusServer.start(in: folder)
        let query = "/api/v1/query?query=scrape_samples_scraped%7Bjob%3D%22redis%22%7D%20and%20on()%20up%20%3D%3D%201"
        try await prometheus.process.wait(seconds: 60, for: "scrapes") {
            guard let answer = try? HTTPProbe.get(query, port: prometheus.port).text,
                let count = answer.split(separator: "\"").last(where: { Int($0) != nil }).flatMap({ Int($0) })
            else { return false }
            return count > 300
        }
    }

    private func expectSameSeries(_ text: ScrapedText, _ open: ScrapedText) {
        let names = Set(text.series.map(\.text))
        let openNames = Set(open.series.map(\.text))
        #expect(names.symmetricDifference(openNames) == [])
        #expect(names.count == text.series.count && openNames.count == open.series.count)
        for families in [text.families, open.families] {
            #expect(Set(families).count == families.count, "a family stands in one place")
        }
        #expect(text.families == text.families.sorted())
        #expect(!open.series.contains { $0.name.hasSuffix("_created") })
    }

    /// What a shell command says, but for what it says of inherited names.
    private func complaints(_ command: String, in folder: TemporaryDirectory) async throws -> [String] {
        let process = try ServerProcess("sh", ["-c", command], in: folder)
        _ = try await process.exitCode(seconds: 60)
        return process.log.split(separator: "\n").map(String.init).filter { line in
            let name = line.prefix { $0 != " " }
            return !Self.inherited.contains(String(name)) && !Self.inherited.contains(name + "_total")
        }
    }
}

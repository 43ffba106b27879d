import TestServers
import Testing

/// What the Grafana dashboards of redis_exporter (`contrib/grafana_prometheus_redis_dashboard*.json`), and the
/// dashboard, alerts and recording rule of its mixin (`contrib/redis-mixin`), ask for.
@Suite("Dashboards and mixin of redis_exporter", .serialized)
struct DashboardTests {
    /// Metrics by the role whose servers have them, and the label that the panels group by.
    private static let asked: [(role: ComparedRole, label: String?, metrics: [String])] = [
        (
            .master, nil,
            [
                "redis_up", "redis_uptime_in_seconds", "redis_connected_clients", "redis_blocked_clients",
                "redis_memory_used_bytes", "redis_memory_used_rss_bytes", "redis_memory_max_bytes",
                "redis_total_system_memory_bytes", "redis_commands_processed_total", "redis_keyspace_hits_total",
                "redis_keyspace_misses_total", "redis_net_input_bytes_total", "redis_net_output_bytes_total",
                "redis_expired_keys_total", "redis_evicted_keys_total", "redis_connected_slaves",
            ]
        ),
        (.master, "cmd", ["redis_commands_total", "redis_commands_duration_seconds_total"]),
        (.master, "db", ["redis_db_keys", "redis_db_keys_expiring"]),
        (.replica, "master_host", ["redis_master_last_io_seconds_ago"]),
        (.cluster, nil, ["redis_cluster_state", "redis_cluster_slots_fail", "redis_cluster_slots_pfail"]),
    ]

    @Test(
        "Every metric that they ask for is in a scrape, with the labels they group by",
        arguments: [ComparedRole.master, .replica, .cluster]
    )
    func metricsAreThere(role: ComparedRole) async throws {
        let compared = try await ComparedServer.start(role)
        let redstart = try await RedstartProcess.serve(["--include-system-metrics", compared.server.address])
        let scrape = try ScrapedText(redstart.get("/metrics").text)
        for (asking, label, metrics) in Self.asked where asking == role {
            for metric in metrics {
                let series = scrape.series(metric, having: [:])
                #expect(!series.isEmpty, "\(metric)")
                if let label { #expect(series.allSatisfy { $0.labels[label] != nil }, "\(metric)") }
            }
        }
    }
}

import Metrics

/// Rows for the section Cluster of INFO; the rest of the cluster is in `ClusterCollector`.
enum InfoClusterSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "cluster_enabled", "redis_cluster_enabled", .gauge,
            help: "Whether the server runs as a node of a cluster."
        ),
        MetricRow(
            "cluster_connections", "redis_cluster_connections", .gauge, since: "Redis 7.0",
            help: "Sockets in use for the cluster bus."
        ),
        MetricRow(
            "total_cluster_links_buffer_limit_exceeded", "redis_cluster_links_buffer_limit_exceeded_total", .counter,
            since: "Redis 7.0",
            help: "Links of the cluster bus that were freed because their buffer grew too large."
        ),
    ]
}

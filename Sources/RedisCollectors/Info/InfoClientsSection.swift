import Metrics

/// Rows for the section Clients of INFO.
enum InfoClientsSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "connected_clients", "redis_connected_clients", .gauge,
            help: "Connections of clients, those of replicas left out."
        ),
        MetricRow("blocked_clients", "redis_blocked_clients", .gauge, help: "Clients that wait in a blocking command."),
        MetricRow(
            "maxclients", "redis_max_clients", .gauge, since: "Redis 6.2",
            help: "Most clients the server admits at a time."
        ),
        MetricRow(
            "tracking_clients", "redis_tracking_clients", .gauge, since: "Redis 6.0",
            help: "Clients with client-side caching switched on."
        ),
        MetricRow(
            "clients_in_timeout_table", "redis_clients_in_timeout_table", .gauge, since: "Redis 6.0",
            help: "Blocked clients that have a timeout."
        ),
        MetricRow(
            "pubsub_clients", "redis_pubsub_clients", .gauge, since: "Redis 7.4",
            help: "Clients that are subscribed to a channel or pattern."
        ),
        MetricRow(
            "watching_clients", "redis_watching_clients", .gauge, since: "Redis 7.4",
            help: "Clients that watch a key."
        ),
        MetricRow(
            "total_watched_keys", "redis_total_watched_keys", .gauge, since: "Redis 7.4",
            help: "Keys that are watched by a client."
        ),
        MetricRow(
            "total_blocking_keys", "redis_total_blocking_keys", .gauge, since: "Redis 7.2",
            help: "Keys on which a client is blocked."
        ),
        MetricRow(
            "total_blocking_keys_on_nokey", "redis_total_blocking_keys_on_nokey", .gauge, since: "Redis 7.2",
            help: "Keys whose deletion would wake a blocked client."
        ),
        MetricRow(
            "client_longest_output_list", "redis_client_longest_output_list", .gauge,
            help: "Longest list of pending replies among the clients; gone since Redis 5.0."
        ),
        MetricRow(
            "client_biggest_input_buf", "redis_client_biggest_input_buf", .gauge, .bytes,
            help: "Largest input buffer among the clients, in bytes; gone since Redis 5.0."
        ),
        MetricRow(
            "client_recent_max_output_buffer", "redis_client_recent_max_output_buffer_bytes", .gauge, .bytes,
            since: "Redis 5.0",
            help: "Largest output buffer among the clients lately, in bytes."
        ),
        MetricRow(
            "client_recent_max_input_buffer", "redis_client_recent_max_input_buffer_bytes", .gauge, .bytes,
            since: "Redis 5.0",
            help: "Largest input buffer among the clients lately, in bytes."
        ),
        MetricRow(
            "paused_timeout_milliseconds", "redis_clients_paused_remaining_seconds", .gauge, .seconds,
            from: .milliseconds, since: "Valkey 8.1",
            help: "Seconds for which clients stay paused."
        ),
    ]
}

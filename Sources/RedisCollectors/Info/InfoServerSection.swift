import Metrics

/// Rows for the section Server of INFO that are one number each.
enum InfoServerSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "uptime_in_seconds", "redis_uptime_in_seconds", .gauge, .seconds,
            help: "Seconds since the server process started."
        ),
        MetricRow("process_id", "redis_process_id", .gauge, help: "Process identifier of the server."),
        MetricRow(
            "io_threads_active", "redis_io_threads_active", .gauge, since: "Redis 6.0",
            help: "Whether threads other than the main one read and write sockets."
        ),
        MetricRow(
            "configured_hz", "redis_configured_hz", .gauge, since: "Redis 5.0",
            help: "Configured rate of background tasks a second."
        ),
        MetricRow("hz", "redis_hz", .gauge, help: "Present rate of background tasks a second."),
        MetricRow(
            "server_time_usec", "redis_server_time_seconds", .gauge, .seconds, from: .microseconds, since: "Redis 6.2",
            help: "Clock of the server in seconds since 1970."
        ),
        MetricRow(
            "clients_hz", "redis_clients_hz", .gauge, since: "Valkey 8.1",
            help: "Rate a second of the background task that looks after clients."
        ),
    ]
}

import Metrics

/// Rows for fields that only KeyDB has.
enum InfoKeyDBSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "server_threads", "redis_server_threads_total", .gauge, since: "KeyDB",
            help: "Threads of the server."
        ),
        MetricRow(
            "long_lock_waits", "redis_long_lock_waits_total", .gauge, since: "KeyDB",
            help: "Long waits for the global lock so far."
        ),
        MetricRow(
            "current_client_thread", "redis_current_client_thread", .gauge, since: "KeyDB",
            help: "Thread that serves this connection."
        ),
        MetricRow(
            "cached_keys", "redis_cached_keys_total", .counter, since: "KeyDB",
            help: "Keys that are in memory and on disk."
        ),
        MetricRow(
            "storage_provider_read_hits", "redis_storage_provider_read_hits", .counter, since: "KeyDB",
            help: "Reads from the storage that found the key."
        ),
        MetricRow(
            "storage_provider_read_misses", "redis_storage_provider_read_misses", .counter, since: "KeyDB",
            help: "Reads from the storage that did not find the key."
        ),
    ]
}

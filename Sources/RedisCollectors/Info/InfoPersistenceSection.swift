import Metrics

/// Rows for the section Persistence of INFO.
enum InfoPersistenceSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "loading", "redis_loading_dump_file", .gauge,
            help: "Whether the server is loading its data from disk."
        ),
        MetricRow(
            "async_loading", "redis_async_loading", .gauge, since: "Redis 7.0",
            help: "Whether a replica loads a synchronisation while it goes on serving old data."
        ),
        MetricRow(
            "rdb_changes_since_last_save", "redis_rdb_changes_since_last_save", .gauge,
            help: "Changes since the last snapshot."
        ),
        MetricRow(
            "rdb_bgsave_in_progress", "redis_rdb_bgsave_in_progress", .gauge,
            help: "Whether a snapshot is being written."
        ),
        MetricRow(
            "rdb_last_save_time", "redis_rdb_last_save_timestamp_seconds", .gauge, .seconds,
            help: "When the last good snapshot was made, in seconds since 1970."
        ),
        MetricRow(
            "rdb_last_bgsave_status", "redis_rdb_last_bgsave_status", .gauge,
            help: "Whether the last snapshot was good."
        ),
        MetricRow(
            "rdb_last_bgsave_time_sec", "redis_rdb_last_bgsave_duration_sec", .gauge, .seconds,
            help: "Seconds that the last snapshot took, -1 if there was none."
        ),
        MetricRow(
            "rdb_current_bgsave_time_sec", "redis_rdb_current_bgsave_duration_sec", .gauge, .seconds,
            help: "Seconds since the snapshot in progress began, -1 if there is none."
        ),
        MetricRow(
            "rdb_saves", "redis_rdb_saves_total", .gauge, since: "Redis 7.0",
            help: "Snapshots since the server started."
        ),
        MetricRow(
            "rdb_last_cow_size", "redis_rdb_last_cow_size_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes copied on write during the last snapshot."
        ),
        MetricRow(
            "rdb_last_load_keys_expired", "redis_rdb_last_load_expired_keys", .gauge, since: "Redis 7.0",
            help: "Keys that were left out as expired when data was loaded last."
        ),
        MetricRow(
            "rdb_last_load_keys_loaded", "redis_rdb_last_load_loaded_keys", .gauge, since: "Redis 7.0",
            help: "Keys that were loaded when data was loaded last."
        ),
        MetricRow("aof_enabled", "redis_aof_enabled", .gauge, help: "Whether the append-only file is switched on."),
        MetricRow(
            "aof_rewrite_in_progress", "redis_aof_rewrite_in_progress", .gauge,
            help: "Whether the append-only file is being rewritten."
        ),
        MetricRow(
            "aof_rewrite_scheduled", "redis_aof_rewrite_scheduled", .gauge,
            help: "Whether a rewrite of the append-only file waits for a snapshot to end."
        ),
        MetricRow(
            "aof_last_rewrite_time_sec", "redis_aof_last_rewrite_duration_sec", .gauge, .seconds,
            help: "Seconds that the last rewrite of the append-only file took, -1 if there was none."
        ),
        MetricRow(
            "aof_current_rewrite_time_sec", "redis_aof_current_rewrite_duration_sec", .gauge, .seconds,
            help: "Seconds since the rewrite in progress began, -1 if there is none."
        ),
        MetricRow(
            "aof_last_cow_size", "redis_aof_last_cow_size_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes copied on write during the last rewrite of the append-only file."
        ),
        MetricRow(
            "aof_current_size", "redis_aof_current_size_bytes", .gauge, .bytes,
            help: "Size of the append-only file in bytes."
        ),
        MetricRow(
            "aof_base_size", "redis_aof_base_size_bytes", .gauge, .bytes,
            help: "Size of the append-only file after the last start or rewrite, in bytes."
        ),
        MetricRow(
            "aof_pending_rewrite", "redis_aof_pending_rewrite", .gauge,
            help: "Whether a rewrite of the append-only file was asked for."
        ),
        MetricRow(
            "aof_buffer_length", "redis_aof_buffer_length", .gauge, .bytes,
            help: "Bytes in the buffer of the append-only file."
        ),
        MetricRow(
            "aof_rewrite_buffer_length", "redis_aof_rewrite_buffer_length", .gauge, .bytes,
            help: "Bytes in the buffer of the rewrite; gone since Redis 7.0."
        ),
        MetricRow(
            "aof_pending_bio_fsync", "redis_aof_pending_bio_fsync", .gauge,
            help: "Calls of fsync that wait in the background queue."
        ),
        MetricRow(
            "aof_delayed_fsync", "redis_aof_delayed_fsync", .gauge,
            help: "Writes that had to wait for a call of fsync so far."
        ),
        MetricRow(
            "aof_last_bgrewrite_status", "redis_aof_last_bgrewrite_status", .gauge,
            help: "Whether the last rewrite of the append-only file was good."
        ),
        MetricRow(
            "aof_last_write_status", "redis_aof_last_write_status", .gauge,
            help: "Whether the last write to the append-only file was good."
        ),
        MetricRow(
            "module_fork_in_progress", "redis_module_fork_in_progress", .gauge, since: "Redis 6.0",
            help: "Whether a module has forked the server."
        ),
        MetricRow(
            "module_fork_last_cow_size", "redis_module_fork_last_cow_size", .gauge, .bytes, since: "Redis 6.0",
            help: "Bytes copied on write during the last fork of a module."
        ),
        MetricRow(
            "current_cow_peak", "redis_current_cow_peak_bytes", .gauge, .bytes, since: "Redis 6.2",
            help: "Most bytes copied on write during the fork in progress."
        ),
        MetricRow(
            "current_cow_size", "redis_current_cow_size_bytes", .gauge, .bytes, since: "Redis 6.2",
            help: "Bytes copied on write during the fork in progress."
        ),
        MetricRow(
            "current_cow_size_age", "redis_current_cow_size_age_seconds", .gauge, .seconds, since: "Redis 6.2",
            help: "Age of the count of bytes copied on write, in seconds."
        ),
        MetricRow(
            "current_fork_perc", "redis_current_fork_progress_ratio", .gauge, .ratio, from: .percent,
            since: "Redis 6.2",
            help: "Share of the fork's work that is done."
        ),
        MetricRow(
            "current_save_keys_processed", "redis_current_save_keys_processed", .gauge, since: "Redis 6.2",
            help: "Keys that the save in progress has written."
        ),
        MetricRow(
            "current_save_keys_total", "redis_current_save_keys_at_start", .gauge, since: "Redis 6.2",
            help: "Keys there were when the save in progress began."
        ),
        MetricRow(
            "aof_rewrites", "redis_aof_rewrites_total", .counter, since: "Redis 7.0",
            help: "Rewrites of the append-only file since the server started."
        ),
        MetricRow(
            "aof_rewrites_consecutive_failures", "redis_aof_rewrite_consecutive_failures", .gauge, since: "Redis 7.0",
            help: "Rewrites of the append-only file that failed since the last good one."
        ),
        MetricRow(
            "slot_migration_fork_in_progress", "redis_slot_migration_fork_in_progress", .gauge, since: "Valkey 9.0",
            help: "Whether a fork sends slots to another node."
        ),
        MetricRow(
            "loading_start_time", "redis_loading_start_timestamp_seconds", .gauge, .seconds,
            help: "When loading began, in seconds since 1970."
        ),
        MetricRow(
            "loading_total_bytes", "redis_loading_file_size_bytes", .gauge, .bytes,
            help: "Size of the file being loaded, in bytes."
        ),
        MetricRow(
            "loading_loaded_bytes", "redis_loading_loaded_bytes", .gauge, .bytes,
            help: "Bytes of the file that are loaded."
        ),
        MetricRow(
            "loading_rdb_used_mem", "redis_loading_rdb_used_memory_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes the server that wrote the file used for its data."
        ),
        MetricRow(
            "loading_eta_seconds", "redis_loading_remaining_seconds", .gauge, .seconds,
            help: "Estimated seconds until loading is done."
        ),
    ]
}

import Metrics

/// Rows for the section Replication of INFO that are one number each.
enum InfoReplicationSection {
    static let rows: [MetricRow] = [
        MetricRow("connected_slaves", "redis_connected_slaves", .gauge, help: "Replicas that are connected."),
        MetricRow(
            "repl_backlog_size", "redis_replication_backlog_bytes", .gauge, .bytes,
            help: "Configured size of the replication backlog in bytes."
        ),
        MetricRow(
            "repl_backlog_active", "redis_repl_backlog_is_active", .gauge,
            help: "Whether there is a replication backlog."
        ),
        MetricRow(
            "repl_backlog_first_byte_offset", "redis_repl_backlog_first_byte_offset", .gauge,
            help: "Replication offset of the first byte in the backlog."
        ),
        MetricRow(
            "repl_backlog_histlen", "redis_repl_backlog_history_bytes", .gauge, .bytes,
            help: "Bytes of data in the replication backlog."
        ),
        MetricRow("master_repl_offset", "redis_master_repl_offset", .gauge, help: "Replication offset of this server."),
        MetricRow(
            "second_repl_offset", "redis_second_repl_offset", .gauge, since: "Redis 4.0",
            help: "Offset up to which the identifier of the former master is accepted, -1 for none."
        ),
        MetricRow(
            "slave_expires_tracked_keys", "redis_slave_expires_tracked_keys", .gauge, since: "Redis 4.0",
            help: "Keys with a time to live that a writable replica looks after itself."
        ),
        MetricRow(
            "slave_priority", "redis_slave_priority", .gauge,
            help: "Rank of this replica when Sentinel looks for a new master, lowest first and zero for never."
        ),
        MetricRow("sync_full", "redis_replica_resyncs_full", .gauge, help: "Full synchronisations of replicas so far."),
        MetricRow(
            "sync_partial_ok", "redis_replica_partial_resync_accepted", .gauge,
            help: "Partial synchronisations of replicas that were accepted so far."
        ),
        MetricRow(
            "sync_partial_err", "redis_replica_partial_resync_denied", .gauge,
            help: "Partial synchronisations of replicas that were denied so far."
        ),
        MetricRow(
            "min_slaves_good_slaves", "redis_good_slaves", .gauge,
            help: "Replicas that answer quickly enough to count for min-replicas-to-write."
        ),
        MetricRow(
            "slave_read_repl_offset", "redis_slave_read_repl_offset_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Replication offset up to which this replica has read from its master."
        ),
        MetricRow(
            "replica_announced", "redis_replica_announced", .gauge, since: "Redis 6.2",
            help: "Whether Sentinel is told of this replica."
        ),
        MetricRow(
            "master_link_down_since_seconds", "redis_master_link_down_since_seconds", .gauge, .seconds,
            help: "Seconds since the link to the master went down; there only while it is down, -1 if it never was up."
        ),
        MetricRow(
            "master_sync_total_bytes", "redis_master_sync_size_bytes", .gauge, .bytes, since: "Redis 6.2",
            help: "Bytes of the synchronisation in progress, zero if unknown."
        ),
        MetricRow(
            "master_sync_read_bytes", "redis_master_sync_read_bytes", .gauge, .bytes, since: "Redis 6.2",
            help: "Bytes read of the synchronisation in progress."
        ),
        MetricRow(
            "master_sync_left_bytes", "redis_master_sync_left_bytes", .gauge, .bytes,
            help: "Bytes left of the synchronisation in progress, negative if the size is unknown."
        ),
        MetricRow(
            "master_sync_last_io_seconds_ago", "redis_master_sync_last_io_ago_seconds", .gauge, .seconds,
            help: "Seconds since the last transfer of the synchronisation in progress."
        ),
        MetricRow(
            "replica_full_sync_buffer_size", "redis_replica_full_sync_buffer_size_bytes", .gauge, .bytes,
            since: "Redis 8.0",
            help: "Bytes that this replica holds back while it loads a full synchronisation."
        ),
        MetricRow(
            "replica_full_sync_buffer_peak", "redis_replica_full_sync_buffer_peak_bytes", .gauge, .bytes,
            since: "Redis 8.0",
            help: "Most bytes that this replica held back during a full synchronisation."
        ),
        MetricRow(
            "replicas_waiting_psync", "redis_replicas_waiting_psync", .gauge, since: "Valkey 8.0",
            help: "Replicas that load a snapshot and have not yet asked for what follows."
        ),
        MetricRow(
            "replicas_repl_buffer_size", "redis_replicas_replication_buffer_size_bytes", .gauge, .bytes,
            since: "Valkey 8.0",
            help: "Bytes that this replica holds back while it loads a snapshot."
        ),
        MetricRow(
            "replicas_repl_buffer_peak", "redis_replicas_replication_buffer_peak_bytes", .gauge, .bytes,
            since: "Valkey 8.0",
            help: "Most bytes that this replica held back while it loaded a snapshot."
        ),
    ]
}

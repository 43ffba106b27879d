import Metrics

/// Rows for the section Stats of INFO.
enum InfoStatsSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "expired_stale_perc", "redis_expired_stale_percentage", .gauge, .percent, since: "Redis 5.0",
            help: "Estimated percentage of keys that have expired and are still there."
        ),
        MetricRow(
            "migrate_cached_sockets", "redis_migrate_cached_sockets_total", .gauge,
            help: "Connections kept open for MIGRATE."
        ),
        MetricRow(
            "active_defrag_hits", "redis_defrag_hits", .gauge, since: "Redis 4.0",
            help: "Values moved by defragmentation so far."
        ),
        MetricRow(
            "active_defrag_misses", "redis_defrag_misses", .gauge, since: "Redis 4.0",
            help: "Moves of values that defragmentation gave up so far."
        ),
        MetricRow(
            "active_defrag_key_hits", "redis_defrag_key_hits", .gauge, since: "Redis 4.0",
            help: "Keys that were defragmented so far."
        ),
        MetricRow(
            "active_defrag_key_misses", "redis_defrag_key_misses", .gauge, since: "Redis 4.0",
            help: "Keys that defragmentation left alone so far."
        ),
        MetricRow(
            "current_eviction_exceeded_time", "redis_current_eviction_exceeded_time_ms", .gauge, .milliseconds,
            since: "Redis 7.0",
            help: "Milliseconds since the limit of memory was exceeded, zero if it is not."
        ),
        MetricRow("pubsub_channels", "redis_pubsub_channels", .gauge, help: "Channels with a subscriber."),
        MetricRow("pubsub_patterns", "redis_pubsub_patterns", .gauge, help: "Patterns with a subscriber."),
        MetricRow(
            "pubsubshard_channels", "redis_pubsubshard_channels", .gauge, since: "Redis 7.0.3",
            help: "Shard channels with a subscriber."
        ),
        MetricRow(
            "latest_fork_usec", "redis_latest_fork_seconds", .gauge, .seconds, from: .microseconds,
            help: "Seconds that the last fork took."
        ),
        MetricRow(
            "tracking_total_keys", "redis_tracking_total_keys", .gauge, since: "Redis 6.0",
            help: "Keys tracked for client-side caching."
        ),
        MetricRow(
            "tracking_total_items", "redis_tracking_total_items", .gauge, since: "Redis 6.0",
            help: "Pairs of key and client tracked for client-side caching."
        ),
        MetricRow(
            "tracking_total_prefixes", "redis_tracking_total_prefixes", .gauge, since: "Redis 6.0",
            help: "Prefixes tracked for client-side caching in broadcasting mode."
        ),
        MetricRow(
            "instantaneous_eventloop_cycles_per_sec", "redis_instantaneous_eventloop_cycles_per_sec", .gauge,
            since: "Redis 7.2",
            help: "Cycles of the event loop a second, lately."
        ),
        MetricRow(
            "instantaneous_eventloop_duration_usec", "redis_instantaneous_eventloop_duration_usec", .gauge,
            .microseconds, since: "Redis 7.2",
            help: "Microseconds that a cycle of the event loop takes, lately."
        ),
        MetricRow(
            "total_connections_received", "redis_connections_received_total", .counter,
            help: "Connections accepted."
        ),
        MetricRow("total_commands_processed", "redis_commands_processed_total", .counter, help: "Commands processed."),
        MetricRow(
            "rejected_connections", "redis_rejected_connections_total", .counter,
            help: "Connections rejected because of the limit of clients."
        ),
        MetricRow(
            "total_net_input_bytes", "redis_net_input_bytes_total", .counter, .bytes,
            help: "Bytes read from the network."
        ),
        MetricRow(
            "total_net_output_bytes", "redis_net_output_bytes_total", .counter, .bytes,
            help: "Bytes written to the network."
        ),
        MetricRow(
            "total_net_repl_input_bytes", "redis_net_repl_input_bytes_total", .counter, .bytes, since: "Redis 7.0",
            help: "Bytes of replication read from the network."
        ),
        MetricRow(
            "total_net_repl_output_bytes", "redis_net_repl_output_bytes_total", .counter, .bytes, since: "Redis 7.0",
            help: "Bytes of replication written to the network."
        ),
        MetricRow(
            "expired_subkeys", "redis_expired_subkeys_total", .counter, since: "Redis 7.4",
            help: "Fields of hashes that expired."
        ),
        MetricRow("expired_keys", "redis_expired_keys_total", .counter, help: "Keys that expired."),
        MetricRow(
            "expired_time_cap_reached_count", "redis_expired_time_cap_reached_total", .counter, since: "Redis 5.0",
            help: "Times that the search for expired keys used up its share of time."
        ),
        MetricRow(
            "expire_cycle_cpu_milliseconds", "redis_expire_cycle_cpu_time_ms_total", .counter, .milliseconds,
            since: "Redis 6.0",
            help: "Milliseconds of CPU spent on expired keys."
        ),
        MetricRow(
            "evicted_keys", "redis_evicted_keys_total", .counter,
            help: "Keys evicted because of the limit of memory."
        ),
        MetricRow(
            "evicted_clients", "redis_evicted_clients_total", .counter, since: "Redis 7.0",
            help: "Clients evicted because of the limit of memory for clients."
        ),
        MetricRow(
            "evicted_scripts", "redis_evicted_scripts_total", .counter, since: "Redis 7.4",
            help: "EVAL scripts evicted from the cache."
        ),
        MetricRow(
            "total_eviction_exceeded_time", "redis_eviction_exceeded_time_ms_total", .counter, .milliseconds,
            since: "Redis 7.0",
            help: "Milliseconds during which the limit of memory was exceeded."
        ),
        MetricRow("keyspace_hits", "redis_keyspace_hits_total", .counter, help: "Lookups of keys that were there."),
        MetricRow(
            "keyspace_misses", "redis_keyspace_misses_total", .counter,
            help: "Lookups of keys that were not there."
        ),
        MetricRow(
            "eventloop_cycles", "redis_eventloop_cycles_total", .counter, since: "Redis 7.2",
            help: "Cycles of the event loop."
        ),
        MetricRow(
            "eventloop_duration_sum", "redis_eventloop_duration_sum_usec_total", .counter, .microseconds,
            since: "Redis 7.2",
            help: "Microseconds spent in the event loop."
        ),
        MetricRow(
            "eventloop_duration_cmd_sum", "redis_eventloop_duration_cmd_sum_usec_total", .counter, .microseconds,
            since: "Redis 7.2",
            help: "Microseconds spent in commands."
        ),
        MetricRow(
            "unexpected_error_replies", "redis_unexpected_error_replies", .counter, since: "Redis 6.0",
            help: "Error replies to a master or a replica, which there should never be."
        ),
        MetricRow(
            "total_error_replies", "redis_total_error_replies", .counter, since: "Redis 6.2",
            help: "Error replies: rejected commands and failed ones."
        ),
        MetricRow(
            "dump_payload_sanitizations", "redis_dump_payload_sanitizations", .counter, since: "Redis 6.2",
            help: "Deep checks of serialised values."
        ),
        MetricRow(
            "total_reads_processed", "redis_total_reads_processed", .counter, since: "Redis 6.0",
            help: "Reads from sockets."
        ),
        MetricRow(
            "total_writes_processed", "redis_total_writes_processed", .counter, since: "Redis 6.0",
            help: "Writes to sockets."
        ),
        MetricRow(
            "io_threaded_reads_processed", "redis_io_threaded_reads_processed", .counter, since: "Redis 6.0",
            help: "Reads from sockets by threads other than the main one."
        ),
        MetricRow(
            "io_threaded_writes_processed", "redis_io_threaded_writes_processed", .counter, since: "Redis 6.0",
            help: "Writes to sockets by threads other than the main one."
        ),
        MetricRow(
            "client_query_buffer_limit_disconnections", "redis_client_query_buffer_limit_disconnections_total",
            .counter, since: "Redis 7.4",
            help: "Clients disconnected because of the limit of their query buffer."
        ),
        MetricRow(
            "client_output_buffer_limit_disconnections", "redis_client_output_buffer_limit_disconnections_total",
            .counter, since: "Redis 7.4",
            help: "Clients disconnected because of the limit of their output buffer."
        ),
        MetricRow(
            "reply_buffer_shrinks", "redis_reply_buffer_shrinks_total", .counter, since: "Redis 7.0",
            help: "Times that a reply buffer was made smaller."
        ),
        MetricRow(
            "reply_buffer_expands", "redis_reply_buffer_expands_total", .counter, since: "Redis 7.0",
            help: "Times that a reply buffer was made larger."
        ),
        MetricRow(
            "acl_access_denied_auth", "redis_acl_access_denied_auth_total", .counter, since: "Redis 7.2",
            help: "Failed authentications."
        ),
        MetricRow(
            "acl_access_denied_cmd", "redis_acl_access_denied_cmd_total", .counter, since: "Redis 7.2",
            help: "Commands refused because the user may not run them."
        ),
        MetricRow(
            "acl_access_denied_key", "redis_acl_access_denied_key_total", .counter, since: "Redis 7.2",
            help: "Commands refused because the user may not use the key."
        ),
        MetricRow(
            "acl_access_denied_channel", "redis_acl_access_denied_channel_total", .counter, since: "Redis 7.2",
            help: "Commands refused because the user may not use the channel."
        ),
        MetricRow(
            "acl_access_denied_tls_cert", "redis_acl_access_denied_tls_cert_total", .counter, since: "Valkey 9.0",
            help: "Authentications by client certificate that failed."
        ),
        MetricRow(
            "acl_access_denied_db", "redis_acl_access_denied_db_total", .counter, since: "Valkey 9.1",
            help: "Commands refused because the user may not use the database."
        ),
        MetricRow(
            "instantaneous_ops_per_sec", "redis_instantaneous_ops_per_second", .gauge,
            help: "Commands a second, lately, as the server measures it."
        ),
        MetricRow(
            "instantaneous_input_kbps", "redis_instantaneous_input_bytes_per_second", .gauge, .bytes, from: .kibibytes,
            help: "Bytes a second read from the network, lately, as the server measures it."
        ),
        MetricRow(
            "instantaneous_output_kbps", "redis_instantaneous_output_bytes_per_second", .gauge, .bytes,
            from: .kibibytes,
            help: "Bytes a second written to the network, lately, as the server measures it."
        ),
        MetricRow(
            "instantaneous_input_repl_kbps", "redis_instantaneous_input_replication_bytes_per_second", .gauge, .bytes,
            from: .kibibytes, since: "Redis 7.0",
            help: "Bytes a second of replication read from the network, lately, as the server measures it."
        ),
        MetricRow(
            "instantaneous_output_repl_kbps", "redis_instantaneous_output_replication_bytes_per_second", .gauge, .bytes,
            from: .kibibytes, since: "Redis 7.0",
            help: "Bytes a second of replication written to the network, lately, as the server measures it."
        ),
        MetricRow(
            "total_forks", "redis_forks_total", .counter, since: "Redis 6.2",
            help: "Forks of the server process."
        ),
        MetricRow(
            "total_active_defrag_time", "redis_active_defrag_seconds_total", .counter, .seconds, from: .milliseconds,
            since: "Redis 7.0",
            help: "Seconds during which fragmentation was above its limit."
        ),
        MetricRow(
            "current_active_defrag_time", "redis_current_active_defrag_seconds", .gauge, .seconds, from: .milliseconds,
            since: "Redis 7.0",
            help: "Seconds since fragmentation went above its limit, zero if it has not."
        ),
        MetricRow(
            "expired_fields", "redis_expired_fields_total", .counter, since: "Valkey 9.0",
            help: "Fields of hashes that expired."
        ),
        MetricRow(
            "expired_keys_with_volatile_items_stale_perc", "redis_expired_keys_with_expiring_fields_stale_ratio",
            .gauge, .ratio, from: .percent, since: "Valkey 9.0",
            help: "Estimated share of keys with expired fields that are still there."
        ),
        MetricRow(
            "total_net_cluster_slot_import_bytes", "redis_net_cluster_slot_import_bytes_total", .counter, .bytes,
            since: "Valkey 9.0",
            help: "Bytes received for slots that moved to this node."
        ),
        MetricRow(
            "total_net_cluster_slot_export_bytes", "redis_net_cluster_slot_export_bytes_total", .counter, .bytes,
            since: "Valkey 9.0",
            help: "Bytes sent for slots that moved away from this node."
        ),
        MetricRow(
            "io_threaded_freed_objects", "redis_io_threaded_freed_objects_total", .counter, since: "Valkey 8.0",
            help: "Objects freed by threads other than the main one."
        ),
        MetricRow(
            "io_threaded_accept_processed", "redis_io_threaded_accepts_total", .counter, since: "Valkey 8.1",
            help: "Connections accepted by threads other than the main one."
        ),
        MetricRow(
            "io_threaded_poll_processed", "redis_io_threaded_polls_total", .counter, since: "Valkey 8.0",
            help: "Polls of sockets by threads other than the main one."
        ),
        MetricRow(
            "io_threaded_total_prefetch_batches", "redis_io_threaded_prefetch_batches_total", .counter,
            since: "Valkey 8.0",
            help: "Batches of commands whose keys were fetched ahead."
        ),
        MetricRow(
            "io_threaded_total_prefetch_entries", "redis_io_threaded_prefetch_entries_total", .counter,
            since: "Valkey 8.0",
            help: "Keys that were fetched ahead."
        ),
    ]
}

/// How a value may differ between two scrapes that are not made at the same moment.
///
/// The scrapes are made in the order exporter, Redstart, exporter. What is not listed here must be equal in Redstart's
/// and in the first.
enum Movement {
    /// Never falls, so it lies between the first and the last scrape.
    case rises
    /// Rises for the commands that watchers and other servers send by themselves; for all others it must be equal.
    case risesForWatchers
    /// Goes up and down, by this much at most.
    case wanders(Double)
    /// Says something of the program that scrapes, so only its presence counts.
    case ofTheWatcher

    private static let mebibyte = 1_048_576.0

    /// The families that move by nature, and why.
    static let list: [(family: String, movement: Movement, reason: String)] = [
        ("redis_uptime_in_seconds", .rises, "time passes"),
        ("redis_start_time_seconds", .wanders(1), "clock less uptime, both in whole seconds: the rounding moves it"),
        ("redis_db_avg_ttl_seconds", .wanders(60), "time passes; the server averages over a sample of keys"),
        ("redis_master_last_io_seconds_ago", .wanders(60), "time passes"),
        ("redis_connected_slave_lag_seconds", .wanders(5), "seconds since the last acknowledgement"),
        ("redis_sentinel_master_last_ok_ping_reply_seconds", .wanders(5), "time since the Sentinel's last ping"),

        ("redis_commands_total", .risesForWatchers, "each scrape sends commands, and so do replicas and Sentinels"),
        ("redis_commands_duration_seconds_total", .risesForWatchers, "the same"),
        ("redis_commands_failed_calls_total", .risesForWatchers, "the same"),
        ("redis_commands_rejected_calls_total", .risesForWatchers, "the same"),
        ("redis_latency_percentiles_usec", .risesForWatchers, "the same"),
        ("redis_commands_processed_total", .rises, "the same"),
        ("redis_total_reads_processed", .rises, "the same"),
        ("redis_total_writes_processed", .rises, "the same"),
        ("redis_net_input_bytes_total", .rises, "the same"),
        ("redis_net_output_bytes_total", .rises, "the same"),
        ("redis_connections_received_total", .rises, "the exporter connects anew for each scrape"),
        ("redis_total_error_replies", .rises, "a Sentinel refuses commands that the exporter sends to it"),
        ("redis_connected_clients", .wanders(2), "the exporter's connection is there only while it scrapes"),
        ("redis_cpu_sys_seconds_total", .wanders(1), "scrapes take time; the kernel splits user and system by samples"),
        ("redis_cpu_user_seconds_total", .wanders(1), "the same"),
        ("redis_cpu_sys_main_thread_seconds_total", .wanders(1), "the same"),
        ("redis_cpu_user_main_thread_seconds_total", .wanders(1), "the same"),
        ("redis_cpu_sys_children_seconds_total", .wanders(1), "the same"),
        ("redis_cpu_user_children_seconds_total", .wanders(1), "the same"),

        ("redis_memory_used_bytes", .wanders(1 * mebibyte), "buffers of the connections that scrape"),
        ("redis_memory_used_dataset_bytes", .wanders(1 * mebibyte), "total less overhead, each with those buffers"),
        ("redis_memory_used_overhead_bytes", .wanders(1 * mebibyte), "the same buffers"),
        ("redis_memory_used_peak_bytes", .rises, "the same buffers"),
        ("redis_mem_clients_normal", .wanders(1 * mebibyte), "the same buffers"),
        ("redis_mem_clients_slaves", .wanders(1 * mebibyte), "buffers of the replica's connection"),
        ("redis_mem_not_counted_for_eviction_bytes", .wanders(1 * mebibyte), "the same"),
        ("redis_client_recent_max_input_buffer_bytes", .wanders(1 * mebibyte), "the maximum of the last seconds"),
        ("redis_client_recent_max_output_buffer_bytes", .wanders(1 * mebibyte), "the same"),
        ("redis_memory_used_rss_bytes", .wanders(16 * mebibyte), "pages come and go with the buffers"),
        ("redis_allocator_active_bytes", .wanders(16 * mebibyte), "sampled by the server every 100 ms"),
        ("redis_allocator_allocated_bytes", .wanders(16 * mebibyte), "the same"),
        ("redis_allocator_resident_bytes", .wanders(16 * mebibyte), "the same"),
        ("redis_allocator_frag_bytes", .wanders(16 * mebibyte), "the same"),
        ("redis_allocator_rss_bytes", .wanders(16 * mebibyte), "the same"),
        ("redis_allocator_frag_ratio", .wanders(8), "a ratio of these"),
        ("redis_allocator_rss_ratio", .wanders(8), "a ratio of these"),
        ("redis_mem_fragmentation_ratio", .wanders(8), "a ratio of these"),
        ("redis_mem_fragmentation_bytes", .wanders(16 * mebibyte), "a difference of these"),

        ("redis_master_repl_offset", .rises, "Sentinels publish on the master, and it hands that on"),
        ("redis_slave_repl_offset", .rises, "the same"),
        ("redis_connected_slave_offset_bytes", .rises, "the same"),
        ("redis_repl_backlog_history_bytes", .rises, "the same"),

        ("redis_exporter_build_info", .ofTheWatcher, "version and build of the program"),
        ("redis_exporter_last_scrape_duration_seconds", .ofTheWatcher, "time of its own scrape"),
        ("redis_exporter_last_scrape_connect_time_seconds", .ofTheWatcher, "time of its own connection"),
        ("redis_exporter_scrape_duration_seconds", .ofTheWatcher, "times of its own scrapes"),
        ("redis_exporter_scrapes_total", .ofTheWatcher, "number of its own scrapes"),
        ("process_cpu_seconds_total", .ofTheWatcher, "its process"),
        ("process_max_fds", .ofTheWatcher, "its process"),
        ("process_open_fds", .ofTheWatcher, "its process"),
        ("process_resident_memory_bytes", .ofTheWatcher, "its process"),
        ("process_start_time_seconds", .ofTheWatcher, "its process"),
        ("process_virtual_memory_bytes", .ofTheWatcher, "its process"),
        ("process_virtual_memory_max_bytes", .ofTheWatcher, "its process"),
    ]

    /// The families that move besides when both programs look at keys, run scripts and list clients.
    static let listWithChecks: [(family: String, movement: Movement, reason: String)] = [
        ("redis_errors_total", .rises, "the exporter tries PFCOUNT on every string, and asks what a server refuses"),
        ("redis_keyspace_hits_total", .rises, "both programs read keys"),
        ("redis_keyspace_misses_total", .rises, "they look for a key that is not there"),
        ("redis_memory_used_lua_bytes", .wanders(mebibyte), "the garbage of scripts"),
        ("redis_memory_used_vm_eval_bytes", .wanders(mebibyte), "the same"),
        ("redis_memory_used_vm_total", .wanders(mebibyte), "the same"),
        ("redis_stream_group_consumer_idle_seconds", .wanders(60), "time passes"),
        ("redis_exporter_last_scrape_ping_time_seconds", .ofTheWatcher, "time of its own PING"),
        ("redis_last_key_groups_scrape_duration_milliseconds", .ofTheWatcher, "time of its own check"),
    ]

    /// How a family moves, by its name; with what moves because of checks, where they are made.
    static func byFamily(withChecks: Bool) -> [String: Movement] {
        let all = withChecks ? list + listWithChecks : list
        return Dictionary(all.map { ($0.family, $0.movement) }, uniquingKeysWith: { first, _ in first })
    }

    /// Commands that checks of keys, streams and scripts send.
    static let commandsOfChecks: Set<String> = [
        "dbsize", "eval", "eval_ro", "evalsha", "evalsha_ro", "get", "hlen", "llen", "memory|usage", "pfcount", "scan",
        "scard", "script|load", "strlen", "type", "xinfo|consumers", "xinfo|groups", "xinfo|stream", "xlen", "zcard",
        "exists", "pttl", "ttl", "command|info", "commandlog|len",
    ]

    /// Commands that somebody other than the test sends: both programs, replicas and Sentinels.
    static let watchersCommands: Set<String> = [
        "auth", "client", "client|list", "client|setinfo", "client|setname", "cluster|info", "config|get", "hello",
        "info", "latency|histogram", "latency|latest", "ping", "psync", "publish", "replconf", "slowlog|get",
        "slowlog|len", "subscribe", "select",
    ]
}

/// What the exporter of Debian (1.45) has and later versions, after which Redstart goes, have not or have otherwise.
enum LaterVersions {
    /// Families whose names begin so are not there by default in later versions.
    static let goneFamilies = [
        "go_", "promhttp_",
        // Now redis_connected_client_info and its kin, with values as values.
        "redis_connected_clients_details",
    ]

    /// Types that are different in 1.88.
    static let types = ["redis_expired_time_cap_reached_total": "counter"]

    /// Labels that 1.88 or Redstart adds.
    static let labels: [String: Set<String>] = [
        "redis_script_values": ["filename"],
        "redis_instance_info": ["master_replid", "valkey_version", "valkey_release_stage", "availability_zone"],
    ]
}

import Metrics

/// Rows for the section Memory of INFO, for what hosting providers add to it too.
enum InfoMemorySection {
    static let rows: [MetricRow] = [
        MetricRow(
            "allocator_active", "redis_allocator_active_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes in the allocator's active pages, fragmentation within pages included."
        ),
        MetricRow(
            "allocator_allocated", "redis_allocator_allocated_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes allocated from the allocator, its internal fragmentation included."
        ),
        MetricRow(
            "allocator_resident", "redis_allocator_resident_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes of the allocator that are resident, pages it could give back included."
        ),
        MetricRow(
            "allocator_frag_ratio", "redis_allocator_frag_ratio", .gauge, .ratio, since: "Redis 4.0",
            help: "Active bytes of the allocator divided by the bytes allocated from it."
        ),
        MetricRow(
            "allocator_frag_bytes", "redis_allocator_frag_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes lost to fragmentation within the allocator."
        ),
        MetricRow(
            "allocator_muzzy", "redis_allocator_muzzy_bytes", .gauge, .bytes, since: "Redis 7.4",
            help: "Bytes that the allocator has offered back and the system has not yet taken."
        ),
        MetricRow(
            "allocator_rss_ratio", "redis_allocator_rss_ratio", .gauge, .ratio, since: "Redis 4.0",
            help: "Resident bytes of the allocator divided by its active bytes."
        ),
        MetricRow(
            "allocator_rss_bytes", "redis_allocator_rss_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Resident bytes that the allocator could give back to the system."
        ),
        MetricRow("used_memory", "redis_memory_used_bytes", .gauge, .bytes, help: "Bytes allocated by the server."),
        MetricRow(
            "used_memory_rss", "redis_memory_used_rss_bytes", .gauge, .bytes,
            help: "Bytes of the server that are resident, as the operating system counts them."
        ),
        MetricRow(
            "used_memory_peak", "redis_memory_used_peak_bytes", .gauge, .bytes,
            help: "Most bytes ever allocated by the server."
        ),
        MetricRow(
            "used_memory_lua", "redis_memory_used_lua_bytes", .gauge, .bytes,
            help: "Bytes used by the Lua engine for scripts."
        ),
        MetricRow(
            "used_memory_vm_eval", "redis_memory_used_vm_eval_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes used by the virtual machine of EVAL scripts, outside the server's own count."
        ),
        MetricRow(
            "used_memory_scripts_eval", "redis_memory_used_scripts_eval_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes that the cached EVAL scripts take."
        ),
        MetricRow(
            "used_memory_overhead", "redis_memory_used_overhead_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes that are not the data itself: buffers, tables, other structures."
        ),
        MetricRow(
            "used_memory_startup", "redis_memory_used_startup_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes allocated when the server had just started."
        ),
        MetricRow(
            "used_memory_dataset", "redis_memory_used_dataset_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes of the data itself."
        ),
        MetricRow(
            "number_of_cached_scripts", "redis_number_of_cached_scripts", .gauge, since: "Redis 4.0",
            help: "EVAL scripts in the cache."
        ),
        MetricRow(
            "number_of_functions", "redis_number_of_functions", .gauge, since: "Redis 7.0",
            help: "Functions that are loaded."
        ),
        MetricRow(
            "number_of_libraries", "redis_number_of_libraries", .gauge, since: "Redis 7.0",
            help: "Function libraries that are loaded."
        ),
        MetricRow(
            "used_memory_vm_functions", "redis_memory_used_vm_functions_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes used by the virtual machine of functions, outside the server's own count."
        ),
        MetricRow(
            "used_memory_scripts", "redis_memory_used_scripts_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes that scripts and functions take."
        ),
        MetricRow(
            "used_memory_functions", "redis_memory_used_functions_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes that functions take."
        ),
        MetricRow(
            "used_memory_vm_total", "redis_memory_used_vm_total", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes used by the virtual machines of scripts and functions together."
        ),
        MetricRow(
            "maxmemory", "redis_memory_max_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Limit of memory in bytes, zero for none."
        ),
        MetricRow(
            "maxmemory_reservation", "redis_memory_max_reservation_bytes", .gauge, .bytes, since: "Azure",
            help: "Bytes set aside for what is not data, such as failover."
        ),
        MetricRow(
            "maxmemory_desired_reservation", "redis_memory_max_reservation_desired_bytes", .gauge, .bytes,
            since: "Azure",
            help: "Bytes that were asked to be set aside for what is not data."
        ),
        MetricRow(
            "maxfragmentationmemory_reservation", "redis_memory_max_fragmentation_reservation_bytes", .gauge, .bytes,
            since: "Azure",
            help: "Bytes set aside for fragmentation."
        ),
        MetricRow(
            "maxfragmentationmemory_desired_reservation", "redis_memory_max_fragmentation_reservation_desired_bytes",
            .gauge, .bytes, since: "Azure",
            help: "Bytes that were asked to be set aside for fragmentation."
        ),
        MetricRow(
            "mem_fragmentation_ratio", "redis_mem_fragmentation_ratio", .gauge, .ratio,
            help: "Resident bytes divided by allocated bytes."
        ),
        MetricRow(
            "mem_fragmentation_bytes", "redis_mem_fragmentation_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Resident bytes less allocated bytes."
        ),
        MetricRow(
            "mem_clients_slaves", "redis_mem_clients_slaves", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes in the buffers of replicas beyond the shared backlog."
        ),
        MetricRow(
            "mem_clients_normal", "redis_mem_clients_normal", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes in the buffers of clients that are not replicas."
        ),
        MetricRow(
            "mem_cluster_links", "redis_mem_cluster_links_bytes", .gauge, .bytes, since: "Redis 7.0",
            help: "Bytes in the links between cluster nodes."
        ),
        MetricRow(
            "mem_aof_buffer", "redis_mem_aof_buffer_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes in the buffers of the append-only file."
        ),
        MetricRow(
            "mem_replication_backlog", "redis_mem_replication_backlog_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes that the replication backlog takes."
        ),
        MetricRow(
            "mem_not_counted_for_evict", "redis_mem_not_counted_for_eviction_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Bytes that do not count towards the limit of memory, mostly replication and append-only buffers."
        ),
        MetricRow(
            "mem_total_replication_buffers", "redis_mem_total_replication_buffers_bytes", .gauge, .bytes,
            since: "Redis 7.0",
            help: "Bytes in replication buffers, the backlog included."
        ),
        MetricRow(
            "mem_overhead_db_hashtable_rehashing", "redis_mem_overhead_db_hashtable_rehashing_bytes", .gauge, .bytes,
            since: "Redis 7.4",
            help: "Bytes of the tables that are being replaced by larger or smaller ones."
        ),
        MetricRow(
            "lazyfree_pending_objects", "redis_lazyfree_pending_objects", .gauge, since: "Redis 4.0",
            help: "Objects that wait to be freed in the background."
        ),
        MetricRow(
            "lazyfreed_objects", "redis_lazyfreed_objects", .gauge, since: "Redis 6.2",
            help: "Objects freed in the background so far."
        ),
        MetricRow(
            "active_defrag_running", "redis_active_defrag_running", .gauge, since: "Redis 4.0",
            help: "Whether memory is being defragmented; with some versions the percentage of CPU meant for it."
        ),
        MetricRow(
            "rss_overhead_ratio", "redis_rss_overhead_ratio", .gauge, .ratio, since: "Redis 4.0",
            help: "Resident bytes of the process divided by those of the allocator."
        ),
        MetricRow(
            "rss_overhead_bytes", "redis_rss_overhead_bytes", .gauge, .bytes, since: "Redis 4.0",
            help: "Resident bytes of the process that do not belong to the allocator."
        ),
        MetricRow(
            "mem_replica_full_sync_buffer", "redis_mem_replica_full_sync_buffer_bytes", .gauge, .bytes,
            since: "Redis 8.0",
            help: "Bytes that a replica holds back while it loads a full synchronisation."
        ),
        MetricRow(
            "mem_replicas_repl_buffer", "redis_mem_replicas_replication_buffer_bytes", .gauge, .bytes,
            since: "Valkey 8.1",
            help: "Bytes in the replication buffers that replicas keep while they synchronise."
        ),
        MetricRow(
            "mem_cluster_slot_import", "redis_mem_cluster_slot_import_bytes", .gauge, .bytes, since: "Valkey 9.0",
            help: "Bytes held for slots that move to this node."
        ),
        MetricRow(
            "mem_cluster_slot_export", "redis_mem_cluster_slot_export_bytes", .gauge, .bytes, since: "Valkey 9.0",
            help: "Bytes held for slots that move away from this node."
        ),
    ]

    /// Only with `includeSystemMetrics`.
    static let systemRows: [MetricRow] = [
        MetricRow(
            "total_system_memory", "redis_total_system_memory_bytes", .gauge, .bytes, since: "Redis 3.2",
            help: "Memory of the machine in bytes."
        )
    ]
}

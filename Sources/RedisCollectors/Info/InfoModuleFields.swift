import Metrics

/// Rows for what modules (search, Bloom filters, JSON) add to INFO; only with `includeModulesMetrics`.
enum InfoModuleFields {
    static let gaugeRows: [MetricRow] = [
        MetricRow("search_number_of_indexes", "redis_search_number_of_indexes", .gauge, help: "Search indexes."),
        MetricRow(
            "search_used_memory_indexes", "redis_search_used_memory_indexes_bytes", .gauge, .bytes,
            help: "Bytes used by search indexes."
        ),
        MetricRow("search_dialect_1", "redis_search_dialect_1", .gauge, help: "Whether an index uses query dialect 1."),
        MetricRow("search_dialect_2", "redis_search_dialect_2", .gauge, help: "Whether an index uses query dialect 2."),
        MetricRow("search_dialect_3", "redis_search_dialect_3", .gauge, help: "Whether an index uses query dialect 3."),
        MetricRow("search_dialect_4", "redis_search_dialect_4", .gauge, help: "Whether an index uses query dialect 4."),
        MetricRow("search_global_idle", "redis_search_global_idle", .gauge, help: "Cursors of searches that are idle."),
        MetricRow("search_global_total", "redis_search_global_total", .gauge, help: "Cursors of searches."),
        MetricRow(
            "search_bytes_collected", "redis_search_collected_bytes", .gauge, .bytes,
            help: "Bytes that the garbage collector of search indexes has collected."
        ),
        MetricRow(
            "search_number_of_active_indexes", "redis_search_number_of_active_indexes", .gauge,
            help: "Search indexes that are in use at present."
        ),
        MetricRow(
            "search_number_of_active_indexes_running_queries",
            "redis_search_number_of_active_indexes_running_queries", .gauge,
            help: "Search indexes that queries run on at present."
        ),
        MetricRow(
            "search_number_of_active_indexes_indexing", "redis_search_number_of_active_indexes_indexing", .gauge,
            help: "Search indexes that are being filled at present."
        ),
        MetricRow(
            "search_total_active_write_threads", "redis_search_total_active_write_threads", .gauge,
            help: "Threads that write to search indexes at present."
        ),
        MetricRow(
            "search_total_num_docs_in_indexes", "redis_search_total_num_docs_in_indexes", .gauge,
            help: "Documents in all search indexes together."
        ),
        MetricRow(
            "search_smallest_memory_index", "redis_search_smallest_memory_index_bytes", .gauge, .bytes,
            help: "Bytes of the smallest search index."
        ),
        MetricRow(
            "search_largest_memory_index", "redis_search_largest_memory_index_bytes", .gauge, .bytes,
            help: "Bytes of the largest search index."
        ),
        MetricRow(
            "search_used_memory_vector_index", "redis_search_used_memory_vector_index_bytes", .gauge, .bytes,
            help: "Bytes used by vector indexes."
        ),
        MetricRow(
            "search_global_idle_user", "redis_search_global_idle_user", .gauge,
            help: "Cursors of users' searches that are idle."
        ),
        MetricRow(
            "search_global_idle_internal", "redis_search_global_idle_internal", .gauge,
            help: "Cursors of the server's own searches that are idle."
        ),
        MetricRow(
            "search_global_total_user", "redis_search_global_total_user", .gauge,
            help: "Cursors of users' searches."
        ),
        MetricRow(
            "search_global_total_internal", "redis_search_global_total_internal", .gauge,
            help: "Cursors of the server's own searches."
        ),
        MetricRow(
            "search_gc_bytes_collected", "redis_search_gc_collected_bytes", .gauge, .bytes,
            help: "Bytes that the garbage collector of search indexes has collected so far."
        ),
        MetricRow(
            "search_gc_total_docs_not_collected", "redis_search_gc_total_docs_not_collected", .gauge,
            help: "Deleted documents that the garbage collector has not yet collected."
        ),
        MetricRow(
            "search_gc_marked_deleted_vectors", "redis_search_gc_marked_deleted_vectors", .gauge,
            help: "Vectors that are marked as deleted."
        ),
        MetricRow(
            "search_errors_indexing_failures", "redis_search_errors_indexing_failures", .gauge,
            help: "Documents that could not be indexed."
        ),
        MetricRow(
            "bf_bloom_total_memory_bytes", "redis_bf_bloom_total_memory_bytes", .gauge, .bytes,
            help: "Bytes used by Bloom filters."
        ),
        MetricRow("bf_bloom_num_objects", "redis_bf_bloom_num_objects", .gauge, help: "Keys that hold Bloom filters."),
        MetricRow(
            "bf_bloom_num_filters_across_objects", "redis_bf_bloom_num_filters_across_objects", .gauge,
            help: "Bloom filters in all keys together."
        ),
        MetricRow(
            "bf_bloom_num_items_across_objects", "redis_bf_bloom_num_items_across_objects", .gauge,
            help: "Items in all Bloom filters together."
        ),
        MetricRow(
            "bf_bloom_capacity_across_objects", "redis_bf_bloom_capacity_across_objects", .gauge,
            help: "Items for which all Bloom filters together have room."
        ),
        MetricRow(
            "json_total_memory_bytes", "redis_json_total_memory_bytes", .gauge, .bytes,
            help: "Bytes used by JSON documents."
        ),
        MetricRow("json_num_documents", "redis_json_num_documents", .gauge, help: "JSON documents."),
        MetricRow(
            "search_used_memory_bytes", "redis_search_used_memory_bytes", .gauge, .bytes,
            help: "Bytes used by the search module."
        ),
        MetricRow(
            "search_number_of_attributes", "redis_search_number_of_attributes", .gauge,
            help: "Attributes of all search indexes together."
        ),
        MetricRow(
            "search_total_indexed_documents", "redis_search_total_indexed_documents", .gauge,
            help: "Documents indexed by the search module."
        ),
        MetricRow(
            "search_query_queue_size", "redis_search_query_queue_size", .gauge,
            help: "Queries that wait for a thread."
        ),
        MetricRow(
            "search_writer_queue_size", "redis_search_writer_queue_size", .gauge,
            help: "Changes that wait to be indexed."
        ),
        MetricRow(
            "search_string_interning_store_size", "redis_search_string_interning_store_size", .gauge,
            help: "Strings that the search module shares."
        ),
        MetricRow(
            "search_vector_externing_hash_extern_errors", "redis_search_vector_externing_hash_extern_errors", .gauge,
            help: "Errors when vectors were shared with the server."
        ),
        MetricRow(
            "search_vector_externing_num_lru_entries", "redis_search_vector_externing_num_lru_entries", .gauge,
            help: "Vectors in the list of those shared with the server."
        ),
    ]

    static let counterRows: [MetricRow] = [
        MetricRow(
            "search_total_indexing_time", "redis_search_indexing_time_ms_total", .counter, .milliseconds,
            help: "Milliseconds spent on indexing."
        ),
        MetricRow(
            "search_total_cycles", "redis_search_cycles_total", .counter,
            help: "Cycles of the garbage collector of search indexes."
        ),
        MetricRow(
            "search_total_ms_run", "redis_search_run_ms_total", .counter, .milliseconds,
            help: "Milliseconds spent in the garbage collector of search indexes."
        ),
        MetricRow(
            "search_gc_total_cycles", "redis_search_gc_cycles_total", .counter,
            help: "Cycles of the garbage collector of search indexes, as newer versions count them."
        ),
        MetricRow(
            "search_gc_total_ms_run", "redis_search_gc_run_ms_total", .counter, .milliseconds,
            help: "Milliseconds spent in the garbage collector of search indexes, as newer versions count them."
        ),
        MetricRow(
            "search_total_queries_processed", "redis_search_queries_processed_total", .counter,
            help: "Searches processed."
        ),
        MetricRow(
            "search_total_query_commands", "redis_search_query_commands_total", .counter,
            help: "Search commands processed."
        ),
        MetricRow(
            "search_total_query_execution_time_ms",
            "redis_search_query_execution_time_ms_total", .counter, .milliseconds,
            help: "Milliseconds spent on searches."
        ),
        MetricRow(
            "search_total_active_queries", "redis_search_active_queries_total", .counter,
            help: "Searches that run at present, although this counts as a counter."
        ),
        MetricRow(
            "bf_bloom_defrag_hits", "redis_bf_bloom_defrag_hits_total", .counter,
            help: "Values of Bloom filters moved by defragmentation."
        ),
        MetricRow(
            "bf_bloom_defrag_misses", "redis_bf_bloom_defrag_misses_total", .counter,
            help: "Moves of values of Bloom filters that defragmentation gave up."
        ),
        MetricRow(
            "search_worker_pool_suspend_cnt", "redis_search_worker_pool_suspend_count", .counter,
            help: "Times that the pool of workers was suspended."
        ),
        MetricRow(
            "search_writer_resumed_cnt", "redis_search_writer_resumed_count", .counter,
            help: "Times that writers were resumed."
        ),
        MetricRow(
            "search_reader_resumed_cnt", "redis_search_reader_resumed_count", .counter,
            help: "Times that readers were resumed."
        ),
        MetricRow(
            "search_writer_suspension_expired_cnt", "redis_search_writer_suspension_expired_count", .counter,
            help: "Times that the suspension of writers expired."
        ),
        MetricRow(
            "search_rdb_load_success_cnt", "redis_search_rdb_load_success_count", .counter,
            help: "Loads of search indexes from a snapshot that were good."
        ),
        MetricRow(
            "search_rdb_load_failure_cnt", "redis_search_rdb_load_failure_count", .counter,
            help: "Loads of search indexes from a snapshot that failed."
        ),
        MetricRow(
            "search_rdb_save_success_cnt", "redis_search_rdb_save_success_count", .counter,
            help: "Saves of search indexes to a snapshot that were good."
        ),
        MetricRow(
            "search_rdb_save_failure_cnt", "redis_search_rdb_save_failure_count", .counter,
            help: "Saves of search indexes to a snapshot that failed."
        ),
        MetricRow(
            "search_successful_requests_count", "redis_search_successful_requests_count", .counter,
            help: "Searches that were good."
        ),
        MetricRow(
            "search_failure_requests_count", "redis_search_failure_requests_count", .counter,
            help: "Searches that failed."
        ),
        MetricRow(
            "search_hybrid_requests_count", "redis_search_hybrid_requests_count", .counter,
            help: "Searches by vector and by other conditions at once."
        ),
        MetricRow(
            "search_inline_filtering_requests_count", "redis_search_inline_filtering_requests_count", .counter,
            help: "Searches whose conditions were tested while vectors were compared."
        ),
        MetricRow(
            "search_hnsw_add_exceptions_count", "redis_search_hnsw_add_exceptions_count", .counter,
            help: "Errors when vectors were added."
        ),
        MetricRow(
            "search_hnsw_remove_exceptions_count", "redis_search_hnsw_remove_exceptions_count", .counter,
            help: "Errors when vectors were removed."
        ),
        MetricRow(
            "search_hnsw_modify_exceptions_count", "redis_search_hnsw_modify_exceptions_count", .counter,
            help: "Errors when vectors were changed."
        ),
        MetricRow(
            "search_hnsw_search_exceptions_count", "redis_search_hnsw_search_exceptions_count", .counter,
            help: "Errors when vectors were looked for."
        ),
        MetricRow(
            "search_hnsw_create_exceptions_count", "redis_search_hnsw_create_exceptions_count", .counter,
            help: "Errors when a vector index was made."
        ),
        MetricRow(
            "search_vector_externing_entry_count", "redis_search_vector_externing_entry_count", .counter,
            help: "Vectors shared with the server so far."
        ),
        MetricRow(
            "search_vector_externing_generated_value_cnt",
            "redis_search_vector_externing_generated_value_count", .counter,
            help: "Vectors made again from what is shared with the server."
        ),
        MetricRow(
            "search_vector_externing_lru_promote_cnt", "redis_search_vector_externing_lru_promote_count", .counter,
            help: "Shared vectors that were used again."
        ),
        MetricRow(
            "search_vector_externing_deferred_entry_cnt",
            "redis_search_vector_externing_deferred_entry_count", .counter,
            help: "Shared vectors whose release was put off."
        ),
    ]
}

import Metrics

/// Rows for the section Scripting Engines of INFO, which Valkey has.
enum InfoScriptingEnginesSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "engines_count", "redis_scripting_engines", .gauge, since: "Valkey 8.1",
            help: "Scripting engines that are registered."
        ),
        MetricRow(
            "engines_total_used_memory", "redis_scripting_engines_used_memory_bytes", .gauge, .bytes,
            since: "Valkey 8.1",
            help: "Bytes used by scripting engines."
        ),
        MetricRow(
            "engines_total_memory_overhead", "redis_scripting_engines_memory_overhead_bytes", .gauge, .bytes,
            since: "Valkey 8.1",
            help: "Bytes of overhead of scripting engines."
        ),
    ]
}

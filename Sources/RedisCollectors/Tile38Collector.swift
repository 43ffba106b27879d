public import Metrics
public import RedisClient

/// SERVER EXT of a Tile38; only with `isTile38`.
///
/// Commands: `SERVER EXT`. Cost: some microseconds of the server.
public struct Tile38Collector: Collector {
    /// The name under which the collector reports.
    public static let name = "tile38"

    /// Every row, in order.
    public static let rows: [MetricRow] = [
        MetricRow(
            "tile38_aof_size", "redis_tile38_aof_size_bytes", .gauge, .bytes,
            help: "Size of the append-only file in bytes."
        ),
        MetricRow(
            "tile38_avg_point_size", "redis_tile38_avg_item_size_bytes", .gauge, .bytes,
            help: "Mean bytes of a point."
        ),
        MetricRow("tile38_sys_cpus", "redis_tile38_cpus_total", .gauge, help: "Processors of the machine."),
        MetricRow(
            "tile38_heap_released_bytes", "redis_tile38_heap_released_bytes", .gauge, .bytes,
            help: "Bytes of the heap given back to the system."
        ),
        MetricRow(
            "tile38_heap_alloc_bytes", "redis_tile38_heap_size_bytes", .gauge, .bytes,
            help: "Bytes of the heap that are in use."
        ),
        MetricRow(
            "tile38_http_transport", "redis_tile38_http_transport", .gauge,
            help: "Whether the server answers HTTP."
        ),
        MetricRow(
            "tile38_in_memory_size", "redis_tile38_in_memory_size_bytes", .gauge, .bytes,
            help: "Bytes of all objects."
        ),
        MetricRow(
            "tile38_max_heap_size", "redis_tile38_max_heap_size_bytes", .gauge, .bytes,
            help: "Limit of the heap in bytes, zero for none."
        ),
        MetricRow(
            "tile38_alloc_bytes", "redis_tile38_mem_alloc_bytes", .gauge, .bytes,
            help: "Bytes that are allocated."
        ),
        MetricRow(
            "tile38_num_collections", "redis_tile38_num_collections_total", .gauge, help: "Collections of objects."),
        MetricRow("tile38_num_hooks", "redis_tile38_num_hooks_total", .gauge, help: "Hooks and channels."),
        MetricRow("tile38_num_objects", "redis_tile38_num_objects_total", .gauge, help: "Objects in all collections."),
        MetricRow("tile38_num_points", "redis_tile38_num_points_total", .gauge, help: "Points of all objects."),
        MetricRow(
            "tile38_pointer_size", "redis_tile38_pointer_size_bytes", .gauge, .bytes,
            help: "Bytes of a pointer on this machine."
        ),
        MetricRow("tile38_read_only", "redis_tile38_read_only", .gauge, help: "Whether the server takes no writes."),
        MetricRow("tile38_go_threads", "redis_tile38_threads_total", .gauge, help: "Threads of the server."),
        MetricRow(
            "tile38_go_goroutines", "redis_tile38_go_goroutines_total", .gauge,
            help: "Goroutines of the server."
        ),
        MetricRow(
            "tile38_last_gc_time_seconds", "redis_tile38_last_gc_time_seconds", .gauge, .seconds,
            help: "When the last garbage collection was, in seconds since 1970."
        ),
        MetricRow(
            "tile38_next_gc_bytes", "redis_tile38_next_gc_bytes", .gauge, .bytes,
            help: "Bytes of the heap at which the next garbage collection starts."
        ),
    ]

    private let first: FamilyID

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        first = catalog.add(Self.rows)
    }

    private static let ask = [["SERVER", "EXT"]]

    /// SERVER EXT where the target is a Tile38.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        context.options.isTile38 && state.facts.isKnown ? Self.ask : []
    }

    /// Reads the flat list of names and values.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard let reply = outcome.list(replies.first ?? nil) else { return outcome }
        let before = buffer.count
        var elements = reply.elements
        while let name = elements.next(), let value = elements.next() {
            let text = name.text
            let field = text.hasPrefix("tile38_") ? text : "tile38_" + text
            guard let position = Self.rows.firstIndex(where: { $0.field == field }) else { continue }
            let number = value.withBytes { $0.decimal(in: $0.wholeRange) ?? InfoPass.flag($0, $0.wholeRange) }
            if let number = number ?? value.integer.map(Double.init) {
                buffer.append(first.advanced(by: position), number)
            } else {
                outcome.skips.add(.notANumber)
            }
        }
        outcome.samples = buffer.count - before
        return outcome
    }
}

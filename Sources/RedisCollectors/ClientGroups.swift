import Metrics

/// The clients of one CLIENT LIST by name, library and address without the port.
///
/// Applications open many connections, each from a port of its own: together they say who uses the server.
struct ClientGroups {
    /// Clients that have all three in common.
    struct Group {
        let name: String
        let library: String
        let host: String
        var clients = 0.0
        var memory = 0.0
        var longestIdle = 0.0

        mutating func add(clients: Double, memory: Double, idle: Double) {
            self.clients += clients
            self.memory += memory
            longestIdle = max(longestIdle, idle)
        }
    }

    /// So many groups are exported for their memory, and so many for the time that one of their clients was idle.
    static let limit = 50
    /// The name under which all further groups are one.
    static let other = "other"

    private var numbers = ByteKeyIndex()
    private var groups: [Group] = []

    /// The number of groups, those that are not exported one by one included.
    var count: Int {
        groups.count
    }

    /// Counts a client in its group.
    mutating func add(
        _ bytes: Span<UInt8>,
        name: Range<Int>,
        library: Range<Int>,
        host: Range<Int>,
        memory: Double,
        idle: Double
    ) {
        var key: [UInt8] = []
        for range in [name, library, host] {
            bytes.withUnsafeBufferPointer { key.append(contentsOf: $0[range]) }
            // No value of CLIENT LIST has a space.
            key.append(UInt8(ascii: " "))
        }
        let number = numbers.insert(key.span, 0..<key.count)
        if number == groups.count {
            let group = Group(
                name: bytes.text(in: name), library: bytes.text(in: library), host: bytes.text(in: host))
            groups.append(group)
        }
        groups[number].add(clients: 1, memory: memory, idle: idle)
    }

    /// The groups to export: the largest by memory and by idle time, and one for all others if there are more.
    var exported: [Group] {
        guard groups.count > 2 * Self.limit else { return groups }
        let byMemory = groups.indices.sorted { groups[$0].memory > groups[$1].memory }.prefix(Self.limit)
        let byIdle = groups.indices.sorted { groups[$0].longestIdle > groups[$1].longestIdle }.prefix(Self.limit)
        let chosen = Set(byMemory).union(byIdle)
        var rest = Group(name: Self.other, library: "", host: "")
        for number in groups.indices where !chosen.contains(number) {
            let group = groups[number]
            rest.add(clients: group.clients, memory: group.memory, idle: group.longestIdle)
        }
        return chosen.sorted().map { groups[$0] } + [rest]
    }
}

/// Families of grouped clients.
enum ClientGroupFamilies: Int, MetricFamilies {
    case groups, clients, memory, longestIdle

    private static let labels = ["name", "library", "host"]

    var row: MetricRow {
        switch self {
        case .groups:
            MetricRow(
                "", "redis_client_groups", .gauge,
                help: "Groups of clients that have name, library and address without port in common."
            )
        case .clients:
            MetricRow(
                "", "redis_client_group_clients", .gauge, labels: Self.labels,
                help: "Clients of a group; groups beyond the largest by memory and idle time are the group other."
            )
        case .memory:
            MetricRow(
                "tot-mem", "redis_client_group_memory_bytes", .gauge, .bytes, labels: Self.labels, since: "Redis 6.2",
                help: "Bytes that the clients of a group take."
            )
        case .longestIdle:
            MetricRow(
                "idle", "redis_client_group_longest_idle_seconds", .gauge, .seconds, labels: Self.labels,
                help: "Seconds since the client of a group that is idle for the longest time sent something."
            )
        }
    }
}

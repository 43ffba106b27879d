public import Metrics
public import RedisClient

/// CLIENT LIST: one set of series per client, or per group of clients; only with `exportClientList`, `clientGroups`.
///
/// Commands: `CLIENT LIST`. ACL: `+client|list`. Cost: grows with the number of clients, 280 KB for a thousand of them;
/// asking all clients' details of every node is what makes this a flag. All versions, not on a Sentinel.
public struct ClientListCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "client_list"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        ClientFamilies.rows + ClientGroupFamilies.rows
    }

    /// Clients beyond this number are left out.
    static let limit = 10_000

    private let families: FamilyTable<ClientFamilies>
    private let groupFamilies: FamilyTable<ClientGroupFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
        groupFamilies = FamilyTable(catalog: &catalog)
    }

    private static let ask = [["CLIENT", "LIST"]]

    /// CLIENT LIST where it is asked for.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        let isWanted = context.options.exportClientList || context.options.clientGroups
        return isWanted && state.facts.isKnown && !state.facts.isSentinel ? Self.ask : []
    }

    /// Where the fields of one line are; those that the server does not send are empty.
    struct Line {
        var id = 0..<0
        var name = 0..<0
        var address = 0..<0
        var flags = 0..<0
        var database = 0..<0
        var user = 0..<0
        var protocolVersion = 0..<0
        var library = 0..<0
        var numbers = [Range<Int>](repeating: 0..<0, count: ClientFamilies.allCases.count)

        /// Reads `id=3 addr=… name=…`; a value has no space, and only the first equals sign divides.
        init(parsing bytes: Span<UInt8>, _ range: Range<Int>) {
            var pairs = PairWalker(range, separator: UInt8(ascii: " "))
            while let pair = pairs.next(in: bytes) {
                if let family = ClientFamilies.allCases.first(where: { bytes.equals($0.field, in: pair.name) }) {
                    numbers[family.rawValue] = pair.value
                } else if bytes.equals("id", in: pair.name) {
                    id = pair.value
                } else if bytes.equals("name", in: pair.name) {
                    name = pair.value
                } else if bytes.equals("addr", in: pair.name) {
                    address = pair.value
                } else if bytes.equals("flags", in: pair.name) {
                    flags = pair.value
                } else if bytes.equals("db", in: pair.name) {
                    database = pair.value
                } else if bytes.equals("user", in: pair.name) {
                    user = pair.value
                } else if bytes.equals("resp", in: pair.name) {
                    protocolVersion = pair.value
                } else if bytes.equals("lib-name", in: pair.name) {
                    library = pair.value
                }
            }
        }

        /// The address without the port, and the port; the last colon divides, as IPv6 addresses have some.
        func hostAndPort(_ bytes: Span<UInt8>) -> (host: Range<Int>, port: Range<Int>) {
            for position in address.reversed() where bytes[position] == UInt8(ascii: ":") {
                return (address.lowerBound..<position, (position + 1)..<address.upperBound)
            }
            return (address, 0..<0)
        }
    }

    /// Reads the lines, one a client.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard let reply = outcome.text(replies.first ?? nil) else { return outcome }
        let before = buffer.count
        var groups = ClientGroups()
        outcome.skips = reply.withBytes { bytes in
            var skips = ParseSkips()
            var start = 0
            var clients = 0
            while start < bytes.count {
                let end = bytes.firstOffset(of: UInt8(ascii: "\n"), in: start..<bytes.count) ?? bytes.count
                let range = start..<end
                start = end + 1
                guard !range.isEmpty else { continue }
                clients += 1
                guard clients <= Self.limit else {
                    skips.add(.overLimit)
                    break
                }
                let line = Line(parsing: bytes, range)
                if context.options.exportClientList { add(bytes, line, context, to: &buffer, &skips) }
                if context.options.clientGroups { groups.add(bytes, line) }
            }
            return skips
        }
        if context.options.clientGroups { add(groups, to: &buffer) }
        outcome.samples = buffer.count - before
        return outcome
    }

    private func add(
        _ bytes: Span<UInt8>,
        _ line: Line,
        _ context: CollectorContext,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        guard bytes.integer(in: line.id) != nil else {
            skips.add(.malformed)
            return
        }
        let (host, port) = line.hostAndPort(bytes)
        var labels = buffer.labelStart
        for range in [line.id, line.name, line.flags, line.database, host] {
            buffer.addLabel(bytes.extracting(range))
        }
        buffer.addLabel(bytes.extracting(context.options.exportClientPort ? port : 0..<0))
        buffer.addLabel(bytes.extracting(line.user))
        buffer.addLabel(bytes.extracting(line.protocolVersion))
        buffer.append(families[.info], labelsFrom: labels, 1)
        labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(line.id))
        buffer.addLabel(bytes.extracting(line.name))
        let now = Double(context.nowMilliseconds / 1000)
        for family in ClientFamilies.allCases where !line.numbers[family.rawValue].isEmpty {
            guard let number = bytes.decimal(in: line.numbers[family.rawValue]) else {
                skips.add(.notANumber)
                continue
            }
            let isAge = family == .createdAt || family == .idleSince
            buffer.append(families[family], labelsFrom: labels, isAge ? now - number : number)
        }
    }

    private func add(_ groups: ClientGroups, to buffer: inout SampleBuffer) {
        buffer.append(groupFamilies[.groups], Double(groups.count))
        for group in groups.exported {
            let labels = buffer.labelStart
            buffer.addLabel(group.name)
            buffer.addLabel(group.library)
            buffer.addLabel(group.host)
            buffer.append(groupFamilies[.clients], labelsFrom: labels, group.clients)
            buffer.append(groupFamilies[.memory], labelsFrom: labels, group.memory)
            buffer.append(groupFamilies[.longestIdle], labelsFrom: labels, group.longestIdle)
        }
    }
}

extension ClientGroups {
    /// Counts the client of a line; one without an id is none.
    fileprivate mutating func add(_ bytes: Span<UInt8>, _ line: ClientListCollector.Line) {
        guard bytes.integer(in: line.id) != nil else { return }
        add(
            bytes,
            name: line.name,
            library: line.library,
            host: line.hostAndPort(bytes).host,
            memory: bytes.decimal(in: line.numbers[ClientFamilies.totalMemory.rawValue]) ?? 0,
            idle: bytes.decimal(in: line.numbers[ClientFamilies.idleSince.rawValue]) ?? 0
        )
    }
}

/// Families of CLIENT LIST, under the names that redis_exporter gave them.
enum ClientFamilies: Int, MetricFamilies {
    case info, outputMemory, totalMemory, createdAt, idleSince, subscriptions, patterns, queryBuffer, queryBufferFree
    case outputBuffer, outputList, shardSubscriptions, watchedKeys

    private static let labels = ["id", "name"]

    /// The name in a line of the reply, the same that the row has.
    fileprivate var field: StaticString {
        switch self {
        case .info: ""
        case .outputMemory: "omem"
        case .totalMemory: "tot-mem"
        case .createdAt: "age"
        case .idleSince: "idle"
        case .subscriptions: "sub"
        case .patterns: "psub"
        case .queryBuffer: "qbuf"
        case .queryBufferFree: "qbuf-free"
        case .outputBuffer: "obl"
        case .outputList: "oll"
        case .shardSubscriptions: "ssub"
        case .watchedKeys: "watch"
        }
    }

    var row: MetricRow {
        switch self {
        case .info:
            MetricRow(
                "", "redis_connected_client_info", .gauge,
                labels: ["id", "name", "flags", "db", "host", "port", "user", "resp"],
                help: "One, with what the server says about a client."
            )
        case .outputMemory:
            row("output_buffer_memory_usage_bytes", .bytes, "Bytes that the output buffer of a client takes.")
        case .totalMemory:
            row("total_memory_consumed_bytes", .bytes, "Bytes that a client takes.", since: "Redis 6.2")
        case .createdAt:
            row("created_at_timestamp", .seconds, "When a client connected, in seconds since 1970.")
        case .idleSince:
            row("idle_since_timestamp", .seconds, "When a client sent something last, in seconds since 1970.")
        case .subscriptions:
            row("channel_subscriptions_count", .none, "Channels to which a client is subscribed.")
        case .patterns:
            row("pattern_matching_subscriptions_count", .none, "Patterns to which a client is subscribed.")
        case .queryBuffer:
            row("query_buffer_length_bytes", .bytes, "Bytes in the query buffer of a client.")
        case .queryBufferFree:
            row("query_buffer_free_space_bytes", .bytes, "Bytes free in the query buffer of a client.")
        case .outputBuffer:
            row("output_buffer_length_bytes", .bytes, "Bytes in the fixed output buffer of a client.")
        case .outputList:
            row("output_list_length", .none, "Replies that wait in the output list of a client.")
        case .shardSubscriptions:
            row(
                "shard_channel_subscriptions_count", .none, "Shard channels to which a client is subscribed.",
                since: "Redis 7.0.3"
            )
        case .watchedKeys:
            row("shard_channel_watched_keys", .none, "Keys that a client watches.", since: "Redis 7.4")
        }
    }

    private func row(_ name: String, _ unit: MetricUnit, _ help: String, since: String = "") -> MetricRow {
        MetricRow(
            "\(field)", "redis_connected_client_" + name, .gauge, unit, labels: Self.labels, since: since, help: help
        )
    }
}

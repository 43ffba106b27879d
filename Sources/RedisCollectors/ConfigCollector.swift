public import Metrics
public import RedisClient

/// CONFIG: the few parameters that rules compare with and that people change while a server runs, or all of them.
///
/// Commands: `CONFIG GET` with names (several commands before Redis 7.0), with `includeConfigMetrics` `CONFIG GET *`;
/// only after a start of the server, where INFO tells other limits, and every five minutes. ACL: `+config|get`. Cost:
/// 15 µs of the server, all parameters 150 µs. Not on a Sentinel, not where CONFIG is shut; then these series are absent, but for the limits of
/// memory and clients, which INFO has too.
public struct ConfigCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "config"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        parameterRows + ConfigFamilies.rows
    }

    /// Parameters that are one number each.
    private static let parameterRows: [MetricRow] = [
        MetricRow("maxclients", "redis_config_maxclients", .gauge, help: "Configured limit of clients."),
        MetricRow(
            "maxmemory", "redis_config_maxmemory", .gauge, .bytes,
            help: "Configured limit of memory in bytes, zero for none."
        ),
        MetricRow(
            "io-threads", "redis_config_io_threads", .gauge, since: "Redis 6.0",
            help: "Configured number of threads that read and write sockets."
        ),
        MetricRow(
            "repl-backlog-size", "redis_config_repl_backlog_size", .gauge, .bytes,
            help: "Configured size of the replication backlog in bytes."
        ),
        MetricRow(
            "commandlog-execution-slower-than", "redis_commandlog_execution_slower_than", .gauge, .microseconds,
            since: "Valkey 8.1",
            help: "Microseconds from which a command is slow, negative for never."
        ),
        MetricRow(
            "commandlog-slow-execution-max-len", "redis_commandlog_slow_execution_max_len", .gauge,
            since: "Valkey 8.1",
            help: "Most slow commands that the server remembers."
        ),
        MetricRow(
            "commandlog-request-larger-than", "redis_commandlog_request_larger_than", .gauge, .bytes,
            since: "Valkey 8.1",
            help: "Bytes from which a request is large, negative for never."
        ),
        MetricRow(
            "commandlog-large-request-max-len", "redis_commandlog_large_request_max_len", .gauge, since: "Valkey 8.1",
            help: "Most large requests that the server remembers."
        ),
        MetricRow(
            "commandlog-reply-larger-than", "redis_commandlog_reply_larger_than", .gauge, .bytes, since: "Valkey 8.1",
            help: "Bytes from which a reply is large, negative for never."
        ),
        MetricRow(
            "commandlog-large-reply-max-len", "redis_commandlog_large_reply_max_len", .gauge, since: "Valkey 8.1",
            help: "Most large replies that the server remembers."
        ),
    ]

    /// Parameters that are asked for besides the numbers; those of the second line only to see that they change.
    private static let otherParameters =
        ["client-output-buffer-limit", "databases", "save"] + [
            "appendfsync", "appendonly", "maxmemory-policy", "min-replicas-to-write", "notify-keyspace-events",
            "replica-read-only", "slowlog-log-slower-than", "timeout",
        ]
    private static let lifetimeMilliseconds: Int64 = 300_000

    private let first: FamilyID
    private let families: FamilyTable<ConfigFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        first = catalog.add(Self.parameterRows)
        families = FamilyTable(catalog: &catalog)
    }

    /// CONFIG GET when what is remembered is older than five minutes or of another run of the server.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        let facts = state.facts
        let command = context.options.configCommand
        guard facts.isKnown, !facts.isSentinel, command != "-" else { return [] }
        let age = context.nowMilliseconds.subtractingReportingOverflow(state.config.readAt).partialValue
        guard
            state.config.runID != facts.runID || !(0..<Self.lifetimeMilliseconds).contains(age)
                || state.config.limits != Self.limits(facts)
        else { return [] }
        if context.options.includeConfigMetrics { return [[command, "GET", "*"]] }
        let isValkey = facts.isAtLeastValkey(8, 1)
        let numbers = Self.parameterRows.map(\.field).filter { isValkey || !$0.hasPrefix("commandlog") }
        let names = numbers + Self.otherParameters
        return facts.isAtLeastRedis(7, 0) ? [[command, "GET"] + names] : names.map { [command, "GET", $0] }
    }

    /// Takes over new values and adds the samples of those it remembers.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        let before = buffer.count
        var answers: [Reply] = []
        for case let reply? in replies {
            if reply.kind == .array {
                answers.append(reply)
            } else {
                outcome.noteNotExpected(reply)
            }
        }
        if !answers.isEmpty {
            var read = ConfigMemory(
                readAt: context.nowMilliseconds,
                runID: state.facts.runID,
                limits: Self.limits(state.facts),
                parameters: ConfigParameters.parse(answers, &outcome.skips)
            )
            addRemembered(of: read, context.options, to: &read.samples, &outcome.skips)
            state.configChanges += read.changes(since: state.config)
            state.config = read
            state.facts.databases = state.config["databases"].flatMap { Int($0) }
        } else if state.config.runID != state.facts.runID {
            state.config = ConfigMemory()
        }
        addLimits(of: state.config, state.facts, to: &buffer, &outcome.skips)
        buffer.append(contentsOf: state.config.samples)
        outcome.samples = buffer.count - before
        return outcome
    }

    /// Adds the limits that INFO may have, too, and then as new as the poll.
    private func addLimits(
        of config: ConfigMemory,
        _ facts: ServerFacts,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        for (position, row) in Self.parameterRows.enumerated() where Self.limitNames.contains(row.field) {
            if let value = Self.value(of: row.field, facts) {
                buffer.append(first.advanced(by: position), Double(value))
            } else {
                add(config, row.field, at: position, to: &buffer, &skips)
            }
        }
    }

    /// Adds what stays as it is until CONFIG is read again.
    private func addRemembered(
        of config: ConfigMemory,
        _ options: CollectorOptions,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        for (position, row) in Self.parameterRows.enumerated() where !Self.limitNames.contains(row.field) {
            add(config, row.field, at: position, to: &buffer, &skips)
        }
        if let save = config["save"] {
            buffer.append(families[.saveConfigured], save.isEmpty ? 0 : 1)
        }
        if let limits = config["client-output-buffer-limit"] {
            addBufferLimits(limits, to: &buffer, &skips)
        }
        guard options.includeConfigMetrics else { return }
        for parameter in config.parameters where !ConfigParameters.isSecret(parameter.name) {
            families.add(parameter, .keyValue, .value, to: &buffer)
        }
    }

    private func add(
        _ config: ConfigMemory,
        _ parameter: String,
        at position: Int,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        guard let text = config[parameter] else { return }
        if let value = Double(text), value.isFinite {
            buffer.append(first.advanced(by: position), value)
        } else {
            skips.add(.notANumber)
        }
    }

    private static let limitNames = ["maxclients", "maxmemory"]

    /// What INFO says of parameters: as long as it is the same, nobody has changed these.
    private static func limits(_ facts: ServerFacts) -> [Int64?] {
        [facts.maxMemory, facts.maxClients]
    }

    /// What INFO says about a parameter: it is as new as the poll, and it is there where CONFIG is shut.
    private static func value(of parameter: String, _ facts: ServerFacts) -> Int64? {
        guard facts.isKnown, !facts.isSentinel else { return nil }
        return switch parameter {
        case "maxmemory": facts.maxMemory
        case "maxclients": facts.maxClients
        default: nil
        }
    }

    /// Reads `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`.
    private func addBufferLimits(_ text: String, to buffer: inout SampleBuffer, _ skips: inout ParseSkips) {
        let words = text.split(separator: " ")
        guard words.count.isMultiple(of: 4), words.count <= 32 else {
            skips.add(.malformed)
            return
        }
        for start in stride(from: 0, to: words.count, by: 4) {
            guard let hard = Double(words[start + 1]), let soft = Double(words[start + 2]),
                let seconds = Double(words[start + 3])
            else {
                skips.add(.notANumber)
                continue
            }
            for (limit, bytes) in [("hard", hard), ("soft", soft)] {
                let labels = buffer.labelStart
                buffer.addLabel(String(words[start]))
                buffer.addLabel(limit)
                buffer.append(families[.bufferLimit], labelsFrom: labels, bytes)
                if limit == "soft" {
                    buffer.append(families[.bufferLimitSeconds], labelsFrom: labels, seconds)
                }
            }
        }
    }
}

/// Families of CONFIG that have labels or are derived.
enum ConfigFamilies: Int, MetricFamilies {
    case bufferLimit, bufferLimitSeconds, saveConfigured, keyValue, value

    var row: MetricRow {
        switch self {
        case .bufferLimit:
            MetricRow(
                "client-output-buffer-limit", "redis_config_client_output_buffer_limit_bytes", .gauge, .bytes,
                labels: ["class", "limit"],
                help: "Configured limit of output buffers by class of clients, in bytes."
            )
        case .bufferLimitSeconds:
            MetricRow(
                "client-output-buffer-limit", "redis_config_client_output_buffer_limit_overcome_seconds", .gauge,
                .seconds, labels: ["class", "limit"],
                help: "Seconds for which a client may exceed the soft limit, by class of clients."
            )
        case .saveConfigured:
            MetricRow(
                "save", "redis_config_save_enabled", .gauge,
                help: "Whether the server is configured to make snapshots by itself."
            )
        case .keyValue:
            MetricRow(
                "", "redis_config_key_value", .gauge, labels: ["key", "value"],
                help: "One, with the name and the value of a parameter."
            )
        case .value:
            MetricRow(
                "", "redis_config_value", .gauge, labels: ["key"],
                help: "Values of the parameters that are numbers."
            )
        }
    }
}

extension FamilyTable {
    /// Adds the two samples of a parameter: one with its text, one with its number if it is one.
    func add(_ parameter: ConfigParameter, _ text: Families, _ number: Families, to buffer: inout SampleBuffer) {
        var labels = buffer.labelStart
        buffer.addLabel(parameter.name)
        buffer.addLabel(parameter.value)
        buffer.append(self[text], labelsFrom: labels, 1)
        guard let value = Double(parameter.value), value.isFinite else { return }
        labels = buffer.labelStart
        buffer.addLabel(parameter.name)
        buffer.append(self[number], labelsFrom: labels, value)
    }
}

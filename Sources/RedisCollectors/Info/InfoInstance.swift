import Metrics

/// Families made of several fields of INFO at once.
enum InfoInstance: Int, MetricFamilies {
    case instance, startTime, zone, paused, failover, allocator

    var row: MetricRow {
        switch self {
        case .instance:
            MetricRow(
                "", "redis_instance_info", .gauge,
                labels: [
                    "role", "redis_version", "redis_build_id", "redis_mode", "os", "maxmemory_policy", "tcp_port",
                    "run_id", "process_id", "master_replid", "valkey_version", "valkey_release_stage", "deployment",
                    "shard",
                ],
                help: "One, with what the server says it is."
            )
        case .startTime:
            MetricRow(
                "", "redis_start_time_seconds", .gauge, .seconds,
                help: "When the server process started, in seconds since 1970."
            )
        case .zone:
            MetricRow(
                "availability_zone", "redis_availability_zone_info", .gauge, labels: ["availability_zone"],
                since: "Valkey 8.1",
                help: "One, with the availability zone that the server was told it is in."
            )
        case .paused:
            MetricRow(
                "paused_reason", "redis_clients_paused", .gauge, since: "Valkey 8.1",
                help: "Whether commands of clients are held back, by CLIENT PAUSE or during a failover."
            )
        case .failover:
            MetricRow(
                "master_failover_state", "redis_master_failover_in_progress", .gauge, since: "Redis 6.2",
                help: "Whether the server hands its role over to a replica because of FAILOVER."
            )
        case .allocator:
            MetricRow(
                "mem_allocator", "redis_allocator_info", .gauge, labels: ["allocator"], since: "Redis 4.0",
                help: "One, with the name and version of the allocator."
            )
        }
    }

    /// The labels of the first family, in their order.
    fileprivate static let instanceTexts: [InfoTextField] = [
        .role, .redisVersion, .buildID, .redisMode, .os, .maxmemoryPolicy, .tcpPort, .runID, .processID,
        .masterReplicationID, .valkeyVersion, .valkeyReleaseStage,
    ]
}

/// The start of a server, which must not move although uptime is in whole seconds.
struct StartTime: Sendable {
    private var seconds: Int64 = 0

    /// The start that follows from the clock and the uptime, or the one found before if that is next to it.
    mutating func settle(nowMilliseconds: Int64, uptimeSeconds: Int64) -> Int64 {
        let found = (nowMilliseconds / 1000).subtractingReportingOverflow(uptimeSeconds).partialValue
        if (found - 2...found + 2).contains(seconds) { return seconds }
        seconds = found
        return found
    }
}

extension FamilyTable<InfoInstance> {
    /// Adds the samples; `start` is the start of the server where it is known.
    func add(
        _ bytes: Span<UInt8>,
        _ texts: InfoTexts,
        _ context: CollectorContext,
        start: Int64?,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        var labels = buffer.labelStart
        for text in InfoInstance.instanceTexts {
            // Valkey 9 may be configured to say `server_mode` only.
            let source = text == .redisMode && !texts.has(.redisMode) ? .serverMode : text
            buffer.addLabel(bytes.extracting(texts[source]))
        }
        buffer.addLabel(context.deployment)
        buffer.addLabel(context.shard)
        buffer.append(self[.instance], labelsFrom: labels, 1)
        if let start { buffer.append(self[.startTime], Double(start)) }
        for (family, text) in [(InfoInstance.zone, InfoTextField.availabilityZone), (.allocator, .allocator)]
        where !texts[text].isEmpty {
            labels = buffer.labelStart
            buffer.addLabel(bytes.extracting(texts[text]))
            buffer.append(self[family], labelsFrom: labels, 1)
        }
        if texts.has(.pausedReason) {
            buffer.append(self[.paused], bytes.equals("none", in: texts[.pausedReason]) ? 0 : 1)
        }
        if texts.has(.failoverState) {
            addFailover(bytes, texts[.failoverState], to: &buffer, &skips)
        }
    }

    private func addFailover(
        _ bytes: Span<UInt8>,
        _ state: Range<Int>,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        if bytes.equals("no-failover", in: state) {
            buffer.append(self[.failover], 0)
        } else if bytes.equals("waiting-for-sync", in: state) || bytes.equals("failover-in-progress", in: state) {
            buffer.append(self[.failover], 1)
        } else {
            skips.add(.malformed)
        }
    }
}

public import Metrics
public import RedisClient

/// LATENCY LATEST: the newest spike of each kind of event that the server's latency monitor watches.
///
/// Commands: `LATENCY LATEST`. ACL: `+latency|latest`. Cost: a few microseconds of the server. All versions, not on a
/// Sentinel; empty unless `latency-monitor-threshold` is set.
public struct LatencyEventsCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "latency_latest"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        LatencyEventFamilies.rows
    }

    /// The server knows about 20 kinds of events.
    private static let limit = 128

    private let families: FamilyTable<LatencyEventFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
    }

    private static let ask = [["LATENCY", "LATEST"]]

    /// LATENCY LATEST of a server that is no Sentinel.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        let isAsked = state.facts.isKnown && !state.facts.isSentinel && !context.options.excludeLatencyHistogram
        return isAsked ? Self.ask : []
    }

    /// One event of the reply.
    struct Event: Equatable {
        let name: String
        let timestampSeconds: Double
        let latestMilliseconds: Double
        let maximumMilliseconds: Double

        /// Reads `[name, time, latest, maximum, …]`; newer servers add to it.
        init?(parsing reply: Reply) {
            guard reply.kind == .array else { return nil }
            var elements = reply.elements
            guard let name = elements.next(), name.kind == .string,
                let timestamp = elements.next()?.integer,
                let latest = elements.next()?.integer,
                let maximum = elements.next()?.integer
            else { return nil }
            self.name = name.text
            timestampSeconds = Double(timestamp)
            latestMilliseconds = Double(latest)
            maximumMilliseconds = Double(maximum)
        }
    }

    /// Reads the events.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard let reply = outcome.list(replies.first ?? nil) else { return outcome }
        let before = buffer.count
        for (position, element) in reply.elements.enumerated() {
            guard position < Self.limit else {
                outcome.skips.add(.overLimit)
                break
            }
            guard let event = Event(parsing: element) else {
                outcome.skips.add(.malformed)
                continue
            }
            let labels = buffer.labelStart
            buffer.addLabel(event.name)
            buffer.append(families[.last], labelsFrom: labels, event.timestampSeconds)
            buffer.append(families[.duration], labelsFrom: labels, event.latestMilliseconds / 1e3)
            buffer.append(families[.maximum], labelsFrom: labels, event.maximumMilliseconds / 1e3)
        }
        outcome.samples = buffer.count - before
        return outcome
    }
}

/// Families of LATENCY LATEST.
enum LatencyEventFamilies: Int, MetricFamilies {
    case last, duration, maximum

    var row: MetricRow {
        switch self {
        case .last:
            MetricRow(
                "", "redis_latency_spike_last", .gauge, .seconds, labels: ["event_name"],
                help: "When the newest spike of the event was, in seconds since 1970."
            )
        case .duration:
            MetricRow(
                "", "redis_latency_spike_duration_seconds", .gauge, .seconds, from: .milliseconds,
                labels: ["event_name"],
                help: "Seconds that the newest spike of the event took."
            )
        case .maximum:
            MetricRow(
                "", "redis_latency_spike_maximum_seconds", .gauge, .seconds, from: .milliseconds,
                labels: ["event_name"],
                help: "Seconds that the longest spike of the event took since the server started or was told to forget."
            )
        }
    }
}

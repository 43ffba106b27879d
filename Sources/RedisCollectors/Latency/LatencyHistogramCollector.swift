public import Metrics
public import RedisClient

/// LATENCY HISTOGRAM: how long calls take, by command.
///
/// Commands: `LATENCY HISTOGRAM` after a start of the server and every five minutes, else with the names of the
/// commands that move. ACL: `+latency|histogram`. Cost: 10 µs of the server and 6 for every command in it. Redis 7.0
/// and later, not on a Sentinel.
///
/// The server sends only buckets that something fell into; every command gets all buckets here, so that sums over
/// commands and nodes by `le` are right. The sum of a command's time comes from INFO.
public struct LatencyHistogramCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "latency_histogram"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        LatencyHistogramFamilies.rows
    }

    private static let bounds = LastLabels(CommandHistogram.bounds.map(String.init) + ["+Inf"])

    private let families: FamilyTable<LatencyHistogramFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
    }

    /// LATENCY HISTOGRAM of a server that has it.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        let facts = state.facts
        let hasIt = facts.isKnown && !facts.isSentinel && facts.isAtLeastRedis(7, 0)
        guard hasIt, !context.options.excludeLatencyHistogram else {
            state.latencyHistograms.removeAll()
            return []
        }
        return state.latencyHistograms.commands(
            isFollowUp: context.isFollowUp, runID: facts.runID, now: context.nowMilliseconds)
    }

    /// Reads the flat list of names and histograms, and adds these and those that have not changed.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard !replies.isEmpty || state.latencyHistograms.isKnown else { return outcome }
        if let answer = replies.first {
            guard let reply = outcome.list(answer) else {
                state.latencyHistograms.removeAll()
                return outcome
            }
            outcome.skips = state.latencyHistograms.read(reply, now: context.nowMilliseconds)
        }
        let isUpToDate = state.latencyHistograms.settle(state.commandTimes, runID: state.facts.runID)
        guard isUpToDate || context.isFollowUp else {
            outcome.wantsFollowUp = true
            return outcome
        }
        let before = buffer.count
        state.latencyHistograms.append(families[.calls], Self.bounds, to: &buffer)
        outcome.samples = buffer.count - before
        return outcome
    }
}

/// The family of LATENCY HISTOGRAM.
enum LatencyHistogramFamilies: Int, MetricFamilies {
    case calls

    var row: MetricRow {
        MetricRow(
            "", "redis_commands_latencies_usec", .histogram, .microseconds, labels: ["cmd"], since: "Redis 7.0",
            help: "Microseconds that calls take, by command."
        )
    }
}

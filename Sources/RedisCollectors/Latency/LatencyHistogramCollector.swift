public import Metrics
public import RedisClient

/// LATENCY HISTOGRAM: how long calls take, by command.
///
/// Commands: `LATENCY HISTOGRAM`. ACL: `+latency|histogram`. Cost: about 120 µs of the server. Redis 7.0 and later,
/// not on a Sentinel.
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

    /// The upper bounds the server can send, in microseconds, from 1 to 1,082,130.
    ///
    /// It walks its histogram by powers of two of nanoseconds from 2¹⁰ to a second, and reports the largest value that
    /// falls together with each at two significant digits, which is seven binary ones
    /// (`fillCommandCDF` in Redis' `src/latency.c`).
    static let bounds: [Int64] = (10...30).map { power in
        ((1 << power) + (1 << (power - 7)) - 1) / 1000
    }

    private static let boundTexts = bounds.map(String.init)

    private let families: FamilyTable<LatencyHistogramFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
    }

    private static let ask = [["LATENCY", "HISTOGRAM"]]

    /// LATENCY HISTOGRAM of a server that has it.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        let facts = state.facts
        let hasIt = facts.isKnown && !facts.isSentinel && facts.isAtLeastRedis(7, 0)
        return hasIt && !context.options.excludeLatencyHistogram ? Self.ask : []
    }

    /// Reads the flat list of names and histograms.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard let reply = outcome.list(replies.first ?? nil) else { return outcome }
        let before = buffer.count
        var histogram = CommandHistogram(bounds: Self.bounds)
        var elements = reply.elements
        var commands = 0
        while let name = elements.next() {
            guard let body = elements.next(), name.kind == .string, histogram.read(body) else {
                outcome.skips.add(.malformed)
                continue
            }
            commands += 1
            guard commands <= InfoCommandstatsSection.limit else {
                outcome.skips.add(.overLimit)
                break
            }
            if histogram.unknownBounds > 0 { outcome.skips.add(.malformed, histogram.unknownBounds) }
            add(histogram, of: name, state.commandTimes, to: &buffer)
        }
        outcome.samples = buffer.count - before
        return outcome
    }

    private func add(
        _ histogram: CommandHistogram,
        of name: Reply,
        _ times: CommandTimes,
        to buffer: inout SampleBuffer
    ) {
        name.withBytes { bytes in
            for (bound, count) in zip(Self.boundTexts, histogram.counts) {
                addBucket(bytes, bound, count, to: &buffer)
            }
            addBucket(bytes, "+Inf", histogram.calls, to: &buffer)
            let labels = buffer.labelStart
            buffer.addLabel(bytes)
            let sum = times.find(bytes, bytes.wholeRange)?.microseconds ?? 0
            buffer.append(families[.calls], role: .sum, labelsFrom: labels, sum)
            buffer.append(families[.calls], role: .count, labelsFrom: labels, histogram.calls)
        }
    }

    private func addBucket(_ name: Span<UInt8>, _ bound: String, _ count: Double, to buffer: inout SampleBuffer) {
        let labels = buffer.labelStart
        buffer.addLabel(name)
        buffer.addLabel(bound)
        buffer.append(families[.calls], role: .bucket, labelsFrom: labels, count)
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

/// The histogram of one command, with a count for every bound.
struct CommandHistogram {
    private let bounds: [Int64]
    /// Cumulative, one a bound.
    private(set) var counts: [Double]
    private(set) var calls = 0.0
    /// Buckets whose bound is none of ours: a new server that counts in another way.
    private(set) var unknownBounds = 0

    init(bounds: [Int64]) {
        self.bounds = bounds
        counts = [Double](repeating: 0, count: bounds.count)
    }

    /// Reads `[calls, n, histogram_usec, [bound, count, …]]`; `false` where it is something else.
    mutating func read(_ reply: Reply) -> Bool {
        guard reply.kind == .array else { return false }
        calls = 0
        unknownBounds = 0
        var buckets: ReplyElements?
        var hasCalls = false
        var fields = reply.elements
        while let field = fields.next(), let value = fields.next() {
            if field.withBytes({ $0.equals("calls", in: $0.wholeRange) }), let number = value.integer {
                calls = Double(number)
                hasCalls = true
            } else if field.withBytes({ $0.equals("histogram_usec", in: $0.wholeRange) }), value.kind == .array {
                buckets = value.elements
            }
        }
        guard hasCalls, let buckets else { return false }
        return fill(buckets)
    }

    /// Counts are cumulative: a bound that is left out has the count of the one below.
    private mutating func fill(_ elements: ReplyElements) -> Bool {
        var elements = elements
        var position = 0
        var count = 0.0
        while let first = elements.next() {
            guard let bound = first.integer, let next = elements.next()?.integer else { return false }
            while position < bounds.count, bounds[position] < bound {
                counts[position] = count
                position += 1
            }
            count = Double(next)
            if position < bounds.count, bounds[position] == bound {
                counts[position] = count
                position += 1
            } else {
                unknownBounds += 1
            }
        }
        while position < bounds.count {
            counts[position] = count
            position += 1
        }
        return true
    }
}

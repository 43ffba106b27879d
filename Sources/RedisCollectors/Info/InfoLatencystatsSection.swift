import Metrics

/// The section Latencystats of INFO: `latency_percentiles_usec_get:p50=1.003,p99=3.007,p99.9=3.007`.
///
/// The inherited summary gives percentiles as quantiles (`quantile="99"`); the second one has the quantiles that the
/// formats mean, and seconds.
enum InfoLatencystatsSection: Int, MetricFamilies {
    case percentiles, quantiles

    static let prefix: StaticString = "latency_percentiles_usec_"
    /// The server admits any number of percentiles in its configuration.
    static let percentileLimit = 16

    var row: MetricRow {
        switch self {
        case .percentiles:
            MetricRow(
                "", "redis_latency_percentiles_usec", .summary, .microseconds, labels: ["cmd"],
                hasPercentileQuantiles: true, since: "Redis 7.0",
                help: "Microseconds that calls take by command; the quantile is a percentile such as 99."
            )
        case .quantiles:
            MetricRow(
                "", "redis_command_latency_seconds", .summary, .seconds, from: .microseconds, labels: ["cmd"],
                since: "Redis 7.0",
                help: "Seconds that calls take by command."
            )
        }
    }

    /// The quantile of a percentile as the formats write it: `0.999` for `99.9`.
    static func quantileText(_ bytes: Span<UInt8>, _ percentile: Range<Int>) -> String? {
        if bytes.equals("50", in: percentile) { return "0.5" }
        if bytes.equals("99", in: percentile) { return "0.99" }
        if bytes.equals("99.9", in: percentile) { return "0.999" }
        guard let number = bytes.decimal(in: percentile), number >= 0, number <= 100 else { return nil }
        return NumberFormat.decimalText((number * 1e8).rounded() / 1e10)
    }
}

/// The percentiles that a line tells, as labels: those of one server are the same in every line.
struct LatencyPercentiles: Sendable {
    /// The values of one line, kept for their memory.
    fileprivate var values: [Double] = []
    /// Their percentiles, as places in the line.
    private var ranges: [Range<Int>] = []
    /// Percentiles as the server writes them, of the lines before.
    private var known: [String] = []
    fileprivate private(set) var percentiles = LastLabels([])
    fileprivate private(set) var quantiles = LastLabels([])
    /// How often they were others than before.
    fileprivate private(set) var version = 0
    /// Whether the line has told what is known so far.
    private var isAsKnown = true

    fileprivate mutating func begin() {
        values.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        isAsKnown = true
    }

    /// Adds what one pair of a line says; `false` where it is no percentile.
    fileprivate mutating func add(_ value: Double, _ bytes: Span<UInt8>, _ percentile: Range<Int>) -> Bool {
        let place = values.count
        if place >= known.count || !bytes.equals(text: known[place], in: percentile) {
            guard InfoLatencystatsSection.quantileText(bytes, percentile) != nil else { return false }
            isAsKnown = false
        }
        values.append(value)
        ranges.append(percentile)
        return true
    }

    /// Makes labels of the line's percentiles where they are others than before.
    fileprivate mutating func end(_ bytes: Span<UInt8>) {
        guard !isAsKnown || values.count != known.count else { return }
        version &+= 1
        known = ranges.map { bytes.text(in: $0) }
        percentiles = LastLabels(known)
        quantiles = LastLabels(ranges.map { InfoLatencystatsSection.quantileText(bytes, $0) ?? "" })
    }
}

extension FamilyTable<InfoLatencystatsSection> {
    /// Tells what one line says; sum and count come from Commandstats.
    func add(
        _ bytes: Span<UInt8>,
        _ line: InfoLine,
        _ percentiles: inout LatencyPercentiles,
        times: CommandTimes,
        to memory: inout SampleMemory,
        _ skips: inout ParseSkips
    ) {
        percentiles.begin()
        var pairs = PairWalker(line.value)
        while let pair = pairs.next(in: bytes) {
            guard bytes.first(in: pair.name) == UInt8(ascii: "p") else {
                skips.add(.malformed)
                continue
            }
            guard percentiles.values.count < InfoLatencystatsSection.percentileLimit else {
                skips.add(.overLimit)
                break
            }
            let percentile = (pair.name.lowerBound + 1)..<pair.name.upperBound
            guard let number = bytes.decimal(in: pair.value), percentiles.add(number, bytes, percentile) else {
                skips.add(.notANumber)
                continue
            }
        }
        percentiles.end(bytes)
        guard !percentiles.values.isEmpty else { return }
        let name = (line.name.lowerBound + InfoLatencystatsSection.prefix.utf8CodeUnitCount)..<line.name.upperBound
        let total = times.find(bytes, name)
        memory.add(percentiles.values, total, dividedBy: 1)
        memory.add(percentiles.values, total, dividedBy: 1e6)
        memory.tell(bytes.extracting(name), shape: percentiles.version << 1 | (total == nil ? 0 : 1)) { samples in
            let name = bytes.extracting(name)
            samples.appendSummary(
                self[.percentiles], label: name, quantiles: percentiles.percentiles, hasTotal: total != nil)
            samples.appendSummary(
                self[.quantiles], label: name, quantiles: percentiles.quantiles, hasTotal: total != nil)
        }
    }
}

extension SampleMemory {
    /// Adds the values of one summary.
    fileprivate mutating func add(_ quantiles: [Double], _ total: CommandTimes.Times?, dividedBy divisor: Double) {
        for value in quantiles { values.append(value / divisor) }
        guard let total else { return }
        values.append(total.microseconds / divisor)
        values.append(total.calls)
    }
}

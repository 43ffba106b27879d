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

extension FamilyTable<InfoLatencystatsSection> {
    /// Adds the samples of one line; sum and count come from Commandstats.
    func add(
        _ bytes: Span<UInt8>,
        _ line: InfoLine,
        times: CommandTimes,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        let name = (line.name.lowerBound + InfoLatencystatsSection.prefix.utf8CodeUnitCount)..<line.name.upperBound
        var pairs = PairWalker(line.value)
        var count = 0
        while let pair = pairs.next(in: bytes) {
            guard bytes.first(in: pair.name) == UInt8(ascii: "p") else {
                skips.add(.malformed)
                continue
            }
            let percentile = (pair.name.lowerBound + 1)..<pair.name.upperBound
            guard let microseconds = bytes.decimal(in: pair.value),
                let quantile = InfoLatencystatsSection.quantileText(bytes, percentile)
            else {
                skips.add(.notANumber)
                continue
            }
            count += 1
            guard count <= InfoLatencystatsSection.percentileLimit else {
                skips.add(.overLimit)
                break
            }
            var labels = buffer.labelStart
            buffer.addLabel(bytes.extracting(name))
            buffer.addLabel(bytes.extracting(percentile))
            buffer.append(self[.percentiles], labelsFrom: labels, microseconds)
            labels = buffer.labelStart
            buffer.addLabel(bytes.extracting(name))
            buffer.addLabel(quantile)
            buffer.append(self[.quantiles], labelsFrom: labels, microseconds / 1e6)
        }
        guard count > 0, let total = times.find(bytes, name) else { return }
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(name))
        buffer.append(self[.percentiles], role: .sum, labelsFrom: labels, total.microseconds)
        buffer.append(self[.percentiles], role: .count, labelsFrom: labels, total.calls)
        buffer.append(self[.quantiles], role: .sum, labelsFrom: labels, total.microseconds / 1e6)
        buffer.append(self[.quantiles], role: .count, labelsFrom: labels, total.calls)
    }
}

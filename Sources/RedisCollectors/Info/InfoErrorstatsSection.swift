import Metrics

/// The section Errorstats of INFO: `errorstat_WRONGTYPE:count=9`.
enum InfoErrorstatsSection: Int, MetricFamilies {
    case errors

    static let prefix: StaticString = "errorstat_"
    /// Scripts can make up names (redis/redis#8217), so there is a limit; servers since 7.2 have one of 128.
    static let limit = 256

    var row: MetricRow {
        MetricRow(
            "count", "redis_errors_total", .counter, labels: ["err"], since: "Redis 6.2",
            help: "Error replies by the code at their front; only the first 256 codes are exported."
        )
    }
}

extension FamilyTable<InfoErrorstatsSection> {
    /// Adds the sample of one line.
    func add(_ bytes: Span<UInt8>, _ line: InfoLine, to buffer: inout SampleBuffer, _ skips: inout ParseSkips) {
        let name = (line.name.lowerBound + InfoErrorstatsSection.prefix.utf8CodeUnitCount)..<line.name.upperBound
        var pairs = PairWalker(line.value)
        while let pair = pairs.next(in: bytes) {
            guard bytes.equals("count", in: pair.name) else { continue }
            guard let count = bytes.decimal(in: pair.value) else {
                skips.add(.notANumber)
                return
            }
            let labels = buffer.labelStart
            buffer.addLabel(bytes.extracting(name))
            buffer.append(self[.errors], labelsFrom: labels, count)
            return
        }
        skips.add(.malformed)
    }
}

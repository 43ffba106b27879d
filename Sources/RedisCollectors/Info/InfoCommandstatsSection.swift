import Metrics

/// The section Commandstats of INFO: `cmdstat_get:calls=1,usec=2,usec_per_call=2.00,rejected_calls=0,failed_calls=0`.
enum InfoCommandstatsSection: Int, MetricFamilies {
    case calls, duration, rejected, failed

    static let prefix: StaticString = "cmdstat_"
    /// Commands beyond this number are left out; Redis 8 with all its modules has about 700.
    static let limit = 2048

    var row: MetricRow {
        switch self {
        case .calls:
            MetricRow("calls", "redis_commands_total", .counter, labels: ["cmd"], help: "Calls by command.")
        case .duration:
            MetricRow(
                "usec", "redis_commands_duration_seconds_total", .counter, .seconds, from: .microseconds,
                labels: ["cmd"],
                help: "Seconds spent by command."
            )
        case .rejected:
            MetricRow(
                "rejected_calls", "redis_commands_rejected_calls_total", .counter, labels: ["cmd"], since: "Redis 6.2",
                help: "Calls refused before the command ran, for example for a wrong number of arguments, by command."
            )
        case .failed:
            MetricRow(
                "failed_calls", "redis_commands_failed_calls_total", .counter, labels: ["cmd"], since: "Redis 6.2",
                help: "Calls that ended in an error while the command ran, by command."
            )
        }
    }

    /// The numbers of one line; `nil` where the server does not give one.
    struct Line: Equatable {
        var calls: Double?
        var microseconds: Double?
        var rejected: Double?
        var failed: Double?
        var isMalformed = false

        /// Reads what follows the colon, by name, as newer servers add to it.
        init(parsing bytes: Span<UInt8>, _ range: Range<Int>) {
            var pairs = PairWalker(range)
            while let pair = pairs.next(in: bytes) {
                if bytes.equals("calls", in: pair.name) {
                    calls = number(bytes, pair.value)
                } else if bytes.equals("usec", in: pair.name) {
                    microseconds = number(bytes, pair.value)
                } else if bytes.equals("rejected_calls", in: pair.name) {
                    rejected = number(bytes, pair.value)
                } else if bytes.equals("failed_calls", in: pair.name) {
                    failed = number(bytes, pair.value)
                }
            }
        }

        private mutating func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
            let number = bytes.decimal(in: range)
            if number == nil { isMalformed = true }
            return number
        }
    }
}

extension FamilyTable<InfoCommandstatsSection> {
    /// Tells what one line says, and notes the times.
    func add(
        _ bytes: Span<UInt8>,
        _ line: InfoLine,
        to times: inout CommandTimes,
        _ memory: inout SampleMemory,
        _ skips: inout ParseSkips
    ) {
        let name = (line.name.lowerBound + InfoCommandstatsSection.prefix.utf8CodeUnitCount)..<line.name.upperBound
        let values = InfoCommandstatsSection.Line(parsing: bytes, line.value)
        if values.isMalformed { skips.add(.notANumber) }
        guard let calls = values.calls, let microseconds = values.microseconds, !name.isEmpty else {
            if !values.isMalformed { skips.add(.malformed) }
            return
        }
        times.add(bytes, name, CommandTimes.Times(calls: calls, microseconds: microseconds))
        memory.values.append(calls)
        memory.values.append(microseconds / 1e6)
        if let rejected = values.rejected { memory.values.append(rejected) }
        if let failed = values.failed { memory.values.append(failed) }
        let (hasRejected, hasFailed) = (values.rejected != nil, values.failed != nil)
        memory.tell(bytes.extracting(name), shape: (hasRejected ? 1 : 0) | (hasFailed ? 2 : 0)) { samples in
            let labels = samples.labelStart
            samples.addLabel(bytes.extracting(name))
            samples.append(self[.calls], labelsFrom: labels, 0)
            samples.append(self[.duration], labelsFrom: labels, 0)
            if hasRejected { samples.append(self[.rejected], labelsFrom: labels, 0) }
            if hasFailed { samples.append(self[.failed], labelsFrom: labels, 0) }
        }
    }
}

import Metrics

/// Threads other than the main one: `io_thread_1:clients=3,reads=9,writes=8` of Redis and
/// `used_active_time_io_thread_1:0.25` of Valkey.
enum InfoThreadsSection: Int, MetricFamilies {
    case clients, reads, writes, activeTime

    static let prefix: StaticString = "io_thread_"
    static let activeTimePrefix: StaticString = "used_active_time_io_thread_"
    /// Redis admits 128 threads, Valkey 256.
    static let limit = 512

    var row: MetricRow {
        switch self {
        case .clients:
            MetricRow(
                "clients", "redis_io_thread_clients", .gauge, labels: ["thread"], since: "Redis 8.0",
                help: "Clients by the thread that serves them."
            )
        case .reads:
            MetricRow(
                "reads", "redis_io_thread_reads_total", .counter, labels: ["thread"], since: "Redis 8.0",
                help: "Reads from sockets by thread."
            )
        case .writes:
            MetricRow(
                "writes", "redis_io_thread_writes_total", .counter, labels: ["thread"], since: "Redis 8.0",
                help: "Writes to sockets by thread."
            )
        case .activeTime:
            MetricRow(
                "", "redis_active_time_io_thread_seconds_total", .counter, .seconds, labels: ["thread"],
                since: "Valkey 9.0",
                help: "Seconds during which a thread had work to do, by thread."
            )
        }
    }

    fileprivate static func family(_ bytes: Span<UInt8>, _ name: Range<Int>) -> InfoThreadsSection? {
        if bytes.equals("clients", in: name) { return .clients }
        if bytes.equals("reads", in: name) { return .reads }
        if bytes.equals("writes", in: name) { return .writes }
        return nil
    }
}

extension FamilyTable<InfoThreadsSection> {
    /// Adds the samples of one `io_thread_` line.
    func add(_ bytes: Span<UInt8>, _ line: InfoLine, to buffer: inout SampleBuffer, _ skips: inout ParseSkips) {
        let thread = (line.name.lowerBound + InfoThreadsSection.prefix.utf8CodeUnitCount)..<line.name.upperBound
        guard bytes.integer(in: thread) != nil else {
            skips.add(.malformed)
            return
        }
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(thread))
        var pairs = PairWalker(line.value)
        while let pair = pairs.next(in: bytes) {
            guard let family = InfoThreadsSection.family(bytes, pair.name) else { continue }
            guard let value = bytes.decimal(in: pair.value) else {
                skips.add(.notANumber)
                continue
            }
            buffer.append(self[family], labelsFrom: labels, value)
        }
    }

    /// Adds the sample of one `used_active_time_io_thread_` line.
    func addActiveTime(
        _ bytes: Span<UInt8>,
        _ line: InfoLine,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        let prefixLength = InfoThreadsSection.activeTimePrefix.utf8CodeUnitCount
        let thread = (line.name.lowerBound + prefixLength)..<line.name.upperBound
        guard bytes.integer(in: thread) != nil else {
            skips.add(.malformed)
            return
        }
        guard let seconds = bytes.decimal(in: line.value) else {
            skips.add(.notANumber)
            return
        }
        let labels = buffer.labelStart
        buffer.addLabel(bytes.extracting(thread))
        buffer.append(self[.activeTime], labelsFrom: labels, seconds)
    }
}

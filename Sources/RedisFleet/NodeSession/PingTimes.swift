import Metrics

/// How long the node takes to answer when there is nothing to do: the times of our own PINGs.
struct PingTimes: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_node_ping_seconds", .histogram, .seconds,
            help: "Time from a PING to its answer, measured after polls, at most once a second."
        ),
        MetricRow(
            "", "redis_exporter_last_scrape_ping_time_seconds", .gauge, .seconds,
            help: "Time from the last PING to its answer."
        ),
    ]

    private static let bounds: [(seconds: Double, text: String)] = [
        (0.000_05, "5e-05"), (0.0001, "0.0001"), (0.000_25, "0.00025"), (0.0005, "0.0005"), (0.001, "0.001"),
        (0.0025, "0.0025"), (0.005, "0.005"), (0.01, "0.01"), (0.025, "0.025"), (0.05, "0.05"), (0.1, "0.1"),
        (0.25, "0.25"), (0.5, "0.5"), (1, "1"), (2.5, "2.5"),
    ]

    private let first: FamilyID
    private let includesLast: Bool
    /// Of each bucket alone; the last one has no bound.
    private var counts = [Int](repeating: 0, count: Self.bounds.count + 1)
    private var total = 0
    private var sum = 0.0
    private var last: Double?
    private var lastBegun: ContinuousClock.Instant?

    /// `first` is where the catalogue has `rows`.
    init(first: FamilyID, includesLast: Bool) {
        self.first = first
        self.includesLast = includesLast
    }

    /// Whether a PING is due; if so it counts as sent now.
    mutating func begin(now: ContinuousClock.Instant) -> Bool {
        if let lastBegun, now - lastBegun < .seconds(1) { return false }
        lastBegun = now
        return true
    }

    /// A PING was answered.
    mutating func add(_ time: Duration) {
        let seconds = time.seconds
        let bucket = Self.bounds.firstIndex { seconds <= $0.seconds } ?? Self.bounds.count
        counts[bucket] += 1
        total += 1
        sum += seconds
        last = seconds
    }

    /// Adds the histogram, and the last time where it is asked for.
    func append(to buffer: inout SampleBuffer) {
        guard total > 0 else { return }
        var count = 0
        for (bound, own) in zip(Self.bounds, counts) {
            count += own
            appendBucket(bound.text, count, to: &buffer)
        }
        appendBucket("+Inf", total, to: &buffer)
        let labels = buffer.labelStart
        buffer.append(first, role: .sum, labelsFrom: labels, sum)
        buffer.append(first, role: .count, labelsFrom: labels, Double(total))
        if includesLast, let last { buffer.append(first.advanced(by: 1), last) }
    }

    private func appendBucket(_ bound: String, _ count: Int, to buffer: inout SampleBuffer) {
        let labels = buffer.labelStart
        buffer.addLabel(bound)
        buffer.append(first, role: .bucket, labelsFrom: labels, Double(count))
    }
}

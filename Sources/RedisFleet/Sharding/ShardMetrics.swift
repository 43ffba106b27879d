import Metrics

/// The series about the part of a fleet that this process watches.
struct ShardMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_shard_info", .gauge, labels: ["shard", "of"],
            help: "One, with the shard that this process watches and how many there are; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_count", .gauge,
            help: "How many shards there are; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_replicas", .gauge,
            help: "How many shards watch each deployment; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_targets", .gauge, labels: ["state"],
            help: "Targets of the configuration, by whether this shard watches them; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_targets_silent", .gauge,
            help: "Targets that did not tell where they belong when they were last asked; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_targets_taken_total", .counter,
            help: "Targets taken over from other shards, or new in the configuration; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_targets_given_up_total", .counter,
            help: "Targets given up to other shards, or gone from the configuration; only with --shard."
        ),
        MetricRow(
            "", "redstart_shard_look_duration_seconds", .gauge, .seconds,
            help: "Time that it took to ask all targets where they belong, the last time; only with --shard."
        ),
    ]

    /// The positions of the rows, in their order.
    enum Row: Int {
        case info, count, replicas, targets, silent, taken, givenUp, lookTime
    }

    private let first: FamilyID

    /// `first` is where the catalogue has `rows`.
    init(first: FamilyID) {
        self.first = first
    }

    func appendInfo(_ shard: Shard, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel("\(shard.index)")
        buffer.addLabel("\(shard.count)")
        buffer.append(row(.info), labelsFrom: start, 1)
        buffer.append(row(.count), Double(shard.count))
        buffer.append(row(.replicas), Double(shard.replicas))
    }

    func append(_ row: Row, _ label: String, _ value: Int, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(label)
        buffer.append(self.row(row), labelsFrom: start, Double(value))
    }

    func append(_ row: Row, _ value: Double, to buffer: inout SampleBuffer) {
        buffer.append(self.row(row), value)
    }

    private func row(_ row: Row) -> FamilyID {
        first.advanced(by: row.rawValue)
    }
}

import Alerting
import BundledRules
import CAnchors
import Metrics
import PromQL
import TimeSeriesStore

/// All bundled rules over one busy node, in turn with its polls for an hour, what they record stored as the daemon does.
///
/// Every group is evaluated at every poll, also those that ask for a longer interval: the most that can come together.
struct RuleBenchmarks {
    /// Microseconds, as Redis has them in LATENCY HISTOGRAM.
    private static let bounds = (10...30).map { (1 << $0 + 1 << ($0 - 7) - 1) / 1000 }

    private let table = SeriesKeyTable(catalog: Recording.catalog())
    private let store: TimeSeriesStore
    private let fleet: RecordedFleet
    private let clock = ContinuousClock()

    init(recording: String) throws {
        store = TimeSeriesStore(keys: table, configuration: StoreConfiguration(history: .seconds(3600)))
        fleet = try RecordedFleet(recordings: [recording], nodes: 1, table: table)
    }

    func run(_ harness: inout Harness) throws {
        let samples = fleet.recording(of: 0).first
        let node = store.addGroup(labels: fleet.labels(of: 0))
        let histograms = histograms(of: samples)
        let information = table.intern(Labels([(Labels.metricNameLabel, "redstart_node_info"), ("role", "master")]))
        let keys = samples.keys + histograms.map(\.key) + [information]
        var evaluations = try BundledRules.files.flatMap { try RuleFiles().parse($0.bytes, file: $0.name) }
            .map { RuleGroupEvaluation($0) }
        let recorded: [[SeriesGroup]] = evaluations.map { evaluation in
            evaluation.rules.map { _ in store.addGroup(labels: Labels()) }
        }
        var rounds: [Measurement] = []
        for poll in 0..<RecordedFleet.polls {
            let time = fleet.time(of: 0, poll: poll)
            let values = fleet.values(of: 0, poll: poll)
            let counts = histograms.map { (values[$0.counter] * $0.share).rounded() }
            try store.append(keys: keys, values: values + counts + [1], at: time, to: node)
            rounds.append(evaluate(&evaluations, into: recorded, at: time))
        }
        let failures = evaluations.flatMap(\.rules).filter { $0.health.status == .err }
        for rule in failures { harness.note("\(rule.rule.name) failed: \(rule.health.lastError)") }
        let slowest = evaluations.flatMap(\.rules).sorted { $0.health.duration > $1.health.duration }.prefix(5)
            .map { "\($0.rule.name) \(rounded($0.health.duration.microseconds)) µs" }
        harness.note("The slowest rules over one node: \(slowest.joined(separator: ", ")).")
        harness.report(
            "all \(evaluations.map(\.rules.count).reduce(0, +)) bundled rules over one node of \(keys.count) series "
                + "with an hour of history, states and what is recorded included",
            // With most of the hour there.
            Harness.median(Array(rounds.suffix(RecordedFleet.polls / 4))),
            budget: "≤ 2 ms"
        )
    }

    private func evaluate(
        _ evaluations: inout [RuleGroupEvaluation],
        into recorded: [[SeriesGroup]],
        at time: Int64
    ) -> Measurement {
        let source = StoreSeriesSource(store)
        let engine = QueryEngine()
        let allocations = anchor_allocation_count()
        let taken = clock.measure {
            for index in evaluations.indices {
                _ = evaluations[index].evaluate(
                    at: time, engine: engine, source: source, externals: TemplateExternals()
                ) { write($0, to: recorded[index][$0.ruleIndex]) }
            }
        }
        return Measurement(
            microseconds: taken.microseconds, allocations: Double(anchor_allocation_count() - allocations))
    }

    private func write(_ result: RuleResult, to group: SeriesGroup) -> String? {
        let keys = result.samples.map { table.intern($0.labels) }
        defer { table.release(keys) }
        do {
            try store.append(
                keys: keys, values: result.samples.map(\.value), at: result.timestampMilliseconds, to: group)
            return nil
        } catch {
            return error.description
        }
    }

    /// The buckets of each command's latency, which the recording does not have: a share of its calls in each.
    private func histograms(of samples: PollSamples) -> [(key: SeriesKey, counter: Int, share: Double)] {
        samples.keys.enumerated().flatMap { index, key in
            let labels = table.labels(of: key)
            guard labels[Labels.metricNameLabel] == "redis_commands_total", let command = labels["cmd"] else {
                return [(key: SeriesKey, counter: Int, share: Double)]()
            }
            let name = "redis_commands_latencies_usec"
            let buckets = Self.bounds.enumerated().map { place, bound in
                let bucket = [(Labels.metricNameLabel, "\(name)_bucket"), ("cmd", command), ("le", "\(bound)")]
                return (table.intern(Labels(bucket)), index, min(1, Double(place + 1) / 12))
            }
            let whole = ["\(name)_count", "\(name)_bucket"].map { name in
                let end = name.hasSuffix("bucket") ? [("le", "+Inf")] : []
                return (table.intern(Labels([(Labels.metricNameLabel, name), ("cmd", command)] + end)), index, 1.0)
            }
            return buckets + whole
        }
    }
}

import Alerting
import BundledRules
import CAnchors
import Metrics
import PromQL
import TimeSeriesStore

/// An hour of a fleet in memory: its size, rules and a dashboard query over it, and its exposition.
struct FleetBenchmarks {
    private static let rangeQuery = "sum by (cmd) (rate(redis_commands_total[5m]))"

    private let table = SeriesKeyTable(catalog: Recording.catalog())
    private let store: TimeSeriesStore
    private let fleet: RecordedFleet
    private let prometheus: PrometheusAnchor?
    private let clock = ContinuousClock()

    init(recordings: [String], nodes: Int, prometheus: PrometheusAnchor?) throws {
        store = TimeSeriesStore(keys: table, configuration: StoreConfiguration(history: .seconds(3700)))
        fleet = try RecordedFleet(recordings: recordings, nodes: nodes, table: table)
        self.prometheus = prometheus
    }

    func run(_ harness: inout Harness) throws {
        try fill(&harness)
        let groups = try BundledRules.files.flatMap { try RuleFiles().parse($0.bytes, file: $0.name) }
        let queries = groups.flatMap { $0.rules.map(\.query.text) }
        if let prometheus {
            try prometheus.write(fleet, table: table, read: queries + [Self.rangeQuery])
        }
        try rules(groups, queries, &harness)
        try range(&harness)
        expose(&harness)
    }

    private func fill(_ harness: inout Harness) throws {
        let resident = anchor_resident_bytes()
        let groups = (0..<fleet.nodes).map { store.addGroup(labels: fleet.labels(of: $0)) }
        var rounds: [Measurement] = []
        for poll in 0..<RecordedFleet.polls {
            let times = groups.indices.map { fleet.time(of: $0, poll: poll) }
            let rows = groups.indices.map { fleet.values(of: $0, poll: poll) }
            let allocations = anchor_allocation_count()
            let taken = try clock.measure {
                for (node, group) in groups.enumerated() {
                    let keys = fleet.recording(of: node).first.keys
                    try store.append(keys: keys, values: rows[node], at: times[node], to: group)
                }
            }
            let count = Double(fleet.nodes)
            rounds.append(
                Measurement(
                    microseconds: taken.microseconds / count,
                    allocations: Double(anchor_allocation_count() - allocations) / count
                )
            )
        }
        let statistics = store.statistics()
        let grown = Double(anchor_resident_bytes() - resident) / 1e6
        let series = statistics.series / fleet.nodes
        let what = "\(fleet.nodes) nodes × \(series) series × \(RecordedFleet.polls) polls"
        // Some polls compress what came before, so the mean says more than the median.
        harness.report(
            "append one poll of \(series) series, nodes in turn: mean",
            Harness.mean(rounds),
            budget: "≤ 20 µs"
        )
        harness.report(
            "\(what): bytes per sample", rounded(Double(statistics.bytes) / Double(statistics.samples)),
            budget: "≤ 1.5"
        )
        harness.report(
            "\(what): resident memory, labels included",
            "\(rounded(grown)) MB; the process \(rounded(Double(anchor_resident_bytes()) / 1e6)) MB",
            budget: "≤ 300 MB"
        )
    }

    private func rules(_ groups: [RuleGroup], _ queries: [String], _ harness: inout Harness) throws {
        var evaluations = groups.map { RuleGroupEvaluation($0) }
        let source = StoreSeriesSource(store)
        let engine = QueryEngine()
        var own: [Measurement] = []
        var expressions: [Measurement] = []
        var others: [Measurement] = []
        let parsed = try queries.map { try Query(parsing: $0) }
        var slowest: [(microseconds: Double, name: String)] = []
        for _ in 0..<5 {
            let allocations = anchor_allocation_count()
            let taken = clock.measure {
                for index in evaluations.indices {
                    _ = evaluations[index].evaluate(
                        at: fleet.end,
                        engine: engine,
                        source: source,
                        externals: TemplateExternals(),
                        store: { _ in nil }
                    )
                }
            }
            let used = Double(anchor_allocation_count() - allocations)
            own.append(Measurement(microseconds: taken.microseconds, allocations: used))
            slowest = evaluations.flatMap(\.rules).map { ($0.health.duration.microseconds, $0.rule.name) }
            let allocationsBefore = anchor_allocation_count()
            let evaluating = try clock.measure {
                for query in parsed {
                    _ = try engine.instant(query, at: fleet.end, source: source)
                }
            }
            let count = Double(anchor_allocation_count() - allocationsBefore)
            expressions.append(Measurement(microseconds: evaluating.microseconds, allocations: count))
            if let prometheus {
                let seconds = try queries.map { try prometheus.instant($0, at: fleet.end).seconds }.reduce(0, +)
                others.append(Measurement(microseconds: seconds * 1e6, allocations: 0))
            }
        }
        let list = slowest.sorted { $0.microseconds > $1.microseconds }.prefix(5)
            .map { "\($0.name) \(rounded($0.microseconds / 1000)) ms" }.joined(separator: ", ")
        harness.note("The slowest rules: \(list).")
        harness.report(
            "all \(queries.count) bundled rules over \(fleet.nodes) nodes, states and templates included",
            Harness.median(own),
            budget: "≤ 0.33 ×",
            anchor: prometheus == nil ? nil : ("their expressions in Prometheus", Harness.median(others))
        )
        harness.report(
            "their expressions alone",
            Harness.median(expressions),
            budget: "≤ 0.33 ×",
            anchor: prometheus == nil ? nil : ("their expressions in Prometheus", Harness.median(others))
        )
        guard let prometheus else { return }
        for (query, text) in zip(parsed, queries) {
            let found = try engine.instant(query, at: fleet.end, source: source)
            guard case .vector(let samples) = found.value else { continue }
            let expected = try prometheus.instant(text, at: fleet.end).series
            if samples.count != expected {
                harness.note("Different results: \(samples.count) series here, \(expected) in Prometheus: `\(text)`")
            }
        }
    }

    private func range(_ harness: inout Harness) throws {
        let query = try Query(parsing: Self.rangeQuery)
        let source = StoreSeriesSource(store)
        let from = fleet.end - Int64(RecordedFleet.polls - 1) * RecordedFleet.interval
        var own: [Measurement] = []
        var others: [Measurement] = []
        for _ in 0..<5 {
            let allocations = anchor_allocation_count()
            var series = 0
            let taken = try clock.measure {
                let result = try QueryEngine().range(
                    query, from: from, through: fleet.end, step: RecordedFleet.interval, source: source
                )
                if case .matrix(let rows) = result.value { series = rows.count }
            }
            let used = Double(anchor_allocation_count() - allocations)
            own.append(Measurement(microseconds: taken.microseconds, allocations: used))
            if let prometheus {
                let answer = try prometheus.range(
                    Self.rangeQuery, from: from, through: fleet.end, step: RecordedFleet.interval
                )
                others.append(Measurement(microseconds: answer.seconds * 1e6, allocations: 0))
                if answer.series != series {
                    harness.note("Different results: \(series) series here, \(answer.series) in Prometheus.")
                }
            }
        }
        harness.report(
            "`\(Self.rangeQuery)`, one hour, 240 steps, \(fleet.nodes) nodes",
            Harness.median(own),
            budget: "≤ 1 ×",
            anchor: prometheus == nil ? nil : ("the same in Prometheus", Harness.median(others))
        )
    }

    private func expose(_ harness: inout Harness) {
        let exposition = TextExposition(table: table)
        let nodes = (0..<fleet.nodes).map { node in
            ExposedNode(labelText: LabelText.render(fleet.labels(of: node)), samples: fleet.recording(of: node).first)
        }
        let size = exposition.render(nodes, as: .prometheusText).count
        let taken = harness.single(rounds: 9, calls: 1) {
            _ = exposition.render(nodes, as: .prometheusText)
        }
        let copy = harness.single(rounds: 9, calls: 1) {
            anchor_fill(size)
        }
        harness.report(
            "exposition of \(fleet.nodes) nodes, \(rounded(Double(size) / 1e6)) MB",
            "\(rounded(taken.microseconds / 1000)) ms, \(rounded(Double(size) / taken.microseconds)) MB/s",
            budget: "≥ 300 MB/s",
            anchor: "malloc and memset of as much: \(rounded(Double(size) / copy.microseconds)) MB/s",
            ratio: rounded(taken.microseconds / copy.microseconds) + " ×"
        )
    }
}

extension Duration {
    var microseconds: Double {
        Double(components.seconds) * 1e6 + Double(components.attoseconds) / 1e12
    }
}

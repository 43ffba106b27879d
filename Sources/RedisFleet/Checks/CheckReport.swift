import Metrics
import RedisCollectors

/// What the checks of one node have found and what they have cost, since Redstart watches it.
struct CheckReport: Sendable {
    /// One check.
    struct Entry: Sendable {
        let name: String
        /// What the last run found; empty when it could not be completed.
        var samples = SampleBuffer()
        var skips = ParseSkips()
        var runs = 0
        var failures = 0
        /// Of the last complete run, pauses included.
        var duration: Duration?
        /// Of all runs.
        var serverTime = Duration.zero
        /// Milliseconds since 1970 of the end of the last run without an error.
        var lastSuccess: Int64?
    }

    private(set) var entries: [Entry] = []
    /// What became no series, of all runs.
    private(set) var dropped: [CheckDrop: Int] = [:]

    /// A check begins.
    mutating func start(_ name: String) {
        edit(name) { $0.runs += 1 }
    }

    /// The server was busy with a check for some time.
    mutating func count(_ serverTime: Duration, of name: String) {
        edit(name) { $0.serverTime += serverTime }
    }

    /// A check is complete.
    mutating func complete(_ name: String, _ outcome: CheckOutcome, duration: Duration, now: Int64) {
        edit(name) { entry in
            entry.samples = outcome.samples
            entry.skips.add(outcome.skips)
            entry.duration = duration
            if outcome.failure == nil { entry.lastSuccess = now } else { entry.failures += 1 }
        }
        for (reason, count) in outcome.dropped {
            dropped[reason, default: 0] += count
        }
    }

    /// A check could not be completed: what is known from before may be wrong by now.
    mutating func abort(_ name: String) {
        edit(name) { entry in
            entry.samples = SampleBuffer()
            entry.failures += 1
        }
    }

    /// Lets go of what was found, as another node is checked from now on.
    mutating func removeSamples() {
        for index in entries.indices {
            entries[index].samples = SampleBuffer()
        }
    }

    private mutating func edit(_ name: String, _ change: (inout Entry) -> Void) {
        if let index = entries.firstIndex(where: { $0.name == name }) {
            change(&entries[index])
        } else {
            entries.append(Entry(name: name))
            change(&entries[entries.count - 1])
        }
    }
}

/// The series about the checks themselves, and those that they found.
struct CheckMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_check_duration_seconds", .gauge, .seconds, labels: ["check"],
            help: "Time the last complete run of the check took, pauses included."
        ),
        MetricRow(
            "", "redstart_check_server_seconds_total", .counter, .seconds, labels: ["check"],
            help: "Time of the server that the check has taken so far, about."
        ),
        MetricRow(
            "", "redstart_check_last_success_timestamp_seconds", .gauge, .seconds, labels: ["check"],
            help: "When the check was last completed without an error, in seconds since 1970."
        ),
        MetricRow("", "redstart_check_runs_total", .counter, labels: ["check"], help: "Runs of the check begun."),
        MetricRow(
            "", "redstart_check_failures_total", .counter, labels: ["check"],
            help: "Runs of the check that ended early or met an error."
        ),
        MetricRow(
            "", "redstart_check_budget_ratio", .gauge, .ratio,
            help: "Share of the server's time that checks may take."
        ),
    ]

    private let first: FamilyID
    private let catalog: CheckCatalog
    /// `nil` where checks have no budget, or where there are none.
    private let budget: Double?

    /// `first` is where the catalogue has `rows`.
    init(first: FamilyID, catalog: CheckCatalog, options: CheckOptions) {
        self.first = first
        self.catalog = catalog
        budget = options.isEmpty || options.schedule == .withPoll ? nil : options.budget
    }

    /// Adds what was found and what it cost.
    func append(_ report: CheckReport, to buffer: inout SampleBuffer) {
        let keyGroups = report.entries.first { $0.name == CheckCatalog.keyGroupsName }
        catalog.appendKeyGroupsDuration(keyGroups?.duration ?? .zero, to: &buffer)
        for entry in report.entries {
            if let duration = entry.duration { append(.duration, entry.name, duration.seconds, to: &buffer) }
            append(.serverTime, entry.name, entry.serverTime.seconds, to: &buffer)
            if let last = entry.lastSuccess { append(.lastSuccess, entry.name, Double(last) / 1000, to: &buffer) }
            append(.runs, entry.name, Double(entry.runs), to: &buffer)
            append(.failures, entry.name, Double(entry.failures), to: &buffer)
        }
        if let budget { buffer.append(row(.budget), budget) }
        for entry in report.entries {
            buffer.append(contentsOf: entry.samples)
        }
    }

    private func append(_ position: Row, _ check: String, _ value: Double, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(check)
        buffer.append(row(position), labelsFrom: start, value)
    }

    private func row(_ position: Row) -> FamilyID {
        first.advanced(by: position.rawValue)
    }

    /// The positions of the rows, in their order.
    private enum Row: Int {
        case duration, serverTime, lastSuccess, runs, failures, budget
    }
}

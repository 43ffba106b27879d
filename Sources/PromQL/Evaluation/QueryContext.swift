import Glibc

/// What one running query has: its data, its limits, and what it has to say besides the result.
///
/// One thread uses it.
final class QueryContext {
    let source: any SeriesSource
    let options: QueryEngine.Options
    let query: Query
    /// The ends and the step of the whole query, for `@ start()`, `@ end()` and `step()`.
    let start: Int64
    let end: Int64
    let step: Int64
    private(set) var annotations = Annotations()
    /// `nil` unless samples are counted.
    var counter: SampleCounter?
    private var labelTextHeld = 0
    private var cellsHeld = 0
    private var mostCellsHeld = 0
    private let deadline: UInt64
    private var calls = 0

    init(query: Query, source: any SeriesSource, options: QueryEngine.Options, start: Int64, end: Int64, step: Int64) {
        self.query = query
        self.source = source
        self.options = options
        self.start = start
        self.end = end
        self.step = step
        if options.collectsStatistics { counter = SampleCounter(steps: Int((end - start) / step) + 1) }
        let limit = options.timeout.map { $0.components.seconds.magnitude } ?? UInt64.max
        let nanoseconds = options.timeout.map { UInt64($0.components.attoseconds.magnitude / 1_000_000_000) } ?? 0
        let (scaled, overflow) = limit.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = Self.now().addingReportingOverflow(overflow ? .max : scaled)
        deadline = overflow || sumOverflow ? .max : sum &+ nanoseconds
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Throws when the query should stop; called once a series and once a node.
    func checkpoint() throws(QueryError) {
        calls += 1
        guard calls & 15 == 1 else { return }
        if Task.isCancelled { throw .canceled("expression evaluation") }
        if deadline != .max, Self.now() > deadline { throw .timeout("expression evaluation") }
    }

    /// The same at once.
    func checkpointNow() throws(QueryError) {
        calls = 0
        try checkpoint()
    }

    /// Refuses a series that alone is more than the query may hold.
    func noteRead(_ samples: Int) throws(QueryError) {
        guard samples <= options.maximumSamples else { throw .tooManySamples }
    }

    /// Counts values about to be kept in memory.
    func hold(_ cells: Int) throws(QueryError) {
        let (sum, overflow) = cellsHeld.addingReportingOverflow(cells)
        guard !overflow, sum <= options.maximumSamples else { throw .tooManySamples }
        cellsHeld = sum
        mostCellsHeld = max(mostCellsHeld, sum)
    }

    /// What the label values that functions make in one query may take together: each can be long, and there is one for
    /// each series.
    private static let maximumLabelText = 64 << 20

    /// Counts a label value that a function has made.
    func holdLabelText(_ byteCount: Int) throws(QueryError) {
        labelTextHeld += byteCount
        guard labelTextHeld <= Self.maximumLabelText else {
            throw .execution("the query makes label values of more than \(Self.maximumLabelText) bytes")
        }
    }

    func letGo(_ cells: Int) {
        cellsHeld -= cells
    }

    var statistics: QueryStatistics? {
        counter.map { QueryStatistics(samplesPerStep: $0.perStep, peakSamples: mostCellsHeld) }
    }

    func warn(_ text: String, at range: Range<Int>) {
        annotations.add(text, isWarning: true, position: TextPosition(of: range.lowerBound, in: query.text))
    }

    func inform(_ text: String, at range: Range<Int>) {
        annotations.add(text, isWarning: false, position: TextPosition(of: range.lowerBound, in: query.text))
    }
}

/// Warnings and infos, each text once.
struct Annotations {
    private static let limit = 100
    private(set) var warnings: [String] = []
    private(set) var infos: [String] = []

    mutating func add(_ text: String, isWarning: Bool, position: TextPosition) {
        let full = "PromQL \(isWarning ? "warning" : "info"): \(text) (\(position))"
        if isWarning {
            if warnings.count < Self.limit, !warnings.contains(full) { warnings.append(full) }
        } else if infos.count < Self.limit, !infos.contains(full) {
            infos.append(full)
        }
    }

    static func quantile(_ value: Double) -> String {
        "quantile value should be between 0 and 1, got \(NumberText.general(value))"
    }
}

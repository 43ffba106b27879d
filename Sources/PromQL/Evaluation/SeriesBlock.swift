import Metrics

extension Double {
    /// What stands where a series has no value.
    ///
    /// It is the staleness marker, which no result can be: selectors drop it and arithmetic makes quiet NaNs only.
    static var absent: Double { .staleMarker }

    /// Whether there is no value.
    @inline(__always)
    var isAbsent: Bool { bitPattern == 0x7FF0_0000_0000_0002 }
}

/// The steps of a query or subquery, in milliseconds.
struct TimeGrid {
    let start: Int64
    let step: Int64
    let count: Int

    func time(_ index: Int) -> Int64 { start + Int64(index) * step }

    var end: Int64 { time(count - 1) }

    static func single(_ time: Int64) -> TimeGrid {
        TimeGrid(start: time, step: 1, count: 1)
    }
}

/// An instant vector at each step: one row a series, all rows in one array.
struct SeriesBlock {
    let width: Int
    private(set) var labels: [Labels] = []
    private(set) var values: [Double] = []

    init(width: Int) {
        self.width = width
    }

    var count: Int { labels.count }

    mutating func append(_ rowLabels: Labels, _ row: UnsafeMutableBufferPointer<Double>) {
        labels.append(rowLabels)
        values.append(contentsOf: row)
    }

    mutating func appendEmpty(_ rowLabels: Labels) {
        labels.append(rowLabels)
        values.append(contentsOf: repeatElement(.absent, count: width))
    }

    subscript(row: Int, step: Int) -> Double {
        get { values[row * width + step] }
        set { values[row * width + step] = newValue }
    }

    /// Calls `body` with each row that has a value; the row may be changed.
    mutating func forEachRow(
        _ body: (Labels, UnsafeMutableBufferPointer<Double>) throws(QueryError) -> Void
    ) throws(QueryError) {
        var failure: QueryError?
        values.withUnsafeMutableBufferPointer { all in
            for row in labels.indices {
                let slice = UnsafeMutableBufferPointer(rebasing: all[(row * width)..<((row + 1) * width)])
                guard slice.hasValue else { continue }
                do throws(QueryError) {
                    try body(labels[row], slice)
                } catch {
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
    }
}

extension UnsafeMutableBufferPointer<Double> {
    /// Whether any step has a value.
    var hasValue: Bool {
        contains { !$0.isAbsent }
    }
}

/// Collects rows by label set; two rows with the same labels become one where they share no step.
struct MergingBlock {
    private(set) var block: SeriesBlock
    private var rows: [Labels: Int] = [:]

    private let context: QueryContext

    static let sameLabels = QueryError.execution("vector cannot contain metrics with the same labelset")

    init(context: QueryContext, width: Int) {
        self.context = context
        block = SeriesBlock(width: width)
    }

    /// The row for a label set, made where there is none.
    mutating func row(_ labels: Labels) throws(QueryError) -> Int {
        if let row = rows[labels] { return row }
        try context.hold(block.width)
        let row = block.count
        rows[labels] = row
        block.appendEmpty(labels)
        return row
    }

    /// Throws where the step has a value already.
    mutating func merge(_ labels: Labels, _ values: UnsafeMutableBufferPointer<Double>) throws(QueryError) {
        let row = try row(labels)
        for (step, value) in values.enumerated() where !value.isAbsent {
            guard block[row, step].isAbsent else { throw Self.sameLabels }
            block[row, step] = value
        }
    }

    subscript(row: Int, step: Int) -> Double {
        get { block[row, step] }
        set { block[row, step] = newValue }
    }

    /// Hands all rows on, at the end.
    mutating func drain(_ body: SeriesBody) throws(QueryError) {
        try block.forEachRow(body)
        context.letGo(block.count * block.width)
    }
}

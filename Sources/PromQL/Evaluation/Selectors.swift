import Metrics

extension Evaluator {
    enum SelectorOutput {
        case value
        /// The time of the sample in seconds.
        case timestamp
    }

    /// Hands the latest sample of each series at each step to `body`.
    func streamSelector(
        _ node: VectorSelector,
        output: SelectorOutput,
        _ body: SeriesBody
    ) throws(QueryError) {
        let lookback = context.options.lookbackMilliseconds
        let times = referenceTimes(node.time)
        let from = times.first - lookback + 1
        guard times.first != times.last else {
            try streamLastSamples(node, from: from, at: times.last, output: output, body)
            return
        }
        try withScratch { buffer throws(QueryError) in
            try context.source.forEachSeries(node.matchers, from: from, through: times.last) {
                labels, timestamps, values throws(QueryError) in
                try context.checkpoint()
                try context.noteRead(timestamps.count)
                Self.fill(buffer, timestamps, values, times, lookback: lookback, output: output)
                if buffer.hasValue {
                    if context.counter != nil { countPresent(buffer) }
                    try body(labels, buffer)
                }
            }
        }
    }

    /// The same where all steps look at one time.
    private func streamLastSamples(
        _ node: VectorSelector,
        from: Int64,
        at time: Int64,
        output: SelectorOutput,
        _ body: SeriesBody
    ) throws(QueryError) {
        try withScratch { buffer throws(QueryError) in
            try context.source.forEachLastSample(node.matchers, from: from, through: time) {
                labels, timestamp, value throws(QueryError) in
                try context.checkpoint()
                guard !value.isStaleMarker else { return }
                buffer.update(repeating: output == .value ? value : Double(timestamp) / 1000)
                if context.counter != nil { countPresent(buffer) }
                try body(labels, buffer)
            }
        }
    }

    private func countPresent(_ values: UnsafeMutableBufferPointer<Double>) {
        for (step, value) in values.enumerated() where !value.isAbsent { context.counter?.count(1, step: step) }
    }

    private static func fill(
        _ buffer: UnsafeMutableBufferPointer<Double>,
        _ timestamps: UnsafeBufferPointer<Int64>,
        _ values: UnsafeBufferPointer<Double>,
        _ times: ReferenceTimes,
        lookback: Int64,
        output: SelectorOutput
    ) {
        var next = 0
        for step in buffer.indices {
            let time = times[step]
            while next < timestamps.count, timestamps[next] <= time {
                next += 1
            }
            guard next > 0, timestamps[next - 1] > time - lookback, !values[next - 1].isStaleMarker else {
                buffer[step] = .absent
                continue
            }
            switch output {
            case .value: buffer[step] = values[next - 1]
            case .timestamp: buffer[step] = Double(timestamps[next - 1]) / 1000
            }
        }
    }

    /// The times at which a selector looks.
    struct ReferenceTimes {
        let first: Int64
        let step: Int64
        let last: Int64

        subscript(index: Int) -> Int64 { first + Int64(index) * step }
    }

    func referenceTimes(_ time: TimeModifier) -> ReferenceTimes {
        let offset = offsetMilliseconds(time)
        let anchored: Int64
        switch time.anchor {
        case .timestamp(let timestamp): anchored = timestamp
        case .start: anchored = context.start
        case .end: anchored = context.end
        case nil: return ReferenceTimes(first: grid.start - offset, step: grid.step, last: grid.end - offset)
        }
        return ReferenceTimes(first: anchored - offset, step: 0, last: anchored - offset)
    }

    private func offsetMilliseconds(_ time: TimeModifier) -> Int64 {
        guard let expression = time.offsetExpression else { return time.offsetMilliseconds }
        return milliseconds(expression) ?? time.offsetMilliseconds
    }

    /// The value of a duration expression, `nil` where it has none.
    func milliseconds(_ expression: DurationExpression) -> Int64? {
        let value = (expression.seconds(step: context.step) * 1000).rounded()
        guard value.magnitude <= 9_223_372_036_854 else { return nil }
        return Int64(value)
    }

    /// The same for what must be positive.
    func positiveMilliseconds(_ expression: DurationExpression?, else plain: Int64) throws(QueryError) -> Int64 {
        guard let expression else { return plain }
        guard let value = milliseconds(expression), value > 0 else {
            throw .execution("duration must be greater than 0")
        }
        return value
    }

    // MARK: Ranges

    /// The samples of a matrix selector or a subquery, as an instant query shows them.
    func matrix(_ expression: Expression) throws(QueryError) -> [MatrixSeries] {
        var rows: [MatrixSeries] = []
        let range = try rangeGeometry(expression)
        try forEachRangeSeries(expression, range) { labels, timestamps, values throws(QueryError) in
            var row = MatrixSeries(labels: labels, timestamps: [], values: [])
            let end = range.times.last
            for (index, timestamp) in timestamps.enumerated()
            where timestamp > end - range.length && timestamp <= end {
                row.timestamps.append(timestamp)
                row.values.append(values[index])
            }
            if !row.values.isEmpty {
                context.counter?.count(row.values.count, step: 0)
                try context.hold(row.values.count)
                rows.append(row)
            }
        }
        return rows.sorted { $0.labels < $1.labels }
    }

    /// Where the windows of a range lie: each ends at a reference time and is `length` milliseconds long.
    struct RangeGeometry {
        let times: ReferenceTimes
        let length: Int64
    }

    func rangeGeometry(_ expression: Expression) throws(QueryError) -> RangeGeometry {
        switch expression.unwrapped {
        case .matrixSelector(let node):
            let length = try positiveMilliseconds(node.rangeExpression, else: node.rangeMilliseconds)
            return RangeGeometry(times: referenceTimes(node.selector.time), length: length)
        case .subquery(let node):
            let length = try positiveMilliseconds(node.rangeExpression, else: node.rangeMilliseconds)
            return RangeGeometry(times: referenceTimes(node.time), length: length)
        default:
            throw .execution("unexpected \(expression.type.longName) where a range vector is wanted")
        }
    }

    typealias RangeBody = (
        Labels, UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Double>
    ) throws(QueryError) -> Void

    /// Hands the samples of each series, those of all windows together and without staleness markers, to `body`.
    func forEachRangeSeries(
        _ expression: Expression,
        _ range: RangeGeometry,
        _ body: RangeBody
    ) throws(QueryError) {
        switch expression.unwrapped {
        case .matrixSelector(let node): try forEachSelectedSeries(node.selector, range, body)
        case .subquery(let node): try forEachSubquerySeries(node, range, body)
        default: break
        }
    }

    private func forEachSelectedSeries(
        _ selector: VectorSelector,
        _ range: RangeGeometry,
        _ body: RangeBody
    ) throws(QueryError) {
        let from = range.times.first - range.length + 1
        var keptTimes: [Int64] = []
        var keptValues: [Double] = []
        try context.source.forEachSeries(selector.matchers, from: from, through: range.times.last) {
            labels, timestamps, values throws(QueryError) in
            try context.checkpoint()
            try context.noteRead(timestamps.count)
            guard values.contains(where: { $0.isStaleMarker }) else {
                try body(labels, timestamps, values)
                return
            }
            keptTimes.removeAll(keepingCapacity: true)
            keptValues.removeAll(keepingCapacity: true)
            for index in values.indices where !values[index].isStaleMarker {
                keptTimes.append(timestamps[index])
                keptValues.append(values[index])
            }
            if keptTimes.isEmpty { return }
            try Self.lend(keptTimes, keptValues, labels, body)
        }
    }

    private static func lend(
        _ timestamps: [Int64],
        _ values: [Double],
        _ labels: Labels,
        _ body: RangeBody
    ) throws(QueryError) {
        var failure: QueryError?
        timestamps.withUnsafeBufferPointer { times in
            values.withUnsafeBufferPointer { values in
                do throws(QueryError) {
                    try body(labels, times, values)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }

    /// Evaluates the inner expression at the multiples of the step that lie in any window.
    private func forEachSubquerySeries(
        _ node: Subquery,
        _ range: RangeGeometry,
        _ body: RangeBody
    ) throws(QueryError) {
        let step: Int64
        if let plain = node.stepMilliseconds {
            // The expression, where there is one, may be the step of the query.
            step = try positiveMilliseconds(node.stepExpression, else: plain)
        } else {
            step = max(1, context.options.subqueryStepMilliseconds)
        }
        let after = range.times.first - range.length
        var start = step * (after / step)
        if start <= after { start += step }
        guard start <= range.times.last else { return }
        let count = (range.times.last - start) / step + 1
        guard count <= context.options.maximumSamples else { throw .tooManySamples }
        let inner = Evaluator(context: context, grid: TimeGrid(start: start, step: step, count: Int(count)))
        var times: [Int64] = []
        var kept: [Double] = []
        // Its samples count when a window over them is read.
        context.counter?.mute()
        defer { context.counter?.unmute() }
        try inner.stream(node.expression) { labels, values throws(QueryError) in
            context.counter?.unmute()
            defer { context.counter?.mute() }
            try context.checkpoint()
            times.removeAll(keepingCapacity: true)
            kept.removeAll(keepingCapacity: true)
            for (index, value) in values.enumerated() where !value.isAbsent {
                times.append(inner.grid.time(index))
                kept.append(value)
            }
            if times.isEmpty { return }
            try Self.lend(times, kept, labels, body)
        }
    }
}

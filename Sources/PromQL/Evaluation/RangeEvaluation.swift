import Metrics

extension Evaluator {
    /// Hands the value of a range function at each step to `body`, series by series.
    func streamRange(_ function: RangeFunction, _ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let argument = node.arguments[node.function.argumentTypes.firstIndex(of: .matrix) ?? 0]
        switch function {
        case .rate, .increase, .delta:
            let range = try rangeGeometry(argument)
            let kernel = ExtrapolatedRate(
                isCounter: function.isForCounters,
                perSeconds: function == .rate ? Double(range.length) / 1000 : nil
            )
            try slide(kernel, function, argument, body)
        case .irate: try slide(InstantChange(isRate: true), function, argument, body)
        case .idelta: try slide(InstantChange(isRate: false), function, argument, body)
        case .changes: try slide(ChangeCount(onlyResets: false), function, argument, body)
        case .resets: try slide(ChangeCount(onlyResets: true), function, argument, body)
        case .average: try slide(AverageOverTime(), function, argument, body)
        case .sum: try slide(SumOverTime(), function, argument, body)
        case .minimum: try slide(ExtremeOverTime(isMaximum: false), function, argument, body)
        case .maximum: try slide(ExtremeOverTime(isMaximum: true), function, argument, body)
        case .count: try slide(CountOverTime(isPresence: false), function, argument, body)
        case .present: try slide(CountOverTime(isPresence: true), function, argument, body)
        case .last: try slide(EndOfWindow(isLast: true, isTime: false), function, argument, body)
        case .first: try slide(EndOfWindow(isLast: false, isTime: false), function, argument, body)
        case .timeOfLast: try slide(EndOfWindow(isLast: true, isTime: true), function, argument, body)
        case .timeOfFirst: try slide(EndOfWindow(isLast: false, isTime: true), function, argument, body)
        case .timeOfMinimum: try slide(TimeOfExtreme(isMaximum: false), function, argument, body)
        case .timeOfMaximum: try slide(TimeOfExtreme(isMaximum: true), function, argument, body)
        case .deviation: try slide(SpreadOverTime(isDeviation: true), function, argument, body)
        case .variance: try slide(SpreadOverTime(isDeviation: false), function, argument, body)
        case .medianDeviation: try slide(MedianDeviation(), function, argument, body)
        case .derivative: try slide(Derivative(), function, argument, body)
        case .quantile, .prediction, .smoothing:
            try streamParameterisedRange(function, node, argument, body)
        }
    }

    private func streamParameterisedRange(
        _ function: RangeFunction,
        _ node: FunctionCall,
        _ argument: Expression,
        _ body: SeriesBody
    ) throws(QueryError) {
        switch function {
        case .quantile:
            let quantiles = try scalar(node.arguments[0])
            warnAboutQuantiles(quantiles, at: node.arguments[0].range)
            try slide(QuantileOverTime(quantiles: quantiles), function, argument, body)
        case .prediction:
            try slide(LinearPrediction(durations: try scalar(node.arguments[1])), function, argument, body)
        default:
            let smoothing = try scalar(node.arguments[1])
            let trend = try scalar(node.arguments[2])
            if let wrong = smoothing.first(where: { !($0 > 0 && $0 < 1) }) {
                throw .execution("invalid smoothing factor. Expected: 0 < sf < 1, got: \(NumberText.fixed(wrong))")
            }
            if let wrong = trend.first(where: { !($0 > 0 && $0 < 1) }) {
                throw .execution("invalid trend factor. Expected: 0 < tf < 1, got: \(NumberText.fixed(wrong))")
            }
            try slide(DoubleExponentialSmoothing(smoothing: smoothing, trend: trend), function, argument, body)
        }
    }

    func warnAboutQuantiles(_ quantiles: [Double], at range: Range<Int>) {
        for quantile in quantiles where !(quantile >= 0 && quantile <= 1) {
            context.warn(Annotations.quantile(quantile), at: range)
        }
    }

    /// Slides a window along each series.
    private func slide<Kernel: RangeKernel>(
        _ kernel: Kernel,
        _ function: RangeFunction,
        _ argument: Expression,
        _ body: SeriesBody
    ) throws(QueryError) {
        let range = try rangeGeometry(argument)
        var checksCounter = function.isForCounters
        let keepsName = function.keepsName
        var dropper = NameDropper(isUniform: NameUniformity.holds(argument))
        var kernel = kernel
        var lastInformed = ""
        try withScratch { buffer throws(QueryError) in
            try forEachRangeSeries(argument, range) { labels, timestamps, values throws(QueryError) in
                kernel.begin(values)
                try fill(buffer, &kernel, timestamps, values, range)
                guard buffer.hasValue else { return }
                if checksCounter {
                    checkCounter(labels, &lastInformed, at: argument.range)
                    // Of series that all have one name, one says it all.
                    checksCounter = !dropper.isUniform
                }
                try body(keepsName ? labels : try dropper.drop(labels), buffer)
            }
        }
    }

    /// A window may be large and there may be many of them, so the clock is looked at within one series too.
    private func fill<Kernel: RangeKernel>(
        _ buffer: UnsafeMutableBufferPointer<Double>,
        _ kernel: inout Kernel,
        _ timestamps: UnsafeBufferPointer<Int64>,
        _ values: UnsafeBufferPointer<Double>,
        _ range: RangeGeometry
    ) throws(QueryError) {
        var work = 0
        var lower = 0
        var upper = 0
        for step in buffer.indices {
            let end = range.times[step]
            let start = end - range.length
            while upper < timestamps.count, timestamps[upper] <= end { upper += 1 }
            while lower < upper, timestamps[lower] <= start { lower += 1 }
            guard lower < upper else {
                buffer[step] = .absent
                continue
            }
            work += upper - lower
            context.counter?.count(upper - lower, step: step)
            if work > 1 << 20 {
                work = 0
                try context.checkpointNow()
            }
            buffer[step] = kernel.value(
                SampleWindow(
                    timestamps: timestamps,
                    values: values,
                    lower: lower,
                    upper: upper,
                    rangeStart: start,
                    rangeEnd: end,
                    step: step,
                    time: grid.time(step)
                )
            )
        }
    }

    private static let counterSuffixes = ["_total", "_sum", "_count", "_bucket"].map { Array($0.utf8) }

    private func checkCounter(_ labels: Labels, _ last: inout String, at range: Range<Int>) {
        var isCounter = true
        let nameLabel: StaticString = "__name__"
        labels.withValueBytes(
            of: UnsafeRawBufferPointer(start: nameLabel.utf8Start, count: nameLabel.utf8CodeUnitCount)
        ) { name in
            isCounter = Self.counterSuffixes.contains {
                name.count >= $0.count && name.suffix($0.count).elementsEqual($0)
            }
        }
        guard !isCounter, let name = labels.metricName, name != last else { return }
        last = name
        context.inform(
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                + Quoting.quoted(name),
            at: range
        )
    }
}

/// Functions that make one number of all samples in a range: `*_over_time`.
enum OverTimeFunctions {
    static let table: [FunctionSignature] = [
        FunctionSignature("avg_over_time", [.matrix], .range(.average)),
        FunctionSignature("sum_over_time", [.matrix], .range(.sum)),
        FunctionSignature("min_over_time", [.matrix], .range(.minimum)),
        FunctionSignature("max_over_time", [.matrix], .range(.maximum)),
        FunctionSignature("count_over_time", [.matrix], .range(.count)),
        FunctionSignature("last_over_time", [.matrix], .range(.last)),
        FunctionSignature("present_over_time", [.matrix], .range(.present)),
        FunctionSignature("stddev_over_time", [.matrix], .range(.deviation)),
        FunctionSignature("stdvar_over_time", [.matrix], .range(.variance)),
        FunctionSignature("quantile_over_time", [.scalar, .matrix], .range(.quantile)),
        FunctionSignature("first_over_time", [.matrix], experimental: true, .range(.first)),
        FunctionSignature("mad_over_time", [.matrix], experimental: true, .range(.medianDeviation)),
        FunctionSignature("ts_of_first_over_time", [.matrix], experimental: true, .range(.timeOfFirst)),
        FunctionSignature("ts_of_last_over_time", [.matrix], experimental: true, .range(.timeOfLast)),
        FunctionSignature("ts_of_min_over_time", [.matrix], experimental: true, .range(.timeOfMinimum)),
        FunctionSignature("ts_of_max_over_time", [.matrix], experimental: true, .range(.timeOfMaximum)),
    ]
}

struct AverageOverTime: RangeKernel {
    func value(_ window: SampleWindow) -> Double {
        var mean = CompensatedMean(first: window.values[window.lower])
        for value in window.slice.dropFirst() { mean.add(value) }
        return mean.mean
    }
}

struct SumOverTime: RangeKernel {
    func value(_ window: SampleWindow) -> Double {
        var sum = CompensatedSum()
        for value in window.slice { sum.add(value) }
        return sum.sum.isInfinite ? sum.sum : sum.total
    }
}

struct ExtremeOverTime: RangeKernel {
    let isMaximum: Bool

    func value(_ window: SampleWindow) -> Double {
        let values = window.slice
        var extreme = values[0]
        if isMaximum {
            for value in values where value > extreme || extreme.isNaN { extreme = value }
        } else {
            for value in values where value < extreme || extreme.isNaN { extreme = value }
        }
        return extreme
    }
}

/// The time of the smallest or largest sample, the latest of equal ones, in seconds.
struct TimeOfExtreme: RangeKernel {
    let isMaximum: Bool

    func value(_ window: SampleWindow) -> Double {
        var best = window.lower
        for index in window.lower..<window.upper {
            let value = window.values[index]
            let extreme = window.values[best]
            if extreme.isNaN || (isMaximum ? value >= extreme : value <= extreme) { best = index }
        }
        return Double(window.timestamps[best]) / 1000
    }
}

/// A sample at an end of the window, or its time in seconds.
struct EndOfWindow: RangeKernel {
    let isLast: Bool
    let isTime: Bool

    func value(_ window: SampleWindow) -> Double {
        let index = isLast ? window.upper - 1 : window.lower
        return isTime ? Double(window.timestamps[index]) / 1000 : window.values[index]
    }
}

struct CountOverTime: RangeKernel {
    let isPresence: Bool

    func value(_ window: SampleWindow) -> Double {
        isPresence ? 1 : Double(window.count)
    }
}

struct SpreadOverTime: RangeKernel {
    let isDeviation: Bool

    func value(_ window: SampleWindow) -> Double {
        var count = 0.0
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for value in window.slice {
            count += 1
            let delta = value - mean.total
            mean.add(delta / count)
            squares.add(delta * (value - mean.total))
        }
        let variance = squares.total / count
        return isDeviation ? variance.squareRoot() : variance
    }
}

struct QuantileOverTime: RangeKernel {
    /// One a step.
    let quantiles: [Double]
    private var scratch: [Double] = []

    init(quantiles: [Double]) {
        self.quantiles = quantiles
    }

    mutating func value(_ window: SampleWindow) -> Double {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: window.slice)
        return Quantile.of(&scratch, quantiles[window.step])
    }
}

struct MedianDeviation: RangeKernel {
    private var scratch: [Double] = []

    mutating func value(_ window: SampleWindow) -> Double {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: window.slice)
        let median = Quantile.of(&scratch, 0.5)
        for index in scratch.indices {
            scratch[index] = (scratch[index] - median).magnitude
        }
        return Quantile.of(&scratch, 0.5)
    }
}

/// Quantiles with linear interpolation between neighbours.
enum Quantile {
    /// Sorts the values, of which there is at least one, NaN first.
    static func of(_ values: inout [Double], _ quantile: Double) -> Double {
        if values.isEmpty || quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        values.sort { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let rank = quantile * Double(values.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(values.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[lower] * (1 - weight) + values[upper] * weight
    }
}

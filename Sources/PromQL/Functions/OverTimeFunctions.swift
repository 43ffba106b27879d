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
    /// The quantile of values, NaN below all numbers; changes their order.
    static func of(_ values: inout [Double], _ quantile: Double) -> Double {
        if values.isEmpty || quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        let rank = quantile * Double(values.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let weight = rank - rank.rounded(.down)
        return values.withUnsafeMutableBufferPointer { values in
            let (low, high) = neighbours(lower, in: values)
            return low * (1 - weight) + high * weight
        }
    }

    /// Each round halves the rest, more or less; values that defeat this are sorted.
    private static let roundLimit = 64

    /// What would stand at a position and the next one if the values were sorted; at the last position it is its own
    /// neighbour.
    ///
    /// Splits the values around one of them and goes on in the part that has the position (Hoare's selection), so that
    /// it takes time in proportion to their number; a series that rests is one step.
    private static func neighbours(
        _ position: Int,
        in values: UnsafeMutableBufferPointer<Double>
    ) -> (Double, Double) {
        var rest = values[...]
        for _ in 0..<roundLimit {
            let middle = (rest.startIndex + rest.endIndex) / 2
            let pivot = median(rest[rest.startIndex], rest[middle], rest[rest.endIndex - 1])
            // Below the pivot, equal to it, above it.
            var below = rest.startIndex
            var above = rest.endIndex
            var index = rest.startIndex
            while index < above {
                if precedes(rest[index], pivot) {
                    rest.swapAt(index, below)
                    below += 1
                    index += 1
                } else if precedes(pivot, rest[index]) {
                    above -= 1
                    rest.swapAt(index, above)
                } else {
                    index += 1
                }
            }
            if position < below - 1 {
                rest = rest[..<below]
            } else if position < below {
                return (largest(rest[..<below]), pivot)
            } else if position < above - 1 {
                return (pivot, pivot)
            } else if position < above {
                return (pivot, above < values.count ? smallest(values[above...]) : pivot)
            } else {
                rest = rest[above...]
            }
        }
        rest = values[...]
        rest.sort(by: precedes)
        return (values[position], values[min(position + 1, values.count - 1)])
    }

    private static func precedes(_ left: Double, _ right: Double) -> Bool {
        left < right || (left.isNaN && !right.isNaN)
    }

    private static func median(_ first: Double, _ second: Double, _ third: Double) -> Double {
        let (low, high) = precedes(second, first) ? (second, first) : (first, second)
        return precedes(third, low) ? low : precedes(high, third) ? high : third
    }

    private static func smallest(_ values: Slice<UnsafeMutableBufferPointer<Double>>) -> Double {
        values.reduce(values[values.startIndex]) { precedes($1, $0) ? $1 : $0 }
    }

    private static func largest(_ values: Slice<UnsafeMutableBufferPointer<Double>>) -> Double {
        values.reduce(values[values.startIndex]) { precedes($0, $1) ? $1 : $0 }
    }
}

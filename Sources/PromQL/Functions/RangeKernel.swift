/// The samples of one series within one range.
struct SampleWindow {
    /// All samples of the series, without staleness markers.
    let timestamps: UnsafeBufferPointer<Int64>
    let values: UnsafeBufferPointer<Double>
    /// The samples within the range: at least one.
    let lower: Int
    let upper: Int
    /// The range: left-open, in milliseconds.
    let rangeStart: Int64
    let rangeEnd: Int64
    /// The index of the step, and its time without `offset` and `@`.
    let step: Int
    let time: Int64

    var count: Int { upper - lower }

    /// The values within the range.
    var slice: UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(rebasing: values[lower..<upper])
    }
}

/// One range function: a window of samples to one value.
///
/// Each conformer is specialised, so that the loop over steps has no indirect call.
protocol RangeKernel {
    /// Called before the first window of a series.
    mutating func begin(_ values: UnsafeBufferPointer<Double>)
    /// The value for a window, `Double.absent` where there is none.
    mutating func value(_ window: SampleWindow) -> Double
}

extension RangeKernel {
    mutating func begin(_ values: UnsafeBufferPointer<Double>) {}
}

enum RangeFunction: Sendable {
    case rate, increase, delta, irate, idelta, changes, resets
    case average, sum, minimum, maximum, count, last, first, present, deviation, variance, quantile
    case medianDeviation, timeOfFirst, timeOfLast, timeOfMinimum, timeOfMaximum
    case derivative, prediction, smoothing

    /// Whether the result keeps the metric's name.
    var keepsName: Bool { self == .last || self == .first }

    /// Whether the function is meant for counters only.
    var isForCounters: Bool { self == .rate || self == .increase }
}

/// The sum of many numbers with the lost low-order bits kept aside (Neumaier's variant of Kahan's method), in the
/// order of operations of Prometheus, so that results agree to the last bit.
struct CompensatedSum {
    var sum = 0.0
    var compensation = 0.0

    @inline(__always)
    mutating func add(_ value: Double) {
        let next = sum + value
        if next.isInfinite {
            compensation = 0
        } else if sum.magnitude >= value.magnitude {
            compensation += (sum - next) + value
        } else {
            compensation += (value - next) + sum
        }
        sum = next
    }

    var total: Double { sum + compensation }
}

/// The mean of many numbers, switching to an incremental mean when the sum would overflow.
struct CompensatedMean {
    private var accumulator: CompensatedSum
    private var count = 1.0
    private var isIncremental = false

    init(first: Double) {
        accumulator = CompensatedSum(sum: first, compensation: 0)
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        count += 1
        if !isIncremental {
            var next = accumulator
            next.add(value)
            if !next.sum.isInfinite {
                accumulator = next
                return
            }
            isIncremental = true
            accumulator.sum /= count - 1
            accumulator.compensation /= count - 1
        }
        let weight = (count - 1) / count
        accumulator = CompensatedSum(sum: weight * accumulator.sum, compensation: weight * accumulator.compensation)
        accumulator.add(value / count)
    }

    var mean: Double {
        if isIncremental { return accumulator.total }
        return accumulator.sum / count + accumulator.compensation / count
    }
}

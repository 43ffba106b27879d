/// Functions that fit a curve to the samples in a range.
enum RegressionFunctions {
    static let table: [FunctionSignature] = [
        FunctionSignature("deriv", [.matrix], .range(.derivative)),
        FunctionSignature("predict_linear", [.matrix, .scalar], .range(.prediction)),
        FunctionSignature(
            "double_exponential_smoothing",
            [.matrix, .scalar, .scalar],
            experimental: true,
            .range(.smoothing)
        ),
    ]
}

/// A line through the samples of a window by least squares.
private struct Line {
    let slope: Double
    let intercept: Double

    /// The intercept is the value at `origin`, in milliseconds.
    init(through window: SampleWindow, origin: Int64) {
        var sumX = CompensatedSum()
        var sumY = CompensatedSum()
        var sumXY = CompensatedSum()
        var sumXX = CompensatedSum()
        let firstY = window.values[window.lower]
        var isConstant = true
        for index in window.lower..<window.upper {
            let y = window.values[index]
            if index > window.lower, y != firstY { isConstant = false }
            let x = Double(window.timestamps[index] - origin) / 1000
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumXX.add(x * x)
        }
        if isConstant {
            slope = firstY.isInfinite ? .nan : 0
            intercept = firstY.isInfinite ? .nan : firstY
            return
        }
        let count = Double(window.count)
        let covariance = sumXY.total - sumX.total * sumY.total / count
        let variance = sumXX.total - sumX.total * sumX.total / count
        slope = covariance / variance
        intercept = sumY.total / count - slope * sumX.total / count
    }
}

struct Derivative: RangeKernel {
    func value(_ window: SampleWindow) -> Double {
        guard window.count > 1 else { return .absent }
        return Line(through: window, origin: window.timestamps[window.lower]).slope
    }
}

struct LinearPrediction: RangeKernel {
    /// How far to look forward, in seconds, one a step.
    let durations: [Double]

    func value(_ window: SampleWindow) -> Double {
        guard window.count > 1 else { return .absent }
        let line = Line(through: window, origin: window.time)
        return line.slope * durations[window.step] + line.intercept
    }
}

/// Holt's linear trend.
struct DoubleExponentialSmoothing: RangeKernel {
    /// Both between 0 and 1, one a step.
    let smoothing: [Double]
    let trend: [Double]

    func value(_ window: SampleWindow) -> Double {
        guard window.count > 1 else { return .absent }
        let values = window.slice
        let smoothingFactor = smoothing[window.step]
        let trendFactor = trend[window.step]
        var previous = 0.0
        var level = values[0]
        var slope = values[1] - values[0]
        for index in 1..<values.count {
            let scaled = smoothingFactor * values[index]
            if index > 1 {
                slope = trendFactor * (level - previous) + (1 - trendFactor) * slope
            }
            let next = scaled + (1 - smoothingFactor) * (level + slope)
            previous = level
            level = next
        }
        return level
    }
}

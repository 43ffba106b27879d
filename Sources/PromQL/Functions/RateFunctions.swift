/// Functions of how a series changes: `rate` and its family.
enum RateFunctions {
    static let table: [FunctionSignature] = [
        FunctionSignature("rate", [.matrix], .range(.rate)),
        FunctionSignature("increase", [.matrix], .range(.increase)),
        FunctionSignature("delta", [.matrix], .range(.delta)),
        FunctionSignature("irate", [.matrix], .range(.irate)),
        FunctionSignature("idelta", [.matrix], .range(.idelta)),
        FunctionSignature("changes", [.matrix], .range(.changes)),
        FunctionSignature("resets", [.matrix], .range(.resets)),
    ]
}

/// `rate`, `increase` and `delta`: the change over the window, extrapolated to the whole range
/// (`extrapolatedRate` in `prometheus/promql/functions.go`).
struct ExtrapolatedRate: RangeKernel {
    let isCounter: Bool
    /// The length of the range for a value per second, else `nil`.
    let perSeconds: Double?
    /// Where the counter is smaller than before, in order; windows slide, so `firstReset` only grows.
    private var resets: [Int] = []
    private var firstReset = 0

    init(isCounter: Bool, perSeconds: Double?) {
        self.isCounter = isCounter
        self.perSeconds = perSeconds
    }

    mutating func begin(_ values: UnsafeBufferPointer<Double>) {
        resets.removeAll(keepingCapacity: true)
        firstReset = 0
        guard isCounter, values.count > 1 else { return }
        for index in 1..<values.count where values[index] < values[index - 1] {
            resets.append(index)
        }
    }

    mutating func value(_ window: SampleWindow) -> Double {
        guard window.count > 1 else { return .absent }
        let first = window.values[window.lower]
        var change = window.values[window.upper - 1] - first
        if !resets.isEmpty {
            while firstReset < resets.count, resets[firstReset] <= window.lower {
                firstReset += 1
            }
            var reset = firstReset
            while reset < resets.count, resets[reset] < window.upper {
                change += window.values[resets[reset] - 1]
                reset += 1
            }
        }
        let firstTime = window.timestamps[window.lower]
        let lastTime = window.timestamps[window.upper - 1]
        let sampled = Double(lastTime - firstTime) / 1000
        let average = sampled / Double(window.count - 1)
        let threshold = average * 1.1
        var toStart = Double(firstTime - window.rangeStart) / 1000
        if toStart >= threshold { toStart = average / 2 }
        if isCounter {
            // A counter cannot have been below zero.
            var toZero = toStart
            if change > 0, first >= 0 { toZero = sampled * (first / change) }
            if toZero < toStart { toStart = toZero }
        }
        var toEnd = Double(window.rangeEnd - lastTime) / 1000
        if toEnd >= threshold { toEnd = average / 2 }
        var factor = (sampled + toStart + toEnd) / sampled
        if let perSeconds { factor /= perSeconds }
        return change * factor
    }
}

/// `irate` and `idelta`: the change between the last two samples.
struct InstantChange: RangeKernel {
    let isRate: Bool

    func value(_ window: SampleWindow) -> Double {
        guard window.count > 1 else { return .absent }
        let last = window.values[window.upper - 1]
        let previous = window.values[window.upper - 2]
        guard isRate else { return last - previous }
        let elapsed = window.timestamps[window.upper - 1] - window.timestamps[window.upper - 2]
        guard elapsed != 0 else { return .absent }
        return (last < previous ? last : last - previous) / (Double(elapsed) / 1000)
    }
}

/// `changes` and `resets`: how often a value differs from, or is less than, the one before.
struct ChangeCount: RangeKernel {
    let onlyResets: Bool

    func value(_ window: SampleWindow) -> Double {
        let values = window.slice
        var total = 0
        var previous = values[0]
        for value in values.dropFirst() {
            if onlyResets {
                if value < previous { total += 1 }
            } else if value != previous, !(value.isNaN && previous.isNaN) {
                total += 1
            }
            previous = value
        }
        return Double(total)
    }
}

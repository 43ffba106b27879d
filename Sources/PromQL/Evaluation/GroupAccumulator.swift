/// The running state of a simple aggregation: for each group and step a few numbers, all groups in one array.
struct GroupAccumulator {
    private let operation: AggregationOperator
    private let width: Int
    private var groupCount = 0
    /// The sum, mean, extreme or count; absent until the first value.
    private var main: [Double] = []
    /// What the sum lost to rounding, or the sum of squares.
    private var second: [Double] = []
    /// How many values.
    private var counts: [Double] = []
    /// For an average whose sum would overflow: whether `main` is a mean rather than a sum.
    private var isIncremental: [Bool] = []

    init(operation: AggregationOperator, width: Int) {
        self.operation = operation
        self.width = width
    }

    mutating func addGroup() {
        groupCount += 1
        main.append(contentsOf: repeatElement(.absent, count: width))
        switch operation {
        case .sum: second.append(contentsOf: repeatElement(0, count: width))
        case .avg, .stddev, .stdvar:
            second.append(contentsOf: repeatElement(0, count: width))
            counts.append(contentsOf: repeatElement(0, count: width))
            if operation == .avg { isIncremental.append(contentsOf: repeatElement(false, count: width)) }
        default: break
        }
    }

    mutating func add(_ values: UnsafeMutableBufferPointer<Double>, to group: Int) {
        let base = group * width
        switch operation {
        case .sum: addToSum(values, base)
        case .avg: addToAverage(values, base)
        case .min: update(values, base) { $1 < $0 || $0.isNaN ? $1 : $0 }
        case .max: update(values, base) { $1 > $0 || $0.isNaN ? $1 : $0 }
        case .count: updateCount(values, base)
        case .stddev, .stdvar: addToSpread(values, base)
        default: update(values, base) { first, _ in first }
        }
    }

    func finish(_ group: Int, into buffer: UnsafeMutableBufferPointer<Double>) {
        let base = group * width
        for step in 0..<width {
            let cell = base + step
            let value = main[cell]
            guard !value.isAbsent else {
                buffer[step] = .absent
                continue
            }
            switch operation {
            case .sum: buffer[step] = value + second[cell]
            case .avg:
                buffer[step] =
                    isIncremental[cell]
                    ? value + second[cell] : value / counts[cell] + second[cell] / counts[cell]
            case .stddev: buffer[step] = (second[cell] / counts[cell]).squareRoot()
            case .stdvar: buffer[step] = second[cell] / counts[cell]
            case .group: buffer[step] = 1
            default: buffer[step] = value
            }
        }
    }

    @inline(__always)
    private mutating func update(
        _ values: UnsafeMutableBufferPointer<Double>,
        _ base: Int,
        _ combine: (Double, Double) -> Double
    ) {
        main.withUnsafeMutableBufferPointer { main in
            for step in values.indices where !values[step].isAbsent {
                let old = main[base + step]
                main[base + step] = old.isAbsent ? values[step] : combine(old, values[step])
            }
        }
    }

    private mutating func updateCount(_ values: UnsafeMutableBufferPointer<Double>, _ base: Int) {
        main.withUnsafeMutableBufferPointer { main in
            for step in values.indices where !values[step].isAbsent {
                let old = main[base + step]
                main[base + step] = old.isAbsent ? 1 : old + 1
            }
        }
    }

    private mutating func addToSum(_ values: UnsafeMutableBufferPointer<Double>, _ base: Int) {
        main.withUnsafeMutableBufferPointer { main in
            second.withUnsafeMutableBufferPointer { second in
                for step in values.indices where !values[step].isAbsent {
                    let cell = base + step
                    if main[cell].isAbsent {
                        main[cell] = values[step]
                        continue
                    }
                    var sum = CompensatedSum(sum: main[cell], compensation: second[cell])
                    sum.add(values[step])
                    main[cell] = sum.sum
                    second[cell] = sum.compensation
                }
            }
        }
    }

    private mutating func addToAverage(_ values: UnsafeMutableBufferPointer<Double>, _ base: Int) {
        for step in values.indices where !values[step].isAbsent {
            let cell = base + step
            let value = values[step]
            counts[cell] += 1
            let count = counts[cell]
            if count == 1 {
                main[cell] = value
                continue
            }
            var sum = CompensatedSum(sum: main[cell], compensation: second[cell])
            if !isIncremental[cell] {
                var next = sum
                next.add(value)
                if !next.sum.isInfinite {
                    main[cell] = next.sum
                    second[cell] = next.compensation
                    continue
                }
                isIncremental[cell] = true
                sum = CompensatedSum(sum: sum.sum / (count - 1), compensation: sum.compensation / (count - 1))
            }
            let weight = (count - 1) / count
            var mean = CompensatedSum(sum: weight * sum.sum, compensation: weight * sum.compensation)
            mean.add(value / count)
            main[cell] = mean.sum
            second[cell] = mean.compensation
        }
    }

    private mutating func addToSpread(_ values: UnsafeMutableBufferPointer<Double>, _ base: Int) {
        for step in values.indices where !values[step].isAbsent {
            let cell = base + step
            let value = values[step]
            counts[cell] += 1
            if counts[cell] == 1 {
                main[cell] = value
                // The spread around what is not finite is not a number, and stays so.
                second[cell] = value.isFinite ? 0 : .nan
                continue
            }
            let delta = value - main[cell]
            main[cell] += delta / counts[cell]
            second[cell] += delta * (value - main[cell])
        }
    }
}

import Bytes

/// Values of a last label that the series of many families share, such as the bounds of buckets or quantiles.
public struct LastLabels: Sendable {
    /// One after the other as they stand in a buffer, each LEB128 length and bytes.
    let bytes: [UInt8]
    /// Where each ends.
    let ends: [Int]

    /// Of values in their order.
    public init(_ texts: [String]) {
        var bytes: [UInt8] = []
        ends = texts.map { text in
            bytes.appendRun(text)
            return bytes.count
        }
        self.bytes = bytes
    }

    /// How many there are.
    public var count: Int { ends.count }
}

extension SampleBuffer {
    /// How many samples a histogram or summary has beside one for each value of its last label.
    public static let samplesBesideLast = 2

    /// Adds a histogram whose one label besides `le` has a given value.
    ///
    /// - Parameters:
    ///   - bounds: The upper bounds of the buckets, `+Inf` the last.
    ///   - counts: Of every bound how many values are not above it, all of them but `+Inf`.
    ///   - total: How many values there are.
    public mutating func appendHistogram(
        _ family: FamilyID,
        label: Span<UInt8>,
        bounds: LastLabels,
        counts: [Double],
        total: Double,
        sum: Double
    ) {
        let label = append(family, .bucket, label, bounds) { $0 < counts.count ? counts[$0] : total }
        append(family, role: .sum, labels: label, sum)
        append(family, role: .count, labels: label, total)
    }

    /// Gives a histogram that was added with `appendHistogram` other numbers.
    ///
    /// - Parameter start: The place of its first sample.
    public mutating func replaceHistogram(at start: Int, counts: [Double], total: Double, sum: Double) {
        for (number, count) in counts.enumerated() { setValue(count, at: start + number) }
        setValue(total, at: start + counts.count)
        setValue(sum, at: start + counts.count + 1)
        setValue(total, at: start + counts.count + 2)
    }

    /// Adds a summary whose one label besides `quantile` has a given value.
    ///
    /// All its values are zero: first those of the quantiles, then, if it has them, sum and count.
    public mutating func appendSummary(
        _ family: FamilyID,
        label: Span<UInt8>,
        quantiles: LastLabels,
        hasTotal: Bool
    ) {
        let label = append(family, .value, label, quantiles) { _ in 0 }
        guard hasTotal else { return }
        append(family, role: .sum, labels: label, 0)
        append(family, role: .count, labels: label, 0)
    }

    /// Adds a sample for every value of the last label.
    ///
    /// - Returns: The place of the label before it.
    private mutating func append(
        _ family: FamilyID,
        _ role: SampleRole,
        _ label: Span<UInt8>,
        _ last: LastLabels,
        _ value: (Int) -> Double
    ) -> Range<Int> {
        let start = labelStart
        addLabel(label)
        let prefix = start..<labelStart
        addLabels(last, after: prefix)
        var begin = start
        for (number, end) in last.ends.enumerated() {
            let next = start + (number + 1) * prefix.count + end
            append(family, role: role, labels: begin..<next, value(number))
            begin = next
        }
        return prefix
    }
}

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
}

extension SampleBuffer {
    /// Adds a histogram whose one label besides `le` has a given value.
    ///
    /// All its values are zero: first those of the buckets, then sum and count.
    public mutating func appendHistogram(_ family: FamilyID, label: Span<UInt8>, bounds: LastLabels) {
        let label = append(family, .bucket, label, bounds)
        append(family, role: .sum, labels: label, 0)
        append(family, role: .count, labels: label, 0)
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
        let label = append(family, .value, label, quantiles)
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
        _ last: LastLabels
    ) -> Range<Int> {
        let start = labelStart
        addLabel(label)
        let prefix = start..<labelStart
        addLabels(last, after: prefix)
        var begin = start
        for (number, end) in last.ends.enumerated() {
            let next = start + (number + 1) * prefix.count + end
            append(family, role: role, labels: begin..<next, 0)
            begin = next
        }
        return prefix
    }
}

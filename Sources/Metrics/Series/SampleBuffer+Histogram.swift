import Bytes

/// The upper bounds of a histogram's buckets as values of the label `le`.
public struct BucketBounds: Sendable {
    /// One after the other as they stand in a buffer, each LEB128 length and bytes.
    let bytes: [UInt8]
    /// Where each ends.
    let ends: [Int]

    /// Of bounds as text, in ascending order; `+Inf` comes by itself.
    public init(_ texts: [String]) {
        var bytes: [UInt8] = []
        ends = (texts + ["+Inf"]).map { text in
            bytes.appendRun(text)
            return bytes.count
        }
        self.bytes = bytes
    }
}

extension SampleBuffer {
    /// Adds a histogram whose one label besides `le` has a given value.
    ///
    /// - Parameters:
    ///   - counts: Of every bound how many values are not above it, all of them but `+Inf`.
    ///   - total: How many values there are.
    public mutating func appendHistogram(
        _ family: FamilyID,
        label: Span<UInt8>,
        bounds: BucketBounds,
        counts: [Double],
        total: Double,
        sum: Double
    ) {
        let start = labelStart
        addLabel(label)
        let prefix = start..<labelStart
        addLabels(of: bounds, after: prefix)
        var bucket = start
        for (number, end) in bounds.ends.enumerated() {
            let next = start + (number + 1) * prefix.count + end
            append(family, role: .bucket, labels: bucket..<next, number < counts.count ? counts[number] : total)
            bucket = next
        }
        append(family, role: .sum, labels: prefix, sum)
        append(family, role: .count, labels: prefix, total)
    }
}

import Metrics

/// Functions of histograms: those with classic buckets, which are floats with a label `le`.
///
/// Native histograms are outside; functions that know nothing else give nothing.
enum HistogramFunctions {
    static let table: [FunctionSignature] = [
        FunctionSignature("histogram_quantile", [.scalar, .vector], .special(.histogramQuantile)),
        FunctionSignature("histogram_fraction", [.scalar, .scalar, .vector], .special(.histogramFraction)),
        FunctionSignature("histogram_avg", [.vector], .special(.nativeHistogram)),
        FunctionSignature("histogram_count", [.vector], .special(.nativeHistogram)),
        FunctionSignature("histogram_sum", [.vector], .special(.nativeHistogram)),
        FunctionSignature("histogram_stddev", [.vector], .special(.nativeHistogram)),
        FunctionSignature("histogram_stdvar", [.vector], .special(.nativeHistogram)),
    ]

    static let bucketLabel = "le"
}

/// The buckets of one histogram at one step.
struct ClassicBuckets {
    struct Bucket {
        var upperBound: Double
        var count: Double
    }

    private(set) var buckets: [Bucket]

    /// `buckets` must be sorted by bound; buckets with one bound become one.
    init?(sorted buckets: [Bucket]) {
        guard let last = buckets.last, last.upperBound == .infinity else { return nil }
        self.buckets = []
        for bucket in buckets {
            if let index = self.buckets.indices.last, self.buckets[index].upperBound == bucket.upperBound {
                self.buckets[index].count += bucket.count
            } else {
                self.buckets.append(bucket)
            }
        }
    }

    /// Makes counts never fall from one bucket to the next, and returns whether more than rounding had to change.
    private mutating func makeMonotonic() -> Bool {
        var isForced = false
        var previous = buckets[0].count
        for index in buckets.indices.dropFirst() {
            let current = buckets[index].count
            if current == previous { continue }
            if Self.isAlmostEqual(previous, current) {
                buckets[index].count = previous
            } else if current < previous {
                buckets[index].count = previous
                isForced = true
            } else {
                previous = current
            }
        }
        return isForced
    }

    private static func isAlmostEqual(_ left: Double, _ right: Double) -> Bool {
        let tolerance = 1e-12
        if left.isNaN && right.isNaN { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    /// The value below which the share `quantile` of all observations lies.
    mutating func quantile(_ quantile: Double) -> (value: Double, isForced: Bool) {
        let isForced = makeMonotonic()
        guard buckets.count > 1, let total = buckets.last?.count, total != 0 else { return (.nan, isForced) }
        var rank = quantile * total
        let last = buckets.count - 1
        // A binary search, as with NaN among the counts the order of comparisons shows.
        var low = 0
        var high = last
        while low < high {
            let middle = (low + high) / 2
            if buckets[middle].count >= rank { high = middle } else { low = middle + 1 }
        }
        let index = low
        if index == last { return (buckets[last - 1].upperBound, isForced) }
        if index == 0, buckets[0].upperBound <= 0 { return (buckets[0].upperBound, isForced) }
        var start = 0.0
        var count = buckets[index].count
        if index > 0 {
            start = buckets[index - 1].upperBound
            count -= buckets[index - 1].count
            rank -= buckets[index - 1].count
        }
        return (start + (buckets[index].upperBound - start) * (rank / count), isForced)
    }

    /// The share of observations between two values.
    func fraction(from lower: Double, to upper: Double) -> Double {
        guard let total = buckets.last?.count, total != 0, !lower.isNaN, !upper.isNaN else { return .nan }
        if lower >= upper { return 0 }
        let lowerRank = rank(of: lower) ?? total
        let upperRank = rank(of: upper) ?? total
        return (min(upperRank, total) - min(lowerRank, total)) / total
    }

    /// How many observations are below a value, `nil` where it is beyond all buckets.
    private func rank(of value: Double) -> Double? {
        var rank = 0.0
        var lowerBound = -Double.infinity
        for bucket in buckets {
            if lowerBound >= value { return rank }
            if bucket.upperBound > value {
                // Within a bucket without a finite end nothing is known of where its observations lie.
                if lowerBound == -.infinity { return bucket.count }
                return rank + (bucket.count - rank) * (value - lowerBound) / (bucket.upperBound - lowerBound)
            }
            rank = bucket.count
            lowerBound = bucket.upperBound
        }
        return nil
    }
}

extension Evaluator {
    func streamHistogramQuantile(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let quantiles = try scalar(node.arguments[0])
        warnAboutQuantiles(quantiles, at: node.arguments[0].range)
        let vector = node.arguments[1]
        try streamHistograms(vector, body) { buckets, step, name in
            let quantile = quantiles[step]
            if quantile.isNaN { return .nan }
            if quantile < 0 { return -.infinity }
            if quantile > 1 { return .infinity }
            guard var buckets = ClassicBuckets(sorted: buckets) else { return .nan }
            let (value, isForced) = buckets.quantile(quantile)
            if isForced {
                context.inform(
                    "input to histogram_quantile needed to be fixed for monotonicity (see "
                        + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for "
                        + "metric name \(Quoting.quoted(name()))",
                    at: vector.range
                )
            }
            return value
        }
    }

    func streamHistogramFraction(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let lower = try scalar(node.arguments[0])
        let upper = try scalar(node.arguments[1])
        try streamHistograms(node.arguments[2], body) { buckets, step, _ in
            ClassicBuckets(sorted: buckets)?.fraction(from: lower[step], to: upper[step]) ?? .nan
        }
    }

    private struct BucketRow {
        let upperBound: Double
        let row: Int
    }

    private struct BucketGroup {
        let labels: Labels
        var rows: [BucketRow]
    }

    /// Hands the buckets of each histogram at each step, sorted by bound, to `value`.
    private func streamHistograms(
        _ vector: Expression,
        _ body: SeriesBody,
        _ value: ([ClassicBuckets.Bucket], _ step: Int, _ name: () -> String) -> Double
    ) throws(QueryError) {
        try withBlock(vector) { block throws(QueryError) in
            var buckets: [ClassicBuckets.Bucket] = []
            try withScratch { buffer throws(QueryError) in
                for group in bucketGroups(block, vector) {
                    try context.checkpoint()
                    for step in buffer.indices {
                        buckets.removeAll(keepingCapacity: true)
                        for bucket in group.rows where !block[bucket.row, step].isAbsent {
                            let count = block[bucket.row, step]
                            buckets.append(ClassicBuckets.Bucket(upperBound: bucket.upperBound, count: count))
                        }
                        let name = { group.rows.first.flatMap { block.labels[$0.row].metricName } ?? "" }
                        buffer[step] = buckets.isEmpty ? .absent : value(buckets, step, name)
                    }
                    if buffer.hasValue { try body(group.labels, buffer) }
                }
            }
        }
    }

    private func bucketGroups(_ block: SeriesBlock, _ vector: Expression) -> [BucketGroup] {
        var index: [Labels: Int] = [:]
        var groups: [BucketGroup] = []
        for row in 0..<block.count {
            let labels = block.labels[row]
            let bound = labels[HistogramFunctions.bucketLabel] ?? ""
            guard let upperBound = NumberText.labelNumber(bound) else {
                context.warn(
                    "bucket label \"le\" is missing or has a malformed value of \(Quoting.quoted(bound)) for metric "
                        + "name \(Quoting.quoted(labels.metricName ?? ""))",
                    at: vector.range
                )
                continue
            }
            let groupLabels = labels.dropping([Labels.metricNameLabel, HistogramFunctions.bucketLabel])
            if let group = index[groupLabels] {
                groups[group].rows.append(BucketRow(upperBound: upperBound, row: row))
            } else {
                index[groupLabels] = groups.count
                groups.append(BucketGroup(labels: groupLabels, rows: [BucketRow(upperBound: upperBound, row: row)]))
            }
        }
        for group in groups.indices {
            groups[group].rows.sort { $0.upperBound < $1.upperBound }
        }
        return groups
    }
}

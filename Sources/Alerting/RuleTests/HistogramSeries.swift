import PromQL

/// The values of a series that has native histograms among them.
struct HistogramSeries {
    /// A histogram and its place; `nil` where the series ends.
    struct Sample {
        let index: Int
        var histogram: TestHistogram?
    }

    /// More samples than this are refused.
    private static let limit = 1_000_000

    private(set) var samples: [Sample] = []
    private var count = 0

    /// Reads values such as `{{sum:3 count:2 buckets:[2]}}+{{count:1 buckets:[1]}}x2 _ stale`.
    init(parsing text: String) throws(TestHistogram.Malformed) {
        for item in Self.items(text) {
            switch item {
            case "_": count += 1
            case "stale": try append(nil)
            default:
                if item.hasPrefix("_x"), let gaps = Int(item.dropFirst(2)), gaps < Self.limit {
                    count += gaps
                } else {
                    try appendHistograms(item)
                }
            }
        }
        markResets()
    }

    /// The parts between the spaces that are not in braces.
    private static func items(_ text: String) -> [Substring] {
        var depth = 0
        return text.split { character in
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            return depth == 0 && character.isWhitespace
        }
    }

    private mutating func append(_ histogram: TestHistogram?) throws(TestHistogram.Malformed) {
        guard count < Self.limit else { throw TestHistogram.Malformed(message: "there are too many values") }
        samples.append(Sample(index: count, histogram: histogram))
        count += 1
    }

    /// `{{…}}`, `{{…}}x2`, `{{…}}+{{…}}x2` or `{{…}}-{{…}}x2`.
    private mutating func appendHistograms(_ item: Substring) throws(TestHistogram.Malformed) {
        guard let end = item.firstRange(of: "}}")?.upperBound else {
            throw TestHistogram.Malformed(message: "`\(item)` is no histogram; numbers beside histograms are not read")
        }
        var histogram = try TestHistogram(item[..<end])
        var rest = item[end...]
        var step: (histogram: TestHistogram, factor: Double)?
        if let sign = rest.first, sign == "+" || sign == "-", let end = rest.firstRange(of: "}}")?.upperBound {
            step = (try TestHistogram(rest.dropFirst()[..<end]), sign == "+" ? 1 : -1)
            rest = rest[end...]
        }
        var repeats = 0
        if rest.first == "x", let number = Int(rest.dropFirst()), (0..<Self.limit).contains(number) {
            repeats = number
        } else if !rest.isEmpty || step != nil {
            throw TestHistogram.Malformed(message: "expected x and a number behind `\(item[..<rest.startIndex])`")
        }
        try append(histogram)
        for _ in 0..<repeats {
            if let step { histogram = try histogram.adding(step.histogram, factor: step.factor) }
            try append(histogram)
        }
    }

    /// What a store finds when it reads the samples one after another.
    private mutating func markResets() {
        var last: TestHistogram?
        for index in samples.indices {
            guard let histogram = samples[index].histogram else {
                last = nil
                continue
            }
            if let last, histogram.resetHint == .unknown {
                samples[index].histogram?.resetHint = last.isReset(by: histogram) ? .reset : .notReset
            }
            last = histogram
        }
    }
}

public import Metrics

/// A series in the notation of Prometheus' unit tests: `metric{a="b"}` and `0+10x5 _ stale`.
public struct SeriesDescription: Sendable {
    /// The labels, `__name__` among them.
    public let labels: Labels
    /// The values, in order; a staleness marker is a value.
    public let samples: [Sample]

    /// One value and its place in the sequence.
    public struct Sample: Sendable, Equatable {
        /// How many intervals after the start, from 0.
        public let index: Int
        /// The value.
        public let value: Double
    }

    /// Parses both parts.
    ///
    /// Throws `QueryError.parse` with the place in the part that is wrong.
    public init(series: String, values: String) throws(QueryError) {
        labels = try Self.labels(parsing: series)
        samples = try Self.samples(parsing: values)
    }

    /// The labels of `{a="b"}`, `metric` or `metric{a="b"}`.
    public static func labels(parsing text: String) throws(QueryError) -> Labels {
        var parser = Parser(text, tokens: Lexer.tokens(of: Array(text.utf8)))
        return try parser.parseLabelSet()
    }

    /// The values of a sequence such as `1 2+3x4 _ _x2 stale NaN -Inf`.
    ///
    /// `a+bxn` is `a` and `n` more values, each `b` more than the one before; `axn` is `a` and `n` more of it; `_` is
    /// no sample and `_xn` are `n` of them.
    public static func samples(parsing text: String) throws(QueryError) -> [Sample] {
        var sequence = ValueSequence()
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            guard !bytes[position].isSpace else {
                position += 1
                continue
            }
            let end = bytes[position...].firstIndex { $0.isSpace } ?? bytes.count
            let item = ValueItem(text: text, bytes: bytes, range: position..<end)
            try item.append(to: &sequence)
            position = end
        }
        return sequence.samples
    }
}

/// The values so far.
private struct ValueSequence {
    /// How many values, and how many places, one text may stand for.
    static let maximumSamples = 10_000_000
    static let maximumCount = 1_000_000_000

    private(set) var samples: [SeriesDescription.Sample] = []
    private(set) var count = 0

    mutating func append(_ value: Double) {
        samples.append(SeriesDescription.Sample(index: count, value: value))
        count += 1
    }

    mutating func skip(_ places: Int) {
        count += places
    }
}

/// One item of a value sequence, without spaces.
private struct ValueItem {
    let text: String
    let bytes: [UInt8]
    let range: Range<Int>

    func append(to sequence: inout ValueSequence) throws(QueryError) {
        let item = bytes[range]
        if item.starts(with: "{{".utf8) {
            throw error("native histograms are not supported, only plain numbers", range)
        }
        var body = item
        var repeats: Int?
        if let times = item.lastIndex(of: UInt8(ascii: "x")) {
            let count = item[(times + 1)...]
            guard !count.isEmpty, count.allSatisfy(\.isDigit) else {
                throw error(
                    "unexpected \(Quoting.quoted(spelling(count))) after \"x\", expected a number",
                    count.range(in: range))
            }
            guard let number = Int(spelling(count)), number < ValueSequence.maximumCount else {
                throw error("too many values: at most \(ValueSequence.maximumCount) are possible", range)
            }
            repeats = number
            body = item[..<times]
        }
        guard sequence.count + (repeats ?? 0) < ValueSequence.maximumCount else {
            throw error("too many values: at most \(ValueSequence.maximumCount) are possible", range)
        }
        if body.elementsEqual("_".utf8) {
            sequence.skip(repeats ?? 1)
            return
        }
        guard sequence.samples.count + (repeats ?? 0) < ValueSequence.maximumSamples else {
            throw error("too many values: at most \(ValueSequence.maximumSamples) are possible", range)
        }
        if body.elementsEqual("stale".utf8) {
            guard repeats == nil else { throw error("\"stale\" cannot be repeated", range) }
            sequence.append(.staleMarker)
            return
        }
        try appendNumbers(body, repeats: repeats, to: &sequence)
    }

    private func appendNumbers(
        _ body: ArraySlice<UInt8>,
        repeats: Int?,
        to sequence: inout ValueSequence
    ) throws(QueryError) {
        let split = splitAtIncrement(body)
        guard var value = number(split.value) else {
            throw error(
                "unexpected \(Quoting.quoted(spelling(body))) in series values, expected a number, \"_\" or \"stale\"",
                range
            )
        }
        guard let increment = split.increment else {
            for _ in 0...(repeats ?? 0) { sequence.append(value) }
            return
        }
        guard let step = number(increment), let repeats else {
            throw error(
                "unexpected \(Quoting.quoted(spelling(increment))) in series values, expected a number and \"x\" behind "
                    + "the sign",
                increment.range(in: range)
            )
        }
        for _ in 0...repeats {
            sequence.append(value)
            value += step
        }
    }

    /// `1e+3-2` is the value `1e+3` and the increment `-2`.
    private func splitAtIncrement(
        _ body: ArraySlice<UInt8>
    ) -> (value: ArraySlice<UInt8>, increment: ArraySlice<UInt8>?) {
        for index in body.indices.dropFirst() where isSign(body[index]) {
            let before = body[index - 1]
            let isExponent = before | 0x20 == UInt8(ascii: "e") && index >= body.startIndex + 2
            if !isExponent && !isSign(before) { return (body[..<index], body[index...]) }
        }
        return (body, nil)
    }

    private func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    private func number(_ body: ArraySlice<UInt8>) -> Double? {
        var digits = body
        var isNegative = false
        if let first = digits.first, isSign(first) {
            isNegative = first == UInt8(ascii: "-")
            digits = digits.dropFirst()
        }
        let spelled = spelling(digits)
        let value: Double
        switch spelled.lowercased() {
        case "inf": value = .infinity
        case "nan": value = .nan
        default:
            guard let first = digits.first, first.isDigit || first == UInt8(ascii: "."),
                let number = NumberText.number(spelled)
            else { return nil }
            value = number
        }
        return isNegative ? -value : value
    }

    private func spelling(_ slice: ArraySlice<UInt8>) -> String {
        String(decoding: slice, as: UTF8.self)
    }

    private func error(_ message: String, _ range: Range<Int>) -> QueryError {
        .parse(message: message, range: range, query: text)
    }
}

extension ArraySlice<UInt8> {
    /// The indices; those of the whole where the slice is empty.
    fileprivate func range(in whole: Range<Int>) -> Range<Int> {
        isEmpty ? whole : startIndex..<endIndex
    }
}

import Bytes
import Glibc

/// An immutable label set, sorted by label name, in one contiguous byte buffer.
///
/// A series has one of these for life, so it costs one allocation, compares with one `memcmp` and hashes in one
/// pass. The bytes are a run of `(length, name, length, value)`, lengths in LEB128. A label with an empty value is
/// the same as a label that is not there, as in Prometheus, and is never stored.
public struct Labels: Sendable {
    /// The encoded pairs, sorted by the bytes of the name.
    var encoded: [UInt8]

    /// The name under which a metric's own name is a label.
    public static let metricNameLabel = "__name__"

    /// Whether a name can be a label's: letters, digits and underscores, no digit first.
    public static func isLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy(isLabelNameByte)
    }

    /// Whether a byte can be part of a label's name.
    public static func isLabelNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    /// The label set with no label.
    public init() {
        encoded = []
    }

    /// Sorts the pairs by name and drops those with an empty value; of two pairs with one name the later one stays.
    public init(_ pairs: some Sequence<(String, String)>) {
        var builder = LabelsBuilder()
        for (name, value) in pairs {
            builder.set(name, value)
        }
        self = builder.labels()
    }

    init(sortedPairs: [LabelsBuilder.Pair]) {
        encoded = []
        for pair in sortedPairs where !pair.value.isEmpty {
            encoded.appendRun(pair.name)
            encoded.appendRun(pair.value)
        }
    }

    /// Whether there is no label at all.
    public var isEmpty: Bool {
        encoded.isEmpty
    }

    /// The number of labels.
    ///
    /// Linear in the size of the set.
    public var count: Int {
        var total = 0
        withEachPair { _, _ in total += 1 }
        return total
    }

    /// The bytes this value keeps on the heap.
    public var byteCount: Int {
        encoded.count
    }

    /// Calls `body` with the bytes as they are kept: lengths, names and values, sorted by name.
    public func withEncodedBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        encoded.withUnsafeBytes(body)
    }

    /// The value of a label, `nil` where there is none.
    ///
    /// Linear in the size of the set.
    public subscript(name: String) -> String? {
        var name = name
        return name.withUTF8 { wanted in
            var value: String?
            withValueBytes(of: UnsafeRawBufferPointer(wanted)) { value = String(decoding: $0, as: UTF8.self) }
            return value
        }
    }

    /// The value of `__name__`.
    public var metricName: String? {
        self[Self.metricNameLabel]
    }

    /// Calls `body` with the bytes of one label's value, or returns `false` without calling it where there is none.
    ///
    /// Not generic, as queries ask it of every key and other modules would have to specialise it.
    @discardableResult
    public func withValueBytes(of name: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        encoded.withUnsafeBytes { bytes in
            var cursor = PairCursor(bytes: bytes)
            while let pair = cursor.next() {
                if pair.name.equals(name) {
                    body(pair.value)
                    return true
                }
            }
            return false
        }
    }

    /// Calls `body` with the bytes of each name and value, in the order of the names.
    public func withEachPair(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        encoded.withUnsafeBytes { bytes in
            var cursor = PairCursor(bytes: bytes)
            while let pair = cursor.next() {
                body(pair.name, pair.value)
            }
        }
    }

    /// All pairs as strings, in the order of the names.
    public var pairs: [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        withEachPair { name, value in
            result.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return result
    }

    /// The labels whose name is in `names`, which must be sorted by their UTF-8 bytes.
    public func keeping(sortedNames names: [String]) -> Labels {
        filtered { name in names.contains { $0.hasBytes(name) } }
    }

    /// The labels whose name is not in `names`.
    public func dropping(_ names: [String]) -> Labels {
        filtered { name in !names.contains { $0.hasBytes(name) } }
    }

    /// The same labels without `__name__`.
    public var withoutMetricName: Labels {
        encoded.withUnsafeBytes { bytes in
            // Hardly any label goes before the name.
            var cursor = PairCursor(bytes: bytes)
            guard let first = cursor.next() else { return self }
            guard Self.metricNameLabel.hasBytes(first.name) else {
                return filtered { name in !Self.metricNameLabel.hasBytes(name) }
            }
            var result = Labels()
            result.encoded = Array(bytes[first.encoded.endIndex...])
            return result
        }
    }

    /// These labels with one added or replaced; an empty value removes it.
    public func setting(_ name: String, _ value: String) -> Labels {
        var builder = LabelsBuilder(self)
        builder.set(name, value)
        return builder.labels()
    }

    /// These labels and those of `other`; where both have a name, `other` wins.
    public func merging(_ other: Labels) -> Labels {
        if other.isEmpty { return self }
        if isEmpty { return other }
        var result = Labels()
        result.encoded.reserveCapacity(encoded.count + other.encoded.count)
        encoded.withUnsafeBytes { left in
            other.encoded.withUnsafeBytes { right in
                if Self.precedes(right, left) {
                    result.encoded.append(contentsOf: right)
                    result.encoded.append(contentsOf: left)
                } else {
                    Self.merge(left, right, into: &result.encoded)
                }
            }
        }
        return result
    }

    /// Whether all names of `first` go before those of `second`, as a metric's name goes before nearly all others.
    private static func precedes(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
        var cursor = PairCursor(bytes: first)
        var secondCursor = PairCursor(bytes: second)
        guard let lowest = secondCursor.next() else { return true }
        while let pair = cursor.next() {
            if pair.name.compare(lowest.name) >= 0 { return false }
        }
        return true
    }

    private static func merge(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer,
        into output: inout [UInt8]
    ) {
        var leftCursor = PairCursor(bytes: left)
        var rightCursor = PairCursor(bytes: right)
        var leftPair = leftCursor.next()
        var rightPair = rightCursor.next()
        while leftPair != nil || rightPair != nil {
            let order: Int
            switch (leftPair, rightPair) {
            case (let l?, let r?): order = l.name.compare(r.name)
            case (_?, nil): order = -1
            default: order = 1
            }
            if order < 0, let pair = leftPair {
                output.append(contentsOf: pair.encoded)
                leftPair = leftCursor.next()
            } else if let pair = rightPair {
                output.append(contentsOf: pair.encoded)
                rightPair = rightCursor.next()
                if order == 0 { leftPair = leftCursor.next() }
            }
        }
    }

    private func filtered(_ isKept: (UnsafeRawBufferPointer) -> Bool) -> Labels {
        var result = Labels()
        result.encoded.reserveCapacity(encoded.count)
        encoded.withUnsafeBytes { bytes in
            var cursor = PairCursor(bytes: bytes)
            while let pair = cursor.next() {
                if isKept(pair.name) { result.encoded.append(contentsOf: pair.encoded) }
            }
        }
        return result
    }
}

extension Labels: Hashable, Comparable, CustomStringConvertible {
    /// The order of Prometheus: name by name, value by value, a prefix before what it starts.
    public static func < (left: Labels, right: Labels) -> Bool {
        left.encoded.withUnsafeBytes { leftBytes in
            right.encoded.withUnsafeBytes { rightBytes in
                var leftCursor = PairCursor(bytes: leftBytes)
                var rightCursor = PairCursor(bytes: rightBytes)
                while let l = leftCursor.next() {
                    guard let r = rightCursor.next() else { return false }
                    let byName = l.name.compare(r.name)
                    if byName != 0 { return byName < 0 }
                    let byValue = l.value.compare(r.value)
                    if byValue != 0 { return byValue < 0 }
                }
                return rightCursor.next() != nil
            }
        }
    }

    /// Feeds all bytes to the hasher at once.
    public func hash(into hasher: inout Hasher) {
        encoded.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The notation of PromQL: `name{a="b", c="d"}`.
    public var description: String {
        var inner: [String] = []
        var metric = ""
        for (name, value) in pairs {
            if name == Self.metricNameLabel {
                metric = value
            } else {
                inner.append("\(name)=\(value.debugDescription)")
            }
        }
        return inner.isEmpty && !metric.isEmpty ? metric : "\(metric){\(inner.joined(separator: ", "))}"
    }
}

/// Walks a run of texts, each written as its length in LEB128 and its bytes.
struct TextCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard offset < bytes.count else { return nil }
        var length = 0
        var shift = 0
        while true {
            let byte = bytes[offset]
            offset += 1
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
        offset += length
        return text
    }
}

/// Walks the encoded pairs of a label set.
struct PairCursor {
    struct Pair {
        let name: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        let encoded: Slice<UnsafeRawBufferPointer>
    }

    private var texts: TextCursor

    init(bytes: UnsafeRawBufferPointer) {
        texts = TextCursor(bytes: bytes)
    }

    mutating func next() -> Pair? {
        let start = texts.offset
        guard let name = texts.next(), let value = texts.next() else { return nil }
        return Pair(name: name, value: value, encoded: texts.bytes[start..<texts.offset])
    }
}

extension UnsafeRawBufferPointer {
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && compare(other) == 0
    }

    /// Negative, zero or positive, as `memcmp` with the shorter one first.
    func compare(_ other: UnsafeRawBufferPointer) -> Int {
        let shared = Swift.min(count, other.count)
        if shared > 0, let left = baseAddress, let right = other.baseAddress {
            let order = memcmp(left, right, shared)
            if order != 0 { return Int(order) }
        }
        return count - other.count
    }
}

extension String {
    func hasBytes(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard utf8.count == bytes.count else { return false }
        return utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).compare(bytes) == 0 }
            ?? utf8.elementsEqual(bytes)
    }
}

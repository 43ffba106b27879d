import Bytes

/// What a sample is within its family: a histogram and a summary have several kinds of them.
public enum SampleRole: UInt8, Sendable {
    /// The value of a gauge or counter, or one quantile of a summary.
    case value
    /// One bucket of a histogram; the last label is `le`.
    case bucket
    /// The sum of a histogram or summary.
    case sum
    /// The count of a histogram or summary.
    case count

    var nameSuffix: String {
        switch self {
        case .value: ""
        case .bucket: "_bucket"
        case .sum: "_sum"
        case .count: "_count"
        }
    }
}

/// The samples of one poll as collectors leave them: families and label bytes, nothing resolved yet.
///
/// A buffer is reused from poll to poll, so that a poll of a known node allocates nothing.
public struct SampleBuffer: Sendable {
    /// Three words without padding, so that two runs of entries compare as bytes.
    struct Entry: Sendable {
        private let familyAndRole: UInt32
        private var labelStart: UInt32
        private var labelEnd: UInt32

        init(family: FamilyID, role: SampleRole, labels: Range<Int>) {
            familyAndRole = UInt32(truncatingIfNeeded: family.index << 8) | UInt32(role.rawValue)
            labelStart = UInt32(truncatingIfNeeded: labels.lowerBound)
            labelEnd = UInt32(truncatingIfNeeded: labels.upperBound)
        }

        var family: FamilyID {
            FamilyID(index: Int(familyAndRole >> 8))
        }

        var role: SampleRole {
            SampleRole(rawValue: UInt8(truncatingIfNeeded: familyAndRole)) ?? .value
        }

        var labelRange: Range<Int> {
            Int(labelStart)..<Int(labelEnd)
        }

        mutating func moveLabels(by offset: UInt32) {
            labelStart &+= offset
            labelEnd &+= offset
        }

        func isSameKind(as other: Entry) -> Bool {
            familyAndRole == other.familyAndRole
        }
    }

    private(set) var entries: [Entry] = []
    private(set) var values: [Double] = []
    /// Label values in the order of the family's label names, each as LEB128 length and bytes.
    private(set) var labelBytes: [UInt8] = []

    /// An empty buffer.
    public init() {}

    /// The number of samples.
    public var count: Int {
        entries.count
    }

    /// Empties the buffer and keeps its memory.
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        labelBytes.removeAll(keepingCapacity: true)
    }

    /// Adds a sample that has no labels.
    public mutating func append(_ family: FamilyID, _ value: Double) {
        entries.append(Entry(family: family, role: .value, labels: labelBytes.count..<labelBytes.count))
        values.append(value)
    }

    /// Adds one label value for the sample that the next `append(_:role:labelsFrom:_:)` adds.
    public mutating func addLabel(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { labelBytes.appendRun($0) }
    }

    /// Adds one label value for the sample that the next `append(_:role:labelsFrom:_:)` adds.
    public mutating func addLabel(_ text: String) {
        labelBytes.appendRun(text)
    }

    /// Adds all samples of another buffer.
    public mutating func append(contentsOf other: SampleBuffer) {
        let offset = labelBytes.count
        labelBytes.append(contentsOf: other.labelBytes)
        values.append(contentsOf: other.values)
        let first = entries.count
        entries.append(contentsOf: other.entries)
        entries.withUnsafeMutableBufferPointer { entries in
            for index in first..<entries.count { entries[index].moveLabels(by: UInt32(truncatingIfNeeded: offset)) }
        }
    }

    /// How far a buffer is filled.
    struct Mark: Sendable {
        let count: Int
        let labelEnd: Int
    }

    var mark: Mark {
        Mark(count: entries.count, labelEnd: labelBytes.count)
    }

    /// Removes what was added since.
    mutating func truncate(to mark: Mark) {
        entries.removeLast(entries.count - mark.count)
        values.removeLast(values.count - mark.count)
        labelBytes.removeLast(labelBytes.count - mark.labelEnd)
    }

    /// Gives the samples behind a mark other values, as many as there are.
    mutating func setValues(_ new: [Double], at mark: Mark) {
        let count = min(new.count, values.count - mark.count)
        values.withUnsafeMutableBufferPointer { values in
            for index in 0..<count { values[mark.count + index] = new[index] }
        }
    }

    /// Where the labels of the next sample start.
    public var labelStart: Int {
        labelBytes.count
    }

    /// Adds a sample whose labels were added since `labelStart` had the given value.
    ///
    /// The same labels may serve several samples in a row: none of them consumes the labels.
    public mutating func append(_ family: FamilyID, role: SampleRole = .value, labelsFrom start: Int, _ value: Double) {
        append(family, role: role, labels: start..<labelBytes.count, value)
    }

    /// Adds a sample whose labels are at a place of the buffer.
    mutating func append(_ family: FamilyID, role: SampleRole, labels: Range<Int>, _ value: Double) {
        entries.append(Entry(family: family, role: role, labels: labels))
        values.append(value)
    }

    /// Adds labels for every value of the last one: those at `prefix`, which are the last so far, and the value.
    mutating func addLabels(_ last: LastLabels, after prefix: Range<Int>) {
        guard !last.ends.isEmpty else { return }
        // The first value has the prefix already.
        let size = last.bytes.count + (last.ends.count - 1) * prefix.count
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { block in
            labelBytes.withUnsafeBytes { own in
                let prefix = UnsafeRawBufferPointer(rebasing: own[prefix])
                last.bytes.withUnsafeBytes { values in
                    var (start, position) = (0, 0)
                    for end in last.ends {
                        if start > 0 { block.write(prefix, at: &position) }
                        block.write(UnsafeRawBufferPointer(rebasing: values[start..<end]), at: &position)
                        start = end
                    }
                }
            }
            labelBytes.append(contentsOf: block)
        }
    }

    /// The values of some entries, of all where none are named, with no room for more.
    func values(of places: [UInt32]?) -> [Double] {
        // A plain copy would share the memory, and the next poll would have to get its own.
        if let places { places.map { values[Int($0)] } } else { values.withUnsafeBufferPointer { Array($0) } }
    }

    // MARK: What is the same from poll to poll

    /// All of a buffer but its values.
    struct Outline: Sendable {
        let entries: [Entry]
        private let labelBytes: [UInt8]

        /// Of a buffer without samples.
        init() {
            self.init(SampleBuffer())
        }

        /// Has no room for more.
        init(_ buffer: SampleBuffer) {
            entries = buffer.entries.withUnsafeBufferPointer { Array($0) }
            labelBytes = buffer.labelBytes.withUnsafeBufferPointer { Array($0) }
        }

        /// Whether a buffer has the same entries and labels.
        func isOutline(of buffer: SampleBuffer) -> Bool {
            entries.count == buffer.entries.count
                && labelBytes.count == buffer.labelBytes.count
                && entries.withUnsafeBytes { left in
                    buffer.entries.withUnsafeBytes { right in left.equals(right) }
                }
                && labelBytes.withUnsafeBytes { left in
                    buffer.labelBytes.withUnsafeBytes { right in left.equals(right) }
                }
        }

        /// The labels of an entry as they are in the buffer.
        func labels(of entry: Entry) -> ArraySlice<UInt8> {
            labelBytes[entry.labelRange]
        }

        /// The label values of an entry as text; bytes that are not UTF-8 are replaced.
        func labelValues(of entry: Entry) -> [String] {
            var result: [String] = []
            labels(of: entry).withUnsafeBytes { bytes in
                var cursor = TextCursor(bytes: bytes)
                while let text = cursor.next() {
                    result.append(String(decoding: text, as: UTF8.self))
                }
            }
            return result
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes to a position and moves it behind them.
    fileprivate func write(_ bytes: UnsafeRawBufferPointer, at position: inout Int) {
        let end = position + bytes.count
        UnsafeMutableRawBufferPointer(rebasing: self[position..<end]).copyMemory(from: bytes)
        position = end
    }
}

/// A condition on the value of one label.
public struct LabelMatcher: Sendable, Equatable {
    /// How the value is compared; the raw value is the operator in a query.
    public enum Operation: String, Sendable {
        /// The same bytes.
        case equal = "="
        /// Other bytes.
        case notEqual = "!="
        /// The whole value matches the regular expression.
        case matches = "=~"
        /// The whole value does not match.
        case notMatches = "!~"
    }

    /// The label.
    public let name: String
    /// How the value is compared.
    public let operation: Operation
    /// The text or the pattern.
    public let value: String
    private let valueBytes: [UInt8]
    /// Set for the two operations that need it.
    public let expression: RegularExpression?

    /// Makes a matcher and compiles its pattern.
    ///
    /// Throws `QueryError.badData` where the pattern is no regular expression.
    public init(name: String, operation: Operation, value: String) throws(QueryError) {
        self.name = name
        self.operation = operation
        self.value = value
        valueBytes = Array(value.utf8)
        switch operation {
        case .equal, .notEqual: expression = nil
        case .matches, .notMatches: expression = try RegularExpression(value)
        }
    }

    /// Makes a matcher for one value.
    public init(name: String, equals value: String) {
        self.name = name
        operation = .equal
        self.value = value
        valueBytes = Array(value.utf8)
        expression = nil
    }

    /// Whether a value meets the condition.
    ///
    /// A label that is not there has the empty value.
    public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch operation {
        case .equal: bytes.elementsEqual(valueBytes)
        case .notEqual: !bytes.elementsEqual(valueBytes)
        case .matches: expression?.matches(bytes) ?? false
        case .notMatches: !(expression?.matches(bytes) ?? true)
        }
    }

    /// Whether a value meets the condition.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    /// Whether a series without the label meets the condition.
    public var matchesEmpty: Bool {
        matches(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Compares label, operation and value.
    public static func == (left: LabelMatcher, right: LabelMatcher) -> Bool {
        left.name == right.name && left.operation == right.operation && left.value == right.value
    }
}

extension LabelMatcher: CustomStringConvertible {
    /// The matcher as it stands in a query: `job=~"a|b"`.
    public var description: String {
        let shown = Quoting.isPlainLabelName(name) ? name : Quoting.quoted(name)
        return "\(shown)\(operation.rawValue)\(Quoting.quoted(value))"
    }
}

/// One value of a YAML document together with its place.
///
/// What a plain scalar means (`5m`, `10`, `yes`) is left to the reader of a field, who knows what the field wants.
public struct YAMLNode: Sendable {
    /// A text; `isPlain` is false where it was quoted, written as a block or tagged `!!str`, so always meant as text.
    public struct Scalar: Hashable, Sendable {
        /// The text after unquoting.
        public let text: String
        /// Whether the scalar was written without quotes, so that `10` may be a number.
        public let isPlain: Bool
        /// Whether it is a literal block (`|`): its lines are those of the file, indented.
        public let isLiteralBlock: Bool
    }

    /// One key of a mapping and its value.
    public struct Entry: Sendable {
        /// The key.
        public let key: String
        /// The place of the key.
        public let keyLocation: YAMLLocation
        /// The value.
        public let value: YAMLNode
    }

    /// The three kinds of values.
    ///
    /// Aliases and merge keys are resolved before anyone sees a node.
    public enum Content: Sendable {
        /// A text, number, flag or null.
        case scalar(Scalar)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order of the file, each key once.
        case mapping([Entry])
    }

    /// The value.
    public let content: Content
    /// Where the value starts.
    public let location: YAMLLocation

    /// Whether the value is null: an empty plain scalar, `~` or `null`.
    public var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// What kind of value it is, for messages.
    var kind: String {
        switch content {
        case .scalar(let scalar):
            if isNull { return "nothing" }
            return scalar.text.utf8.count > 40 ? "a text" : "`\(scalar.text)`"
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        }
    }

    /// An error at this node.
    public func error(_ problem: String, expected: String = "") -> YAMLError {
        YAMLError(at: location, problem, expected: expected)
    }
}

extension YAMLNode {
    /// The scalar's text whatever it looks like (`10` and `true` are texts too); null is the empty text.
    public func string(_ expected: String = "a text") throws(YAMLError) -> String {
        guard case .scalar(let scalar) = content else {
            throw error("\(kind) is in the wrong place", expected: expected)
        }
        return isNull ? "" : scalar.text
    }

    /// A whole number, decimal.
    public func integer(_ expected: String = "a whole number") throws(YAMLError) -> Int {
        guard case .scalar(let scalar) = content, scalar.isPlain, let value = Int(scalar.text) else {
            throw error("\(kind) is not a whole number", expected: expected)
        }
        return value
    }

    /// A number: decimal notation, `.inf`, `-.inf`, `.nan` as YAML has them, and `Inf`, `NaN` as Prometheus has them.
    public func double(_ expected: String = "a number") throws(YAMLError) -> Double {
        if case .scalar(let scalar) = content, let value = Self.number(scalar.text) { return value }
        throw error("\(kind) is not a number", expected: expected)
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: return Double(text.filter { $0 != "_" })
        }
    }

    /// `true` or `false`, also as YAML 1.1 spells them (`yes`, `on`, `no`, `off`).
    public func boolean(_ expected: String = "true or false") throws(YAMLError) -> Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else {
            throw error("\(kind) is not a flag", expected: expected)
        }
        switch scalar.text.lowercased() {
        case "true", "yes", "on", "y": return true
        case "false", "no", "off", "n": return false
        default: throw error("\(kind) is not a flag", expected: expected)
        }
    }

    /// The items of a list; null is the empty list.
    public func items(_ expected: String = "a list") throws(YAMLError) -> [YAMLNode] {
        if isNull { return [] }
        guard case .sequence(let items) = content else {
            throw error("\(kind) is in the wrong place", expected: expected)
        }
        return items
    }

    /// The keys and values of a mapping; null is the empty mapping.
    public func entries(_ expected: String = "a mapping") throws(YAMLError) -> [Entry] {
        if isNull { return [] }
        guard case .mapping(let entries) = content else {
            throw error("\(kind) is in the wrong place", expected: expected)
        }
        return entries
    }
}

extension YAMLNode {
    /// The same tree with other texts: `transform` gets the text of every scalar that is a value, and its place.
    ///
    /// A text that is put in stays a text where it looks like null, else a variable with such a value were none at all.
    public func mappingTexts(
        _ transform: (_ text: String, _ location: YAMLLocation) throws(YAMLError) -> String
    ) throws(YAMLError) -> YAMLNode {
        switch content {
        case .scalar(let scalar):
            let text = try transform(scalar.text, location)
            guard text != scalar.text else { return self }
            let plain = Scalar(text: text, isPlain: scalar.isPlain, isLiteralBlock: scalar.isLiteralBlock)
            let node = YAMLNode(content: .scalar(plain), location: location)
            guard node.isNull else { return node }
            return YAMLNode(
                content: .scalar(Scalar(text: text, isPlain: false, isLiteralBlock: scalar.isLiteralBlock)),
                location: location
            )
        case .sequence(let items):
            var mapped: [YAMLNode] = []
            for item in items { mapped.append(try item.mappingTexts(transform)) }
            return YAMLNode(content: .sequence(mapped), location: location)
        case .mapping(let entries):
            var mapped: [Entry] = []
            for entry in entries {
                let value = try entry.value.mappingTexts(transform)
                mapped.append(Entry(key: entry.key, keyLocation: entry.keyLocation, value: value))
            }
            return YAMLNode(content: .mapping(mapped), location: location)
        }
    }
}

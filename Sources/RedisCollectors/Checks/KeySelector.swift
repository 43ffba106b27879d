/// A key, or a pattern of keys, of one database.
public struct KeySelector: Sendable, Hashable {
    /// The number of the database.
    public let database: Int
    /// The name or the pattern.
    public let key: [UInt8]

    /// Names keys of a database.
    public init(database: Int = 0, key: [UInt8]) {
        self.database = database
        self.key = key
    }

    /// The value of the label `db`: `db0`.
    var databaseLabel: String {
        "db\(database)"
    }

    /// Whether it can stand for more than one key.
    ///
    /// The same characters as in redis_exporter, so that the same arguments mean the same.
    var isPattern: Bool {
        key.contains { "?*[]^".utf8.contains($0) }
    }

    /// Reads a list as redis_exporter has it: `db3=user:*,count:%2C`, with escapes as in URLs.
    ///
    /// A part without a database is of database 0; an empty part is left out.
    public static func list(_ text: String) throws(InvalidKeyList) -> [KeySelector] {
        var selectors: [KeySelector] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count <= 2, let last = sides.last else {
                throw InvalidKeyList(
                    message: "'\(part)' has more than one '=': expected key or db0=key, with %3D for an equals sign"
                )
            }
            guard let key = unescaped(trimmed(last)) else {
                throw InvalidKeyList(message: "'\(part)': '%' must be followed by two hexadecimal digits, as in %2C")
            }
            guard let database = sides.count == 2 ? number(ofDatabase: trimmed(sides[0])) : 0 else {
                throw InvalidKeyList(message: "'\(part)': expected a database such as db0 before the '='")
            }
            if !key.isEmpty { selectors.append(KeySelector(database: database, key: key)) }
        }
        return selectors
    }

    private static func number(ofDatabase text: Substring) -> Int? {
        let digits = text.hasPrefix("db") ? text.dropFirst(2) : text
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// As in the query of a URL, where a plus is a space; `nil` where an escape is broken.
    private static func unescaped(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
                else { return nil }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8(truncatingIfNeeded: $0) }
    }
}

/// A text that is no list of keys.
public struct InvalidKeyList: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line: what is wrong, what was expected.
    public let message: String

    /// The message.
    public var description: String {
        message
    }
}

/// String literals as Go has them, and so PromQL and templates: from quoted text to a value and back.
public enum Quoting {
    /// The bytes between the quotes with escapes resolved, or the reason why that fails and where.
    static func unescape(_ body: ArraySlice<UInt8>, quote: UInt8) -> Result<StringValue, EscapeError> {
        var output: [UInt8] = []
        output.reserveCapacity(body.count)
        var index = body.startIndex
        while index < body.endIndex {
            let byte = body[index]
            guard byte == UInt8(ascii: "\\") else {
                if byte == quote { return .failure(EscapeError(message: "unescaped quote", offset: index)) }
                output.append(byte)
                index += 1
                continue
            }
            if let error = appendEscape(body, at: &index, quote: quote, to: &output) {
                return .failure(error)
            }
        }
        return .success(value(of: output))
    }

    struct EscapeError: Error {
        let message: String
        let offset: Int
    }

    static func value(of bytes: [UInt8]) -> StringValue {
        if let text = String(validating: bytes, as: UTF8.self) {
            return StringValue(value: text, isText: true)
        }
        return StringValue(value: String(decoding: bytes, as: UTF8.self), isText: false)
    }

    private static func appendEscape(
        _ body: ArraySlice<UInt8>,
        at index: inout Int,
        quote: UInt8,
        to output: inout [UInt8]
    ) -> EscapeError? {
        let start = index
        index += 1
        guard index < body.endIndex else {
            return EscapeError(message: "escape sequence not terminated", offset: start)
        }
        let letter = body[index]
        index += 1
        switch letter {
        case UInt8(ascii: "a"): output.append(7)
        case UInt8(ascii: "b"): output.append(8)
        case UInt8(ascii: "f"): output.append(12)
        case UInt8(ascii: "n"): output.append(10)
        case UInt8(ascii: "r"): output.append(13)
        case UInt8(ascii: "t"): output.append(9)
        case UInt8(ascii: "v"): output.append(11)
        case UInt8(ascii: "\\"): output.append(letter)
        case quote: output.append(letter)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            return appendNumber(body, at: &index, start: start, digits: 3, radix: 8, limit: 255, to: &output)
        case UInt8(ascii: "x"):
            return appendNumber(body, at: &index, start: start, digits: 2, radix: 16, limit: 255, to: &output)
        case UInt8(ascii: "u"):
            return appendNumber(body, at: &index, start: start, digits: 4, radix: 16, limit: 0x10FFFF, to: &output)
        case UInt8(ascii: "U"):
            return appendNumber(body, at: &index, start: start, digits: 8, radix: 16, limit: 0x10FFFF, to: &output)
        default:
            let shown = String(decoding: body[(index - 1)..<min(index + 3, body.endIndex)], as: UTF8.self).prefix(1)
            return EscapeError(message: "unknown escape sequence \"\\\(shown)\"", offset: start)
        }
        return nil
    }

    private static func appendNumber(
        _ body: ArraySlice<UInt8>,
        at index: inout Int,
        start: Int,
        digits: Int,
        radix: Int,
        limit: Int,
        to output: inout [UInt8]
    ) -> EscapeError? {
        var value = 0
        for _ in 0..<digits {
            guard index < body.endIndex else {
                return EscapeError(message: "escape sequence not terminated", offset: start)
            }
            guard let digit = Character(UnicodeScalar(body[index])).hexDigitValue, digit < radix else {
                return EscapeError(message: "illegal character in escape sequence", offset: start)
            }
            value = value * radix + digit
            index += 1
        }
        guard value <= limit else {
            return EscapeError(message: "escape sequence is out of range", offset: start)
        }
        if limit == 255 {
            output.append(UInt8(value))
        } else if let scalar = UnicodeScalar(UInt32(value)) {
            output.append(contentsOf: String(Character(scalar)).utf8)
        } else {
            return EscapeError(message: "escape sequence is an invalid Unicode code point", offset: start)
        }
        return nil
    }

    /// The text in double quotes, as Go's `%q` and `strconv.Quote` write it; a character with single ones for `quote`.
    public static func quoted(_ text: String, with quote: Unicode.Scalar = "\"") -> String {
        var result = String(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\u{B}": result += "\\v"
            case "\u{C}": result += "\\f"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let (mark, width) = scalar.value < 0x80 ? ("x", 2) : scalar.value < 0x1_0000 ? ("u", 4) : ("U", 8)
                result += "\\" + mark + String(repeating: "0", count: max(0, width - digits.count)) + digits
            }
        }
        result.unicodeScalars.append(quote)
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }

    /// The text that a string constant (`"…"`, `` `…` ``) or character constant (`'…'`) of Go stands for.
    ///
    /// `nil` where it is not well formed.
    public static func unquoted(_ written: String) -> String? {
        let bytes = Array(written.utf8)
        guard bytes.count >= 2, let quote = bytes.first, bytes.last == quote else { return nil }
        let inner = bytes[1..<(bytes.count - 1)]
        if quote == UInt8(ascii: "`") {
            return String(decoding: inner.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        }
        return try? unescape(inner, quote: quote).get().value
    }

    /// Whether a name needs no quotes within braces.
    static func isPlainLabelName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")) else {
            return false
        }
        return name.utf8.allSatisfy(\.isNameByte)
    }
}

extension UInt8 {
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLetter: Bool {
        (self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z"))
            || (self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z"))
            || self == UInt8(ascii: "_")
    }

    var isNameByte: Bool { isLetter || isDigit }

    var isSpace: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\n")
            || self == UInt8(ascii: "\r")
    }
}

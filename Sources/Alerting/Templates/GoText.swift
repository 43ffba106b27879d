/// A text in double quotes as Go's `%q` writes it.
func goQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        appendQuoted(scalar, quote: "\"", to: &result)
    }
    return result + "\""
}

/// A character in single quotes as Go's `%q` writes it.
func goQuotedCharacter(_ scalar: Unicode.Scalar) -> String {
    var result = "'"
    appendQuoted(scalar, quote: "'", to: &result)
    return result + "'"
}

private func appendQuoted(_ scalar: Unicode.Scalar, quote: Unicode.Scalar, to result: inout String) {
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

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
        return false
    case .spaceSeparator:
        return scalar == " "
    default:
        return true
    }
}

/// The text that a Go string constant (`"…"`, `` `…` ``) or character constant (`'…'`) stands for; `nil` where it is
/// not well formed.
func goUnquoted(_ written: String) -> String? {
    let bytes = Array(written.utf8)
    guard bytes.count >= 2, let quote = bytes.first, bytes.last == quote else { return nil }
    let inner = bytes[1..<(bytes.count - 1)]
    if quote == UInt8(ascii: "`") {
        return String(decoding: inner.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }
    var reader = EscapeReader(bytes: Array(inner), quote: quote)
    return reader.read()
}

private struct EscapeReader {
    let bytes: [UInt8]
    let quote: UInt8
    private var index = 0
    private var output: [UInt8] = []

    init(bytes: [UInt8], quote: UInt8) {
        self.bytes = bytes
        self.quote = quote
    }

    mutating func read() -> String? {
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == quote { return nil }
            if byte != UInt8(ascii: "\\") {
                output.append(byte)
            } else if !readEscape() {
                return nil
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func readEscape() -> Bool {
        guard index < bytes.count else { return false }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "a"): output.append(7)
        case UInt8(ascii: "b"): output.append(8)
        case UInt8(ascii: "f"): output.append(12)
        case UInt8(ascii: "n"): output.append(10)
        case UInt8(ascii: "r"): output.append(13)
        case UInt8(ascii: "t"): output.append(9)
        case UInt8(ascii: "v"): output.append(11)
        case UInt8(ascii: "\\"), quote: output.append(byte)
        case UInt8(ascii: "x"): return readByte(digits: 2, radix: 16)
        case UInt8(ascii: "u"): return readScalar(digits: 4)
        case UInt8(ascii: "U"): return readScalar(digits: 8)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            return readByte(digits: 3, radix: 8)
        default: return false
        }
        return true
    }

    private mutating func readByte(digits: Int, radix: Int) -> Bool {
        guard let value = number(digits, radix: radix), let byte = UInt8(exactly: value) else { return false }
        output.append(byte)
        return true
    }

    private mutating func readScalar(digits: Int) -> Bool {
        guard let value = number(digits, radix: 16), let scalar = Unicode.Scalar(value) else { return false }
        output.append(contentsOf: Array(String(Character(scalar)).utf8))
        return true
    }

    private mutating func number(_ digits: Int, radix: Int) -> UInt32? {
        guard index + digits <= bytes.count else { return nil }
        let text = String(decoding: bytes[index..<(index + digits)], as: UTF8.self)
        index += digits
        guard text.utf8.first != UInt8(ascii: "+"), text.utf8.first != UInt8(ascii: "-") else { return nil }
        return UInt32(text, radix: radix)
    }
}

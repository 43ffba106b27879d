/// Reads a list of weighted values with parameters, the common shape of `Accept` and `Accept-Encoding`:
/// `value;name=token;name="quoted, text";q=0.5, value`.
struct FieldValueReader {
    /// One value of the list.
    struct Element {
        var value = ""
        var parameters: [(name: String, value: String)] = []
        /// The weight in thousandths, 1000 where none is given; nil where it cannot be read.
        var quality: Int? = 1000
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The next value that is not empty, or nil at the end.
    mutating func nextElement() -> Element? {
        while position < bytes.count {
            var element = Element()
            element.value = readUntil { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
            while take(UInt8(ascii: ";")) { readParameter(into: &element) }
            _ = take(UInt8(ascii: ","))
            if !element.value.isEmpty { return element }
        }
        return nil
    }

    private mutating func readParameter(into element: inout Element) {
        let name = readUntil { [UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: ";")].contains($0) }.lowercased()
        var value = ""
        if take(UInt8(ascii: "=")) {
            skipSpaces()
            if take(UInt8(ascii: "\"")) {
                value = readQuoted()
                _ = readUntil { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
            } else {
                value = readUntil { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
            }
        }
        if name == "q" {
            element.quality = Self.quality(value)
        } else if !name.isEmpty {
            element.parameters.append((name, value))
        }
    }

    /// The text up to a delimiter, without the spaces around it.
    private mutating func readUntil(_ isDelimiter: (UInt8) -> Bool) -> String {
        skipSpaces()
        let start = position
        while position < bytes.count, !isDelimiter(bytes[position]) { position += 1 }
        var end = position
        while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The text up to the closing quote, which may be missing at the end.
    private mutating func readQuoted() -> String {
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\"), position < bytes.count {
                text.append(bytes[position])
                position += 1
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpaces() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// A weight of RFC 9110, section 12.4.2 (`0`, `1`, `0.5`, up to three digits) in thousandths.
    static func quality(_ text: String) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, whole == "0" || whole == "1" else { return nil }
        var thousandths = whole == "1" ? 1000 : 0
        guard parts.count == 2 else { return thousandths }
        guard parts[1].utf8.count <= 3 else { return nil }
        var scale = 100
        for digit in parts[1].utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            thousandths += Int(digit - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}

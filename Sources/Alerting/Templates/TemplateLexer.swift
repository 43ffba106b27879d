import PromQL

/// Cuts a template into tokens, as Go's text/template does: spaces inside actions are tokens too, for `.a .b` is two
/// operands and `.a.b` is one.
struct TemplateLexer {
    static let keywords: Set<String> = [
        "block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with",
    ]

    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var parenthesisDepth = 0
    private var tokens: [TemplateToken] = []

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// All tokens of a template; the last one is `.end` or the first `.error`.
    static func tokens(of text: String) -> [TemplateToken] {
        var lexer = TemplateLexer(text)
        lexer.run()
        return lexer.tokens
    }

    private mutating func run() {
        while tokens.last?.kind != .error {
            guard let start = find("{{", from: offset) else { break }
            let trims = byte(start + 2) == UInt8(ascii: "-") && isSpace(byte(start + 3))
            var textEnd = start
            if trims {
                while textEnd > offset, isSpace(bytes[textEnd - 1]) { textEnd -= 1 }
            }
            add(.text, upTo: textEnd, isKept: textEnd > offset)
            skip(to: start)
            lexAction(trims: trims)
        }
        guard tokens.last?.kind != .error else { return }
        add(.text, upTo: bytes.count, isKept: offset < bytes.count)
        tokens.append(TemplateToken(kind: .end, text: "", position: offset, line: line))
    }

    private mutating func lexAction(trims: Bool) {
        let inner = offset + 2 + (trims ? 2 : 0)
        if byte(inner) == UInt8(ascii: "/"), byte(inner + 1) == UInt8(ascii: "*") {
            lexComment(from: inner)
            return
        }
        add(.leftDelimiter, upTo: offset + 2)
        if trims { skip(to: inner) }
        parenthesisDepth = 0
        while true {
            if let end = rightDelimiter(at: offset) {
                if parenthesisDepth > 0 { return fail("unclosed left paren") }
                skip(to: end.delimiter)
                add(.rightDelimiter, upTo: end.delimiter + 2)
                if end.trims { skipSpaces() }
                return
            }
            guard let next = byte(offset) else { return fail("unclosed action") }
            guard lexInside(next) else { return }
        }
    }

    private mutating func lexComment(from start: Int) {
        guard let close = find("*/", from: start + 2) else { return fail("unclosed comment") }
        guard let end = rightDelimiter(at: close + 2) else { return fail("comment ends before closing delimiter") }
        skip(to: end.delimiter + 2)
        if end.trims { skipSpaces() }
    }

    /// Where `}}` stands if it, or its trimming form ` -}}`, starts at an offset.
    private func rightDelimiter(at start: Int) -> (delimiter: Int, trims: Bool)? {
        let brace = UInt8(ascii: "}")
        if isSpace(byte(start)), byte(start + 1) == UInt8(ascii: "-"), byte(start + 2) == brace,
            byte(start + 3) == brace
        {
            return (start + 2, true)
        }
        return byte(start) == brace && byte(start + 1) == brace ? (start, false) : nil
    }

    /// One token inside an action; false after an error.
    private mutating func lexInside(_ next: UInt8) -> Bool {
        switch next {
        case _ where isSpace(next):
            var end = offset
            // The space before a trimming delimiter belongs to the delimiter.
            while isSpace(byte(end)), rightDelimiter(at: end)?.trims != true { end += 1 }
            add(.space, upTo: end)
        case UInt8(ascii: "="): add(.assign, upTo: offset + 1)
        case UInt8(ascii: ":"):
            guard byte(offset + 1) == UInt8(ascii: "=") else { return failed("expected :=") }
            add(.declare, upTo: offset + 2)
        case UInt8(ascii: "|"): add(.pipe, upTo: offset + 1)
        case UInt8(ascii: ","): add(.comma, upTo: offset + 1)
        case UInt8(ascii: "("):
            add(.leftParenthesis, upTo: offset + 1)
            parenthesisDepth += 1
        case UInt8(ascii: ")"):
            if parenthesisDepth == 0 { return failed("unexpected right paren") }
            add(.rightParenthesis, upTo: offset + 1)
            parenthesisDepth -= 1
        case UInt8(ascii: "\""): return lexQuoted(next, kind: .string, unclosed: "unterminated quoted string")
        case UInt8(ascii: "'"): return lexQuoted(next, kind: .character, unclosed: "unterminated character constant")
        case UInt8(ascii: "`"): return lexRawString()
        case UInt8(ascii: "$"): return lexName(kind: .variable)
        case UInt8(ascii: "."):
            if let following = byte(offset + 1), isDigit(following) { return lexNumber() }
            return lexName(kind: .field)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return lexNumber()
        case _ where isAlphanumeric(next): return lexName(kind: .identifier)
        case 0x20...0x7E: add(.otherCharacter, upTo: offset + 1)
        default: return failed("unrecognized character in action: \(described(next))")
        }
        return true
    }

    private mutating func lexQuoted(_ quote: UInt8, kind: TemplateToken.Kind, unclosed: String) -> Bool {
        var end = offset + 1
        while true {
            switch byte(end) {
            case nil, UInt8(ascii: "\n"): return failed(unclosed)
            case UInt8(ascii: "\\"): end += 2
            case quote:
                add(kind, upTo: end + 1)
                return true
            default: end += 1
            }
        }
    }

    private mutating func lexRawString() -> Bool {
        guard let close = find("`", from: offset + 1) else { return failed("unterminated raw quoted string") }
        add(.rawString, upTo: close + 1)
        return true
    }

    /// A field `.x`, a variable `$x`, or an identifier; a dot or `$` alone is one as well.
    private mutating func lexName(kind: TemplateToken.Kind) -> Bool {
        var end = kind == .identifier ? offset : offset + 1
        while let next = byte(end), isAlphanumeric(next) { end += 1 }
        guard isTerminated(at: end) else {
            return failed("bad character \(described(byte(end) ?? 0))")
        }
        let word = String(decoding: bytes[offset..<end], as: UTF8.self)
        switch kind {
        case .field where end == offset + 1: add(.dot, upTo: end)
        case .identifier where Self.keywords.contains(word): add(.keyword, upTo: end)
        case .identifier where word == "true" || word == "false": add(.bool, upTo: end)
        default: add(kind, upTo: end)
        }
        return true
    }

    private mutating func lexNumber() -> Bool {
        var end = offset
        if byte(end) == UInt8(ascii: "+") || byte(end) == UInt8(ascii: "-") { end += 1 }
        var previous: UInt8 = 0
        let isHexadecimal = byte(end) == UInt8(ascii: "0") && (byte(end + 1) ?? 0) | 0x20 == UInt8(ascii: "x")
        while let next = byte(end) {
            let isSign = next == UInt8(ascii: "+") || next == UInt8(ascii: "-")
            let lowered = previous | 0x20
            let follows = lowered == UInt8(ascii: "p") || (!isHexadecimal && lowered == UInt8(ascii: "e"))
            guard isAlphanumeric(next) || next == UInt8(ascii: ".") || (isSign && follows) else { break }
            previous = next
            end += 1
        }
        let text = String(decoding: bytes[offset..<end], as: UTF8.self)
        guard TemplateNumber(text) != nil else { return failed("bad number syntax: \(Quoting.quoted(text))") }
        add(.number, upTo: end)
        return true
    }

    private func isTerminated(at end: Int) -> Bool {
        guard let next = byte(end) else { return true }
        return isSpace(next) || ".,|:)(".utf8.contains(next) || rightDelimiter(at: end) != nil
    }

    private mutating func add(_ kind: TemplateToken.Kind, upTo end: Int, isKept: Bool = true) {
        if isKept {
            let text = String(decoding: bytes[offset..<end], as: UTF8.self)
            tokens.append(TemplateToken(kind: kind, text: text, position: offset, line: line))
        }
        skip(to: end)
    }

    private mutating func skip(to end: Int) {
        for byte in bytes[offset..<max(offset, end)] where byte == UInt8(ascii: "\n") { line += 1 }
        offset = max(offset, end)
    }

    private mutating func skipSpaces() {
        var end = offset
        while isSpace(byte(end)) { end += 1 }
        skip(to: end)
    }

    private mutating func fail(_ message: String) {
        tokens.append(TemplateToken(kind: .error, text: message, position: offset, line: line))
    }

    private mutating func failed(_ message: String) -> Bool {
        fail(message)
        return false
    }

    private func byte(_ index: Int) -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private func find(_ needle: StaticString, from start: Int) -> Int? {
        let first = needle.utf8Start[0]
        var index = start
        while index + needle.utf8CodeUnitCount <= bytes.count {
            if bytes[index] == first, needle.utf8CodeUnitCount == 1 || bytes[index + 1] == needle.utf8Start[1] {
                return index
            }
            index += 1
        }
        return nil
    }

    private func isSpace(_ byte: UInt8?) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    /// The character that starts with a byte as Go's `%#U` shows it.
    private func described(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return byte >= 0x20 && byte < 0x7F ? code + " '\(Character(Unicode.Scalar(byte)))'" : code
    }
}

/// Cuts a query into tokens.
///
/// The first thing that is no token ends the list as `malformed`; the parser reports it when it gets there, so an
/// earlier mistake is reported first.
struct Lexer {
    let text: [UInt8]
    private(set) var tokens: [Token] = []
    private var position = 0
    private let end: Int
    private var isInBraces = false
    private var isInBrackets = false
    private var openParentheses = 0

    private init(_ text: [UInt8]) {
        self.text = text
        end = text.count
    }

    /// All tokens; the last one is `endOfInput` or `malformed`.
    static func tokens(of text: [UInt8]) -> [Token] {
        var lexer = Lexer(text)
        while lexer.scanToken() {}
        return lexer.tokens
    }

    private func byte(at offset: Int) -> UInt8? {
        position + offset < end ? text[position + offset] : nil
    }

    private mutating func emit(_ kind: Token.Kind, length: Int) {
        tokens.append(Token(kind: kind, range: position..<(position + length)))
        position += length
    }

    private mutating func fail(_ message: String, from start: Int? = nil, to stop: Int? = nil) -> Bool {
        let start = min(start ?? position, end)
        let stop = min(max(stop ?? start + 1, start), end)
        tokens.append(Token(kind: .malformed(message), range: start..<stop))
        return false
    }

    /// Returns `false` when there is nothing more.
    private mutating func scanToken() -> Bool {
        skipSpaceAndComments()
        guard let current = byte(at: 0) else { return scanEnd() }
        switch current {
        case UInt8(ascii: ","): emit(.comma, length: 1)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return scanQuoted(current)
        case UInt8(ascii: "`"): return scanRaw()
        default:
            return isInBraces ? scanInBraces(current) : scanOutside(current)
        }
        return true
    }

    private mutating func scanEnd() -> Bool {
        if isInBraces { return fail("unexpected end of input inside braces") }
        if isInBrackets { return fail("unclosed left bracket") }
        if openParentheses > 0 { return fail("unclosed left parenthesis") }
        emit(.endOfInput, length: 0)
        return false
    }

    private mutating func skipSpaceAndComments() {
        while let current = byte(at: 0) {
            if current.isSpace {
                position += 1
            } else if current == UInt8(ascii: "#") {
                position = text[position...].firstIndex(of: UInt8(ascii: "\n")) ?? end
            } else {
                return
            }
        }
    }

    private mutating func scanInBraces(_ current: UInt8) -> Bool {
        switch current {
        case UInt8(ascii: "}"):
            emit(.rightBrace, length: 1)
            isInBraces = false
        case UInt8(ascii: "="):
            if byte(at: 1) == UInt8(ascii: "~") {
                emit(.matches, length: 2)
            } else {
                emit(.assign, length: 1)
            }
        case UInt8(ascii: "!"):
            switch byte(at: 1) {
            case UInt8(ascii: "="): emit(.binaryOperator(.notEqual), length: 2)
            case UInt8(ascii: "~"): emit(.notMatches, length: 2)
            default: return fail("unexpected character after '!' inside braces: \(shown(at: position + 1))")
            }
        case UInt8(ascii: "{"):
            return fail("unexpected left brace '{'")
        default:
            guard current.isLetter else {
                return fail("unexpected character inside braces: \(shown(at: position))")
            }
            emit(.identifier, length: length { $0.isNameByte })
        }
        return true
    }

    private mutating func scanOutside(_ current: UInt8) -> Bool {
        if current.isDigit || (current == UInt8(ascii: ".") && byte(at: 1)?.isDigit == true) {
            return scanNumber()
        }
        if current.isLetter {
            scanWord()
            return true
        }
        if let failed = scanPunctuation(current) {
            return failed
        }
        return scanOperator(current)
    }

    /// Returns `nil` where the byte is none of these.
    private mutating func scanPunctuation(_ current: UInt8) -> Bool? {
        switch current {
        case UInt8(ascii: "("):
            openParentheses += 1
            emit(.leftParenthesis, length: 1)
        case UInt8(ascii: ")"):
            guard openParentheses > 0 else { return fail("unexpected right parenthesis ')'") }
            openParentheses -= 1
            emit(.rightParenthesis, length: 1)
        case UInt8(ascii: "{"):
            isInBraces = true
            emit(.leftBrace, length: 1)
        case UInt8(ascii: "["):
            guard !isInBrackets else { return fail("unexpected left bracket '['") }
            isInBrackets = true
            emit(.leftBracket, length: 1)
        case UInt8(ascii: "]"):
            guard isInBrackets else { return fail("unexpected right bracket ']'") }
            isInBrackets = false
            emit(.rightBracket, length: 1)
        case UInt8(ascii: "@"):
            emit(.at, length: 1)
        case UInt8(ascii: ":"):
            if isInBrackets {
                emit(.colon, length: 1)
            } else {
                emit(.metricIdentifier, length: length { $0.isNameByte || $0 == UInt8(ascii: ":") })
            }
        default:
            return nil
        }
        return true
    }

    private mutating func scanOperator(_ current: UInt8) -> Bool {
        let next = byte(at: 1)
        switch current {
        case UInt8(ascii: "+"): emit(.binaryOperator(.add), length: 1)
        case UInt8(ascii: "-"): emit(.binaryOperator(.subtract), length: 1)
        case UInt8(ascii: "*"): emit(.binaryOperator(.multiply), length: 1)
        case UInt8(ascii: "/"): emit(.binaryOperator(.divide), length: 1)
        case UInt8(ascii: "%"): emit(.binaryOperator(.modulo), length: 1)
        case UInt8(ascii: "^"): emit(.binaryOperator(.power), length: 1)
        case UInt8(ascii: "="):
            if next == UInt8(ascii: "~") { return fail("unexpected character after '=': '~'") }
            if next == UInt8(ascii: "=") {
                emit(.binaryOperator(.equal), length: 2)
            } else {
                emit(.assign, length: 1)
            }
        case UInt8(ascii: "!"):
            guard next == UInt8(ascii: "=") else {
                return fail("unexpected character after '!': \(shown(at: position + 1))")
            }
            emit(.binaryOperator(.notEqual), length: 2)
        case UInt8(ascii: "<"):
            let isLong = next == UInt8(ascii: "=")
            emit(.binaryOperator(isLong ? .lessOrEqual : .less), length: isLong ? 2 : 1)
        case UInt8(ascii: ">"):
            let isLong = next == UInt8(ascii: "=")
            emit(.binaryOperator(isLong ? .greaterOrEqual : .greater), length: isLong ? 2 : 1)
        default:
            return fail("unexpected character: \(shown(at: position))")
        }
        return true
    }

    private mutating func scanWord() {
        let size = length { $0.isNameByte || ($0 == UInt8(ascii: ":") && !isInBrackets) }
        let spelling = text[position..<(position + size)]
        if spelling.contains(UInt8(ascii: ":")) {
            emit(.metricIdentifier, length: size)
            return
        }
        emit(Self.wordKind(String(decoding: spelling, as: UTF8.self).lowercased()), length: size)
    }

    private static func wordKind(_ word: String) -> Token.Kind {
        if let keyword = Keyword(rawValue: word) { return .keyword(keyword) }
        if let aggregator = AggregationOperator(rawValue: word) { return .aggregator(aggregator) }
        switch word {
        case "and": return .binaryOperator(.and)
        case "or": return .binaryOperator(.or)
        case "unless": return .binaryOperator(.unless)
        case "atan2": return .binaryOperator(.arcTangent)
        case "inf": return .number(.infinity)
        case "nan": return .number(.nan)
        default: return .identifier
        }
    }

    private mutating func scanNumber() -> Bool {
        var size = 0
        let isHexadecimal = byte(at: 0) == UInt8(ascii: "0") && (byte(at: 1).map { $0 | 0x20 } == UInt8(ascii: "x"))
        while let current = byte(at: size) {
            let isExponent = !isHexadecimal && current | 0x20 == UInt8(ascii: "e")
            size += 1
            if isExponent, let sign = byte(at: size), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                size += 1
            } else if !current.isNameByte && current != UInt8(ascii: ".") {
                size -= 1
                break
            }
        }
        let spelling = String(decoding: text[position..<(position + size)], as: UTF8.self)
        if let value = NumberText.number(spelling), value.isFinite {
            emit(.number(value), length: size)
        } else if let milliseconds = DurationText.milliseconds(spelling) {
            emit(.duration(Double(milliseconds) / 1000), length: size)
        } else {
            let message = "bad number or duration syntax: \(Quoting.quoted(String(spelling.prefix(60))))"
            return fail(message, from: position, to: position + size)
        }
        return true
    }

    private mutating func scanQuoted(_ quote: UInt8) -> Bool {
        var stop = position + 1
        while stop < end, text[stop] != quote {
            if text[stop] == UInt8(ascii: "\n") { break }
            stop += text[stop] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard stop < end, text[stop] == quote else {
            return fail("unterminated quoted string", from: position, to: end)
        }
        switch Quoting.unescape(text[(position + 1)..<stop], quote: quote) {
        case .success(let value):
            emit(.string(value), length: stop + 1 - position)
            return true
        case .failure(let error):
            return fail(error.message, from: error.offset)
        }
    }

    private mutating func scanRaw() -> Bool {
        guard let stop = text[(position + 1)...].firstIndex(of: UInt8(ascii: "`")) else {
            return fail("unterminated raw string", from: position, to: end)
        }
        emit(.string(Quoting.value(of: Array(text[(position + 1)..<stop]))), length: stop + 1 - position)
        return true
    }

    private func length(while isPart: (UInt8) -> Bool) -> Int {
        var stop = position
        while stop < end, isPart(text[stop]) {
            stop += 1
        }
        return stop - position
    }

    /// The character at an offset in single quotes.
    private func shown(at offset: Int) -> String {
        guard offset < end else { return "end of input" }
        let character = String(decoding: text[offset..<min(offset + 16, end)], as: UTF8.self).unicodeScalars.first
        return character.map { "'\(String(Character($0)))'" } ?? "''"
    }
}

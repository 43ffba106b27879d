/// A piece of a query with its place in the bytes of the text.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case endOfInput
        /// Something that is no token; the message says why.
        case malformed(String)
        case identifier
        /// An identifier with a colon: a metric name and nothing else.
        case metricIdentifier
        case keyword(Keyword)
        case aggregator(AggregationOperator)
        case binaryOperator(BinaryOperator)
        case number(Double)
        case duration(Double)
        case string(StringValue)
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        case comma, colon, at
        /// `=`, `=~` and `!~` within braces; `!=` there is the binary operator.
        case assign, matches, notMatches
    }

    let kind: Kind
    let range: Range<Int>
}

/// A word with a meaning of its own, unless it stands where a name is wanted.
enum Keyword: String, Sendable, CaseIterable {
    case offset, by, without, on, ignoring, bool, start, end
    case groupLeft = "group_left"
    case groupRight = "group_right"
}

/// The value of a string literal.
///
/// Escapes such as `\xff` make bytes that are not text; `value` then holds replacement characters.
struct StringValue: Sendable, Equatable {
    let value: String
    let isText: Bool
}

extension Token {
    /// How messages name the token.
    func description(in text: [UInt8]) -> String {
        let spelling = String(decoding: text[range], as: UTF8.self)
        switch kind {
        case .endOfInput: return "end of input"
        case .malformed(let message): return message
        case .identifier, .metricIdentifier: return "identifier \(spelling.debugDescription)"
        case .keyword: return "<\(spelling.lowercased())>"
        case .aggregator: return "<aggr:\(spelling.lowercased())>"
        case .binaryOperator: return "<op:\(spelling.lowercased())>"
        case .number: return "number \(spelling.debugDescription)"
        case .duration: return "duration \(spelling.debugDescription)"
        case .string: return "string \(shortened(spelling))"
        case .leftParenthesis, .rightParenthesis, .leftBrace, .rightBrace, .leftBracket, .rightBracket, .comma, .colon,
            .assign, .matches, .notMatches:
            return "\"\(spelling)\""
        case .at: return "<@>"
        }
    }

    private func shortened(_ spelling: String) -> String {
        spelling.utf8.count > 40 ? "\(spelling.prefix(40).debugDescription)..." : spelling.debugDescription
    }
}

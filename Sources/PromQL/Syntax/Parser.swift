/// Recursive descent over the tokens of a query.
///
/// Each `parse…` method starts with `current` as the first token of its subject and ends with `current` behind it.
struct Parser {
    /// Deeper trees are refused, as every later stage walks the tree by recursion.
    static let maximumDepth = 256

    let text: String
    let bytes: [UInt8]
    let tokens: [Token]
    let options: Query.Options
    private var index = 0
    private var depth = 0
    /// The height of the tree parsed last.
    var height = 0
    /// The operators of the duration expression being parsed.
    var durationOperators = 0

    init(_ text: String, options: Query.Options) {
        self.text = text
        self.options = options
        bytes = Array(text.utf8)
        tokens = Lexer.tokens(of: bytes)
    }

    init(_ text: String, tokens: [Token]) {
        self.text = text
        self.tokens = tokens
        options = Query.Options()
        bytes = Array(text.utf8)
    }

    mutating func parseQuery() throws(QueryError) -> Expression {
        if current.kind == .endOfInput {
            throw error("no expression found in input", current.range)
        }
        let root = try parseExpression(above: 0)
        guard current.kind == .endOfInput else { throw unexpected("") }
        return root
    }

    // MARK: Tokens

    var current: Token { token(ahead: 0) }

    func token(ahead count: Int) -> Token {
        index + count < tokens.count ? tokens[index + count] : endToken
    }

    private var endToken: Token {
        tokens.last ?? Token(kind: .endOfInput, range: bytes.count..<bytes.count)
    }

    mutating func advance() {
        if index < tokens.count { index += 1 }
    }

    /// Where the token before the current one ends.
    var endOfPrevious: Int { index > 0 ? tokens[index - 1].range.upperBound : 0 }

    func spelling(_ token: Token) -> String {
        String(decoding: bytes[token.range], as: UTF8.self)
    }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ context: String, expected: String = "") throws(QueryError) {
        guard accept(kind) else { throw unexpected(context, expected: expected) }
    }

    // MARK: Errors

    func error(_ message: String, _ range: Range<Int>) -> QueryError {
        .parse(message: message, range: range, query: text)
    }

    func unexpected(_ context: String, expected: String = "") -> QueryError {
        if case .malformed(let message) = current.kind {
            return error(message, current.range)
        }
        var message = "unexpected \(current.description(in: bytes))"
        if !context.isEmpty { message += " in \(context)" }
        if !expected.isEmpty { message += ", expected \(expected)" }
        return error(message, current.range)
    }

    /// Counts one level of the tree; undone by `leave`.
    mutating func enter(_ range: Range<Int>) throws(QueryError) {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw error("expression is nested more than \(Self.maximumDepth) levels deep", range)
        }
    }

    /// Notes that a node was put above a tree of a height.
    mutating func grow(above inner: Int, _ range: Range<Int>) throws(QueryError) {
        height = inner + 1
        guard height <= Self.maximumDepth else {
            throw error("expression is nested more than \(Self.maximumDepth) levels deep", range)
        }
    }

    mutating func leave() {
        depth -= 1
    }

    // MARK: Operators

    mutating func parseExpression(above minimum: Int) throws(QueryError) -> Expression {
        try enter(current.range)
        defer { leave() }
        var left = try parseUnary()
        while case .binaryOperator(let operation) = current.kind, operation.precedence > minimum {
            left = try parseBinary(left, operation)
        }
        return left
    }

    private mutating func parseBinary(
        _ left: Expression,
        _ operation: BinaryOperator
    ) throws(QueryError) -> Expression {
        let leftHeight = height
        let operatorStart = current.range.lowerBound
        advance()
        let returnsBool = accept(.keyword(.bool))
        let matching = try parseMatching()
        let operatorRange = operatorStart..<endOfPrevious
        if let matching, matching.isOn, let twice = matching.labels.first(where: { matching.include.contains($0) }) {
            throw error("label \"\(twice)\" must not occur in ON and GROUP clause at once", operatorRange)
        }
        // The power operator leans to the right, all others to the left.
        let right = try parseExpression(above: operation == .power ? operation.precedence - 1 : operation.precedence)
        // A chain leans to the left and so is a deep tree too.
        try grow(above: max(leftHeight, height), operatorRange)
        let range = left.range.lowerBound..<right.range.upperBound
        if returnsBool && !operation.isComparison {
            throw error("bool modifier can only be used on comparison operators", operatorRange)
        }
        var settled = matching
        if operation.isSetOperator {
            if let matching, matching.cardinality != .oneToOne {
                throw error("no grouping allowed for \"\(operation.rawValue)\" operation", range)
            }
            settled = matching ?? VectorMatching()
            settled?.cardinality = .manyToMany
        } else if left.type != .scalar, right.type != .scalar {
            settled = matching ?? VectorMatching()
        } else if let matching, matching.labels.isEmpty, !matching.isOn {
            // `ignoring ()` says nothing; more than that beside a scalar is refused later.
            settled = nil
        }
        return .binary(
            BinaryExpression(
                operation: operation,
                left: left,
                right: right,
                matching: settled,
                returnsBool: returnsBool,
                operatorRange: operatorRange,
                range: range
            )
        )
    }

    private mutating func parseMatching() throws(QueryError) -> VectorMatching? {
        var matching = VectorMatching()
        switch current.kind {
        case .keyword(.on): matching.isOn = true
        case .keyword(.ignoring): matching.isOn = false
        default: return nil
        }
        advance()
        matching.labels = try parseGroupingLabels()
        switch current.kind {
        case .keyword(.groupLeft): matching.cardinality = .manyToOne
        case .keyword(.groupRight): matching.cardinality = .oneToMany
        default: return matching
        }
        advance()
        if current.kind == .leftParenthesis {
            matching.include = try parseGroupingLabels()
        }
        return matching
    }

    private mutating func parseUnary() throws(QueryError) -> Expression {
        let start = current.range.lowerBound
        let isNegative: Bool
        switch current.kind {
        case .binaryOperator(.add): isNegative = false
        case .binaryOperator(.subtract): isNegative = true
        default: return try parsePostfix()
        }
        advance()
        let operand = try parseExpression(above: BinaryOperator.multiply.precedence)
        let range = start..<operand.range.upperBound
        if case .number(var literal) = operand {
            if isNegative { literal.value = -literal.value }
            literal.range = range
            return .number(literal)
        }
        guard operand.type == .scalar || operand.type == .vector else {
            throw error(
                "unary expression only allowed on expressions of type scalar or instant vector, got "
                    + "\"\(operand.type.longName)\"",
                range
            )
        }
        try grow(above: height, range)
        return .unary(UnaryExpression(isNegative: isNegative, operand: operand, range: range))
    }

    /// `(a, b,)`: labels of `by`, `on` and their like.
    mutating func parseGroupingLabels() throws(QueryError) -> [String] {
        try expect(.leftParenthesis, "grouping opts", expected: "\"(\"")
        var labels: [String] = []
        while current.kind != .rightParenthesis {
            labels.append(try parseGroupingLabel())
            if current.kind == .rightParenthesis { break }
            try expect(.comma, "grouping opts", expected: "\",\" or \")\"")
        }
        advance()
        return labels
    }

    private mutating func parseGroupingLabel() throws(QueryError) -> String {
        let token = current
        switch token.kind {
        case .identifier, .keyword, .aggregator:
            advance()
            return spelling(token)
        case .binaryOperator(.and), .binaryOperator(.or), .binaryOperator(.unless), .binaryOperator(.arcTangent):
            advance()
            return spelling(token)
        case .metricIdentifier:
            throw error("invalid label name for grouping: \"\(spelling(token))\"", token.range)
        case .string(let literal):
            guard literal.isText, !literal.value.isEmpty else {
                throw error("invalid label name for grouping: \(spelling(token))", token.range)
            }
            advance()
            return literal.value
        default:
            throw unexpected("grouping opts", expected: "label")
        }
    }
}

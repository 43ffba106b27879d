/// A duration in brackets or behind `offset`.
struct ParsedDuration {
    var milliseconds: Int64
    /// `nil` where the duration is a plain number or duration.
    var expression: DurationExpression?
}

extension Parser {
    /// The largest range, step or offset: about 290 years, as in Prometheus.
    private static let maximumMilliseconds = 9_223_372_036_854.0

    /// What stands in brackets.
    mutating func parseDuration(in context: String, mustBePositive: Bool) throws(QueryError) -> ParsedDuration {
        let start = current.range.lowerBound
        guard startsDuration else {
            throw unexpected(context, expected: "number, duration, step(), or range()")
        }
        durationOperators = 0
        let parsed = try parseDurationSum(above: 0)
        return try settle(parsed, start..<endOfPrevious, mustBePositive: mustBePositive)
    }

    /// What stands behind `offset`: an optional sign and one number, duration or parenthesised expression.
    mutating func parseOffsetDuration() throws(QueryError) -> ParsedDuration {
        let start = current.range.lowerBound
        guard startsDuration else {
            throw unexpected("offset", expected: "number, duration, step(), or range()")
        }
        durationOperators = 0
        let parsed = try parseDurationFactor()
        return try settle(parsed, start..<endOfPrevious, mustBePositive: false)
    }

    private var startsDuration: Bool {
        switch current.kind {
        case .number, .duration, .binaryOperator(.subtract), .binaryOperator(.add): true
        case .leftParenthesis, .identifier, .aggregator(.min), .aggregator(.max): options.durationExpressions
        default: false
        }
    }

    private func settle(
        _ expression: DurationExpression,
        _ range: Range<Int>,
        mustBePositive: Bool
    ) throws(QueryError) -> ParsedDuration {
        let literal: Double?
        switch expression {
        case .seconds(let value, _): literal = value
        case .negated(.seconds(let value, _)): literal = -value
        default: literal = nil
        }
        if literal == nil && !options.durationExpressions {
            throw error("experimental duration expression is not enabled", range)
        }
        if expression.dependsOnStep {
            return ParsedDuration(milliseconds: 0, expression: expression)
        }
        let seconds = literal ?? expression.seconds(step: 0)
        let milliseconds = (seconds * 1000).rounded()
        guard milliseconds.magnitude <= Self.maximumMilliseconds else {
            throw error("duration out of range", range)
        }
        if mustBePositive && milliseconds <= 0 {
            throw error("duration must be greater than 0", range)
        }
        return ParsedDuration(milliseconds: Int64(milliseconds), expression: literal == nil ? expression : nil)
    }

    private mutating func parseDurationSum(above minimum: Int) throws(QueryError) -> DurationExpression {
        try enter(current.range)
        defer { leave() }
        var left = try parseDurationFactor()
        while case .binaryOperator(let operation) = current.kind, operation.precedence > minimum {
            switch operation {
            case .add, .subtract, .multiply, .divide, .modulo, .power: break
            default: throw unexpected("duration expression")
            }
            durationOperators += 1
            guard durationOperators <= Self.maximumDepth else {
                throw error("duration expression has more than \(Self.maximumDepth) operators", current.range)
            }
            advance()
            let lowest = operation == .power ? operation.precedence - 1 : operation.precedence
            left = .binary(operation, left, try parseDurationSum(above: lowest))
        }
        return left
    }

    private mutating func parseDurationFactor() throws(QueryError) -> DurationExpression {
        let token = current
        switch token.kind {
        case .number(let value):
            advance()
            return .seconds(value, isDuration: false)
        case .duration(let value):
            advance()
            return .seconds(value, isDuration: true)
        case .binaryOperator(.subtract), .binaryOperator(.add):
            try enter(token.range)
            defer { leave() }
            advance()
            let inner = try parseDurationFactor()
            return token.kind == .binaryOperator(.subtract) ? .negated(inner) : inner
        case .leftParenthesis where options.durationExpressions:
            advance()
            let inner = try parseDurationSum(above: 0)
            try expect(.rightParenthesis, "duration expression", expected: "\")\"")
            return .parentheses(inner)
        case .aggregator(.min), .aggregator(.max):
            return try parseDurationExtreme(isMaximum: token.kind == .aggregator(.max))
        case .identifier where options.durationExpressions && spelling(token).lowercased() == "step":
            advance()
            try expect(.leftParenthesis, "duration expression", expected: "\"(\"")
            try expect(.rightParenthesis, "duration expression", expected: "\")\"")
            return .step
        default:
            throw unexpected("duration expression")
        }
    }

    private mutating func parseDurationExtreme(isMaximum: Bool) throws(QueryError) -> DurationExpression {
        advance()
        try expect(.leftParenthesis, "duration expression", expected: "\"(\"")
        let first = try parseDurationSum(above: 0)
        try expect(.comma, "duration expression", expected: "\",\"")
        let second = try parseDurationSum(above: 0)
        try expect(.rightParenthesis, "duration expression", expected: "\")\"")
        return .extreme(isMaximum: isMaximum, first, second)
    }
}

extension Parser {
    /// A primary expression and what may follow it: `[…]`, `offset …`, `@ …`.
    mutating func parsePostfix() throws(QueryError) -> Expression {
        var expression = try parsePrimary()
        while true {
            switch current.kind {
            case .leftBracket:
                expression = try parseRange(of: expression)
            case .keyword(.offset):
                expression = try parseOffset(of: expression)
            case .at:
                expression = try parseAnchor(of: expression)
            default:
                return expression
            }
        }
    }

    // MARK: Brackets

    private mutating func parseRange(of expression: Expression) throws(QueryError) -> Expression {
        let bracket = current
        try grow(above: height, bracket.range)
        advance()
        let length = try parseDuration(in: "subquery or range selector", mustBePositive: true)
        if accept(.colon) {
            return try parseSubquery(of: expression, length: length)
        }
        try expect(.rightBracket, "subquery or range", expected: "\":\" or \"]\"")
        guard case .vectorSelector(let selector) = expression else {
            throw error("ranges only allowed for vector selectors", bracket.range.lowerBound..<endOfPrevious)
        }
        if selector.time.hasOffset {
            throw error("no offset modifiers allowed before range", bracket.range.lowerBound..<endOfPrevious)
        }
        if selector.time.anchor != nil {
            throw error("no @ modifiers allowed before range", bracket.range.lowerBound..<endOfPrevious)
        }
        return .matrixSelector(
            MatrixSelector(
                selector: selector,
                rangeMilliseconds: length.milliseconds,
                rangeExpression: length.expression,
                range: expression.range.lowerBound..<endOfPrevious
            )
        )
    }

    private mutating func parseSubquery(
        of expression: Expression,
        length: ParsedDuration
    ) throws(QueryError) -> Expression {
        var step: ParsedDuration?
        if current.kind != .rightBracket {
            step = try parseDuration(in: "subquery selector", mustBePositive: true)
        }
        try expect(.rightBracket, "subquery selector", expected: "\"]\"")
        let range = expression.range.lowerBound..<endOfPrevious
        guard expression.type == .vector else {
            throw error(
                "subquery is only allowed on instant vector, got \(expression.type.rawValue) instead",
                range
            )
        }
        return .subquery(
            Subquery(
                expression: expression,
                rangeMilliseconds: length.milliseconds,
                rangeExpression: length.expression,
                stepMilliseconds: step?.milliseconds,
                stepExpression: step?.expression,
                range: range
            )
        )
    }

    // MARK: Modifiers

    private mutating func parseOffset(of expression: Expression) throws(QueryError) -> Expression {
        let start = current.range.lowerBound
        advance()
        let offset = try parseOffsetDuration()
        return try modifyTime(of: expression, name: "offset", at: start) { time in
            if time.hasOffset { return "offset may not be set multiple times" }
            time.offsetMilliseconds = offset.milliseconds
            time.offsetExpression = offset.expression
            time.hasOffset = true
            return nil
        }
    }

    private mutating func parseAnchor(of expression: Expression) throws(QueryError) -> Expression {
        let start = current.range.lowerBound
        advance()
        let anchor: TimeModifier.Anchor
        switch current.kind {
        case .keyword(.start), .keyword(.end):
            anchor = current.kind == .keyword(.start) ? .start : .end
            advance()
            try expect(.leftParenthesis, "@ modifier preprocessor", expected: "\"(\"")
            try expect(.rightParenthesis, "@ modifier preprocessor", expected: "\")\"")
        default:
            anchor = .timestamp(try parseTimestamp(start: start))
        }
        return try modifyTime(of: expression, name: "@", at: start) { time in
            if time.anchor != nil { return "@ <timestamp> may not be set multiple times" }
            time.anchor = anchor
            return nil
        }
    }

    private mutating func parseTimestamp(start: Int) throws(QueryError) -> Int64 {
        var sign = 1.0
        if accept(.binaryOperator(.subtract)) {
            sign = -1
        } else {
            _ = accept(.binaryOperator(.add))
        }
        let seconds: Double
        switch current.kind {
        case .number(let value), .duration(let value): seconds = sign * value
        default: throw unexpected("@", expected: "timestamp")
        }
        advance()
        // Half of the range of 64 bits, so that adding ranges and offsets cannot overflow.
        guard let milliseconds = Int64(exactly: (seconds * 1000).rounded()), milliseconds.magnitude < 1 << 62 else {
            throw error(
                "timestamp out of bounds for @ modifier: \(NumberText.decimal(seconds))",
                start..<endOfPrevious
            )
        }
        return milliseconds
    }

    /// Changes the modifiers of a selector or subquery; `change` returns what is wrong with it.
    private func modifyTime(
        of expression: Expression,
        name: String,
        at start: Int,
        _ change: (inout TimeModifier) -> String?
    ) throws(QueryError) -> Expression {
        let range = expression.range.lowerBound..<endOfPrevious
        let changed: Expression
        let problem: String?
        switch expression {
        case .vectorSelector(var node):
            problem = change(&node.time)
            node.range = range
            changed = .vectorSelector(node)
        case .matrixSelector(var node):
            problem = change(&node.selector.time)
            node.range = range
            changed = .matrixSelector(node)
        case .subquery(var node):
            problem = change(&node.time)
            node.range = range
            changed = .subquery(node)
        default:
            throw error(
                "\(name) modifier must be preceded by an instant vector selector or range vector selector or a "
                    + "subquery",
                expression.range.lowerBound..<endOfPrevious
            )
        }
        if let problem { throw error(problem, start..<endOfPrevious) }
        return changed
    }
}

extension Parser {
    mutating func parsePrimary() throws(QueryError) -> Expression {
        let token = current
        height = 1
        switch token.kind {
        case .number(let value):
            advance()
            return .number(NumberLiteral(value: value, isDuration: false, range: token.range))
        case .duration(let value):
            advance()
            return .number(NumberLiteral(value: value, isDuration: true, range: token.range))
        case .string(let literal):
            advance()
            return .string(StringLiteral(value: literal.value, isText: literal.isText, range: token.range))
        case .leftParenthesis:
            advance()
            let inner = try parseExpression(above: 0)
            try expect(.rightParenthesis, "")
            try grow(above: height, token.range)
            return .parentheses(Parentheses(inner: inner, range: token.range.lowerBound..<endOfPrevious))
        case .leftBrace, .metricIdentifier:
            return try parseSelector()
        case .identifier:
            return self.token(ahead: 1).kind == .leftParenthesis ? try parseCall() : try parseSelector()
        case .aggregator(let operation):
            switch self.token(ahead: 1).kind {
            case .leftParenthesis, .keyword(.by), .keyword(.without): return try parseAggregation(operation)
            default: return try parseSelector()
            }
        case .keyword(.offset), .keyword(.by), .keyword(.without), .keyword(.start), .keyword(.end),
            .binaryOperator(.and), .binaryOperator(.or), .binaryOperator(.unless):
            return try parseSelector()
        default:
            throw unexpected("")
        }
    }

    // MARK: Calls

    private mutating func parseCall() throws(QueryError) -> Expression {
        let nameToken = current
        let name = spelling(nameToken)
        guard let function = FunctionCatalog.function(named: name) else {
            throw error("unknown function with name \"\(name)\"", nameToken.range)
        }
        if function.isExperimental && !options.experimentalFunctions {
            throw error("function \"\(name)\" is not enabled", nameToken.range)
        }
        advance()
        let arguments = try parseArguments(context: "function call")
        try grow(above: height, nameToken.range)
        return .call(
            FunctionCall(
                function: function,
                arguments: arguments,
                range: nameToken.range.lowerBound..<endOfPrevious
            )
        )
    }

    private mutating func parseArguments(context: String) throws(QueryError) -> [Expression] {
        try expect(.leftParenthesis, context, expected: "\"(\"")
        var arguments: [Expression] = []
        height = 0
        if accept(.rightParenthesis) { return arguments }
        var highest = 0
        while true {
            arguments.append(try parseExpression(above: 0))
            highest = max(highest, height)
            height = highest
            if accept(.rightParenthesis) { return arguments }
            let comma = current
            try expect(.comma, context, expected: "\",\" or \")\"")
            if current.kind == .rightParenthesis {
                throw error("trailing commas not allowed in function call args", comma.range)
            }
        }
    }

    // MARK: Aggregations

    private mutating func parseAggregation(_ operation: AggregationOperator) throws(QueryError) -> Expression {
        let start = current.range
        if operation.isExperimental && !options.experimentalFunctions {
            throw error(
                "\(operation.rawValue)() is experimental and must be enabled with "
                    + "--enable-feature=promql-experimental-functions",
                start
            )
        }
        advance()
        var grouping = try parseGrouping()
        let body = try parseArguments(context: "aggregation")
        if grouping == nil { grouping = try parseGrouping() }
        let range = start.lowerBound..<endOfPrevious
        try grow(above: height, start)
        let expectedCount = operation.hasParameter ? 2 : 1
        guard let last = body.last else {
            throw error("no arguments for aggregate expression provided", range)
        }
        guard body.count == expectedCount else {
            throw error(
                "wrong number of arguments for aggregate expression provided, expected \(expectedCount), got "
                    + "\(body.count)",
                range
            )
        }
        return .aggregation(
            Aggregation(
                operation: operation,
                expression: last,
                parameter: operation.hasParameter ? body[0] : nil,
                grouping: grouping?.labels ?? [],
                isWithout: grouping?.isWithout ?? false,
                range: range
            )
        )
    }

    private mutating func parseGrouping() throws(QueryError) -> (labels: [String], isWithout: Bool)? {
        let isWithout: Bool
        switch current.kind {
        case .keyword(.by): isWithout = false
        case .keyword(.without): isWithout = true
        default: return nil
        }
        advance()
        return (try parseGroupingLabels(), isWithout)
    }
}

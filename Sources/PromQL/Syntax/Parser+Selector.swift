import Metrics

extension Parser {
    /// `name`, `name{…}` or `{…}`.
    mutating func parseSelector() throws(QueryError) -> Expression {
        let start = current.range.lowerBound
        var name = ""
        if current.kind != .leftBrace {
            name = spelling(current)
            advance()
        }
        var matchers: [LabelMatcher] = []
        if current.kind == .leftBrace {
            matchers = try parseMatchers()
        }
        let range = start..<endOfPrevious
        if !name.isEmpty {
            if let twice = matchers.first(where: { $0.name == Labels.metricNameLabel }) {
                throw error(
                    "metric name must not be set twice: \(Quoting.quoted(name)) or \(Quoting.quoted(twice.value))",
                    range
                )
            }
            matchers.append(LabelMatcher(name: Labels.metricNameLabel, equals: name))
        }
        return .vectorSelector(VectorSelector(name: name, matchers: matchers, range: range))
    }

    private mutating func parseMatchers() throws(QueryError) -> [LabelMatcher] {
        advance()
        var matchers: [LabelMatcher] = []
        var nameRange: Range<Int>?
        while current.kind != .rightBrace {
            let start = current.range
            let matcher = try parseMatcher()
            if matcher.isBareName {
                if nameRange != nil {
                    throw error("metric name must not be set twice", start)
                }
                nameRange = start
            }
            matchers.append(matcher.matcher)
            if current.kind == .rightBrace { break }
            try expect(.comma, "label matching", expected: "\",\" or \"}\"")
        }
        advance()
        return matchers
    }

    private mutating func parseMatcher() throws(QueryError) -> (matcher: LabelMatcher, isBareName: Bool) {
        let nameToken = current
        let name: String
        switch nameToken.kind {
        case .identifier:
            name = spelling(nameToken)
        case .string(let literal):
            guard literal.isText else { throw error("invalid UTF-8 in label name", nameToken.range) }
            name = literal.value
        default:
            throw unexpected("label matching", expected: "identifier or \"}\"")
        }
        advance()
        let operation: LabelMatcher.Operation
        switch current.kind {
        case .assign: operation = .equal
        case .binaryOperator(.notEqual): operation = .notEqual
        case .matches: operation = .matches
        case .notMatches: operation = .notMatches
        case .comma, .rightBrace:
            if case .string = nameToken.kind {
                return (LabelMatcher(name: Labels.metricNameLabel, equals: name), true)
            }
            throw unexpected("label matching", expected: "label matching operator")
        default:
            throw unexpected("label matching", expected: "label matching operator")
        }
        advance()
        guard case .string(let literal) = current.kind else {
            throw unexpected("label matching", expected: "string")
        }
        let valueRange = current.range
        advance()
        do {
            return (try LabelMatcher(name: name, operation: operation, value: literal.value), false)
        } catch {
            throw self.error(error.message, valueRange)
        }
    }
}

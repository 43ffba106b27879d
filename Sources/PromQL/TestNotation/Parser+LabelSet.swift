import Metrics

extension Parser {
    /// `metric`, `metric{a="b"}` or `{a="b"}`, and nothing behind it.
    mutating func parseLabelSet() throws(QueryError) -> Labels {
        var builder = LabelsBuilder()
        if current.kind != .leftBrace {
            guard isName(current) else { throw unexpected("series description", expected: "metric name or \"{\"") }
            builder.set(Labels.metricNameLabel, spelling(current))
            advance()
        }
        if accept(.leftBrace) {
            while current.kind != .rightBrace {
                try parseLabel(into: &builder)
                if current.kind == .rightBrace { break }
                try expect(.comma, "label set", expected: "\",\" or \"}\"")
            }
            advance()
        }
        guard current.kind == .endOfInput else { throw unexpected("series description") }
        return builder.labels()
    }

    private func isName(_ token: Token) -> Bool {
        switch token.kind {
        case .identifier, .metricIdentifier, .keyword, .aggregator: true
        case .binaryOperator(let operation): operation.rawValue.utf8.first?.isLetter == true
        default: false
        }
    }

    private mutating func parseLabel(into builder: inout LabelsBuilder) throws(QueryError) {
        let token = current
        let name: String
        switch token.kind {
        case .identifier: name = spelling(token)
        case .string(let literal) where literal.isText: name = literal.value
        default: throw unexpected("label set", expected: "identifier or \"}\"")
        }
        advance()
        if case .string = token.kind, current.kind == .comma || current.kind == .rightBrace {
            guard builder[Labels.metricNameLabel] == nil else {
                throw error("metric name must not be set twice", token.range)
            }
            builder.set(Labels.metricNameLabel, name)
            return
        }
        try expect(.assign, "label set", expected: "\"=\"")
        guard case .string(let literal) = current.kind else {
            throw unexpected("label set", expected: "string")
        }
        advance()
        builder.set(name, literal.value)
    }
}

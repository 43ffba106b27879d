extension Query {
    /// The query with no range and no offset longer than a span, for evaluation over a short history.
    ///
    /// Steps of subqueries shrink too, so that a shortened range still has points. Durations written as expressions
    /// (`[step() * 2]`) stay. The text stays that of the original.
    public func clampingRanges(toMilliseconds span: Int64) -> Query {
        Query(text: text, root: RangeClamp(span: max(1, span)).clamped(root))
    }

    private init(text: String, root: Expression) {
        self.text = text
        self.root = root
    }
}

/// Rewrites a tree; its depth is bounded by that of the parser.
private struct RangeClamp {
    let span: Int64

    func clamped(_ expression: Expression) -> Expression {
        switch expression {
        case .number, .string: return expression
        case .vectorSelector(let node): return .vectorSelector(clamped(node))
        case .matrixSelector(var node):
            node.selector = clamped(node.selector)
            node.rangeMilliseconds = min(node.rangeMilliseconds, span)
            return .matrixSelector(node)
        case .subquery(var node):
            node.expression = clamped(node.expression)
            if node.rangeMilliseconds > span {
                node.rangeMilliseconds = span
                node.stepMilliseconds = min(node.stepMilliseconds ?? .max, max(1, span / 5))
            }
            node.time = clamped(node.time)
            return .subquery(node)
        case .call(var node):
            node.arguments = node.arguments.map(clamped)
            return .call(node)
        case .binary(var node):
            node.left = clamped(node.left)
            node.right = clamped(node.right)
            return .binary(node)
        case .unary(var node):
            node.operand = clamped(node.operand)
            return .unary(node)
        case .aggregation(var node):
            node.expression = clamped(node.expression)
            node.parameter = node.parameter.map(clamped)
            return .aggregation(node)
        case .parentheses(var node):
            node.inner = clamped(node.inner)
            return .parentheses(node)
        }
    }

    private func clamped(_ selector: VectorSelector) -> VectorSelector {
        var result = selector
        result.time = clamped(selector.time)
        return result
    }

    private func clamped(_ time: TimeModifier) -> TimeModifier {
        var result = time
        result.offsetMilliseconds = min(time.offsetMilliseconds, span)
        return result
    }
}

/// Checks that operators and functions get the types they take, before anything is evaluated.
struct TypeChecker {
    let query: String

    /// The depth of the tree is bounded by the parser.
    func check(_ expression: Expression) throws(QueryError) {
        switch expression {
        case .number, .string: break
        case .vectorSelector(let node): try check(node)
        case .matrixSelector(let node): try check(node.selector)
        case .subquery(let node): try check(node.expression)
        case .call(let node): try check(node)
        case .binary(let node): try check(node)
        case .unary(let node): try check(node.operand)
        case .aggregation(let node): try check(node)
        case .parentheses(let node): try check(node.inner)
        }
    }

    private func error(_ message: String, _ range: Range<Int>) -> QueryError {
        .parse(message: message, range: range, query: query)
    }

    private func expect(_ expression: Expression, _ type: ValueType, in context: String) throws(QueryError) {
        guard expression.type == type else {
            throw error(
                "expected type \(type.longName) in \(context), got \(expression.type.longName)", expression.range)
        }
    }

    private func check(_ node: VectorSelector) throws(QueryError) {
        // A metric name in front is a matcher that does not match the empty value.
        guard node.matchers.contains(where: { !$0.matchesEmpty }) else {
            throw error("vector selector must contain at least one non-empty matcher", node.range)
        }
    }

    private func check(_ node: BinaryExpression) throws(QueryError) {
        try check(node.left)
        try check(node.right)
        let left = node.left.type
        let right = node.right.type
        for side in [node.left, node.right] where side.type != .scalar && side.type != .vector {
            throw error("binary expression must contain only scalar and instant vector types", side.range)
        }
        if left == .vector && right == .vector { return }
        if let matching = node.matching, !matching.labels.isEmpty || matching.isOn, !node.operation.isSetOperator {
            throw error("vector matching only allowed between instant vectors", node.range)
        }
        if node.operation.isSetOperator {
            throw error(
                "set operator \"\(node.operation.rawValue)\" not allowed in binary scalar expression",
                node.operatorRange)
        }
        if left == .scalar && right == .scalar && node.operation.isComparison && !node.returnsBool {
            throw error("comparisons between scalars must use BOOL modifier", node.operatorRange)
        }
    }

    private func check(_ node: Aggregation) throws(QueryError) {
        try check(node.expression)
        try expect(node.expression, .vector, in: "aggregation expression")
        guard let parameter = node.parameter else { return }
        try check(parameter)
        try expect(parameter, node.operation == .countValues ? .string : .scalar, in: "aggregation parameter")
    }

    private func check(_ node: FunctionCall) throws(QueryError) {
        try checkCount(node)
        let function = node.function
        for (index, argument) in node.arguments.enumerated() {
            if function.name == "info", index == 1 {
                try checkInfoSelector(argument)
                continue
            }
            try check(argument)
            let wanted = function.argumentTypes[min(index, function.argumentTypes.count - 1)]
            try expect(argument, wanted, in: "call to function \"\(function.name)\"")
        }
    }

    /// The second argument of `info` is a set of matchers, which may all match the empty value.
    private func checkInfoSelector(_ argument: Expression) throws(QueryError) {
        guard case .vectorSelector(let selector) = argument else {
            throw error("expected label selectors only", argument.range)
        }
        guard selector.name.isEmpty else {
            throw error("expected label selectors only, got vector selector instead", argument.range)
        }
    }

    private func checkCount(_ node: FunctionCall) throws(QueryError) {
        let function = node.function
        let count = node.arguments.count
        let most = function.argumentTypes.count
        let call = "in call to \"\(function.name)\", got \(count)"
        switch function.optionalArguments {
        case .none:
            if count != most { throw error("expected \(most) argument(s) \(call)", node.range) }
        case .some(let optional):
            let least = most - 1
            if count < least { throw error("expected at least \(least) argument(s) \(call)", node.range) }
            if let optional, count > least + optional {
                throw error("expected at most \(least + optional) argument(s) \(call)", node.range)
            }
        }
    }
}

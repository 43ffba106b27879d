extension Query {
    /// The names of metrics that the selectors of the query ask for by name, in the order of the text; each once.
    public var metricNames: [String] {
        var names: [String] = []
        Self.collect(root, into: &names)
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// Walks the tree, whose depth is bounded by the parser.
    private static func collect(_ expression: Expression, into names: inout [String]) {
        switch expression {
        case .number, .string: break
        case .vectorSelector(let node): collect(node, into: &names)
        case .matrixSelector(let node): collect(node.selector, into: &names)
        case .subquery(let node): collect(node.expression, into: &names)
        case .unary(let node): collect(node.operand, into: &names)
        case .parentheses(let node): collect(node.inner, into: &names)
        case .binary(let node):
            collect(node.left, into: &names)
            collect(node.right, into: &names)
        case .aggregation(let node):
            if let parameter = node.parameter { collect(parameter, into: &names) }
            collect(node.expression, into: &names)
        case .call(let node):
            for argument in node.arguments { collect(argument, into: &names) }
        }
    }

    private static func collect(_ selector: VectorSelector, into names: inout [String]) {
        names += selector.matchers.lazy
            .filter { $0.name == "__name__" && $0.operation == .equal && !$0.value.isEmpty }
            .map(\.value)
    }
}

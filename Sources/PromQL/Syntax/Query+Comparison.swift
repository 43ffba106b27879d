/// What the expression of an alert compares, and with what: enough to plot the one beside the other.
public struct Comparison: Sendable, Equatable {
    /// What a value is held against.
    public enum Limit: Sendable, Equatable {
        /// A number that does not change.
        case number(Double)
        /// Another expression.
        case expression(String)
    }

    /// The expression that is compared, as a query.
    public let compared: String
    /// How it is compared.
    public let operation: BinaryOperator
    /// With what.
    public let limit: Limit
}

extension Query {
    /// The first comparison that the result depends on; `nil` where there is none.
    ///
    /// `a > 5 and b` holds where `a > 5` does, so it is that which is shown; likewise for `unless`, `or`, and what
    /// only changes labels.
    ///
    /// - Parameter matchers: What the selectors are narrowed to, those that say nothing of the label themselves.
    public func comparison(narrowedTo matchers: [LabelMatcher] = []) -> Comparison? {
        guard let node = Self.comparison(in: root), node.left.type == .vector else { return nil }
        return Comparison(
            compared: ExpressionPrinter.line(Self.narrowed(node.left.unwrapped, to: matchers)),
            operation: node.operation,
            limit: Self.constant(node.right).map { .number($0) }
                ?? .expression(ExpressionPrinter.line(Self.narrowed(node.right.unwrapped, to: matchers)))
        )
    }

    /// The query with its selectors narrowed, those that say nothing of a label themselves.
    public func narrowed(to matchers: [LabelMatcher]) -> String {
        ExpressionPrinter.line(Self.narrowed(root, to: matchers))
    }

    /// Walks down the left sides; the depth of the tree is bounded by the parser.
    private static func comparison(in expression: Expression) -> BinaryExpression? {
        switch expression.unwrapped {
        case .binary(let node) where node.operation.isComparison && !node.returnsBool: node
        case .binary(let node) where node.operation.isSetOperator: comparison(in: node.left)
        case .call(let node) where node.function.name == "label_replace":
            node.arguments.first.flatMap { comparison(in: $0) }
        default: nil
        }
    }

    /// The number that an expression of numbers alone stands for.
    private static func constant(_ expression: Expression) -> Double? {
        switch expression.unwrapped {
        case .number(let node): return node.value
        case .unary(let node): return constant(node.operand).map { node.isNegative ? -$0 : $0 }
        case .binary(let node):
            guard let left = constant(node.left), let right = constant(node.right) else { return nil }
            switch node.operation {
            case .add: return left + right
            case .subtract: return left - right
            case .multiply: return left * right
            case .divide: return left / right
            default: return nil
            }
        default: return nil
        }
    }

    private static func narrowed(_ expression: Expression, to matchers: [LabelMatcher]) -> Expression {
        guard !matchers.isEmpty else { return expression }
        switch expression {
        case .number, .string: return expression
        case .vectorSelector(let node): return .vectorSelector(narrowed(node, to: matchers))
        case .matrixSelector(var node):
            node.selector = narrowed(node.selector, to: matchers)
            return .matrixSelector(node)
        case .subquery(var node):
            node.expression = narrowed(node.expression, to: matchers)
            return .subquery(node)
        case .call(var node):
            node.arguments = node.arguments.map { narrowed($0, to: matchers) }
            return .call(node)
        case .binary(var node):
            node.left = narrowed(node.left, to: matchers)
            // What only decides which series of the left side stay may be about others: `a and on (deployment) b`.
            if node.operation != .and, node.operation != .unless {
                node.right = narrowed(node.right, to: matchers)
            }
            return .binary(node)
        case .unary(var node):
            node.operand = narrowed(node.operand, to: matchers)
            return .unary(node)
        case .aggregation(var node):
            node.expression = narrowed(node.expression, to: matchers)
            return .aggregation(node)
        case .parentheses(var node):
            node.inner = narrowed(node.inner, to: matchers)
            return .parentheses(node)
        }
    }

    private static func narrowed(_ selector: VectorSelector, to matchers: [LabelMatcher]) -> VectorSelector {
        var selector = selector
        let named = Set(selector.matchers.map(\.name))
        selector.matchers += matchers.filter { !named.contains($0.name) }
        return selector
    }
}

/// Prints an expression with line breaks, as the `format_query` endpoint of Prometheus does.
///
/// Whatever fits into a line of a hundred characters stays on it.
enum PrettyPrinter {
    private static let lineLength = 100

    static func text(_ expression: Expression, level: Int) -> String {
        let line = ExpressionPrinter.line(expression)
        let indent = String(repeating: "  ", count: level)
        guard line.utf8.count > lineLength else { return indent + line }
        switch expression {
        case .number, .string, .vectorSelector, .matrixSelector:
            return indent + line
        case .subquery(let node):
            return text(node.expression, level: level) + ExpressionPrinter.suffix(of: node)
        case .call(let node):
            let arguments = node.arguments.map { text($0, level: level + 1) }.joined(separator: ",\n")
            return "\(indent)\(node.function.name)(\n\(arguments)\n\(indent))"
        case .binary(let node):
            let operation = ExpressionPrinter.operation(of: node).dropFirst().dropLast()
            let left = text(node.left, level: level + 1)
            return "\(left)\n\(indent)\(operation)\n\(text(node.right, level: level + 1))"
        case .unary(let node):
            let inner = text(node.operand, level: level).drop { $0 == " " }
            return "\(indent)\(node.isNegative ? "-" : "+")\(inner)"
        case .aggregation(let node):
            let parameter = node.parameter.map { text($0, level: level + 1) + ",\n" } ?? ""
            let body = text(node.expression, level: level + 1)
            return "\(indent)\(ExpressionPrinter.head(of: node))(\n\(parameter)\(body)\n\(indent))"
        case .parentheses(let node):
            return "\(indent)(\n\(text(node.inner, level: level + 1))\n\(indent))"
        }
    }
}

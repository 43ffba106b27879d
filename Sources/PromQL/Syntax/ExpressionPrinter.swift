import Metrics

/// Prints an expression on one line, as Prometheus does.
///
/// The depth of the tree is bounded by the parser.
enum ExpressionPrinter {
    static func line(_ expression: Expression) -> String {
        switch expression {
        case .number(let node): number(node)
        case .string(let node): Quoting.quoted(node.value)
        case .vectorSelector(let node): selector(node, range: "")
        case .matrixSelector(let node): selector(node.selector, range: "[\(duration(node))]")
        case .subquery(let node): line(node.expression) + suffix(of: node)
        case .call(let node):
            "\(node.function.name)(\(node.arguments.map { line($0) }.joined(separator: ", ")))"
        case .binary(let node): "\(line(node.left))\(operation(of: node))\(line(node.right))"
        case .unary(let node): (node.isNegative ? "-" : "+") + line(node.operand)
        case .aggregation(let node):
            "\(head(of: node))(\(node.parameter.map { line($0) + ", " } ?? "")\(line(node.expression)))"
        case .parentheses(let node): "(\(line(node.inner)))"
        }
    }

    static func number(_ node: NumberLiteral) -> String {
        node.isDuration ? DurationText.text(seconds: node.value) : NumberText.decimal(node.value)
    }

    /// `sum by (job) `, to be followed by a parenthesis.
    static func head(of node: Aggregation) -> String {
        let labels = names(node.grouping)
        if node.isWithout { return "\(node.operation.rawValue) without (\(labels)) " }
        return node.grouping.isEmpty ? node.operation.rawValue : "\(node.operation.rawValue) by (\(labels)) "
    }

    /// ` + on (job) `, with the spaces around it.
    static func operation(of node: BinaryExpression) -> String {
        var result = " \(node.operation.rawValue)"
        if node.returnsBool { result += " bool" }
        if let matching = node.matching, matching.isOn || !matching.labels.isEmpty {
            result += " \(matching.isOn ? "on" : "ignoring") (\(names(matching.labels)))"
            switch matching.cardinality {
            case .manyToOne: result += " group_left (\(names(matching.include)))"
            case .oneToMany: result += " group_right (\(names(matching.include)))"
            case .oneToOne, .manyToMany: break
            }
        }
        return result + " "
    }

    /// `[5m:1m] @ 3.000 offset 1m`.
    static func suffix(of node: Subquery) -> String {
        let length = node.rangeExpression?.description ?? DurationText.text(milliseconds: node.rangeMilliseconds)
        let step =
            node.stepExpression?.description ?? node.stepMilliseconds.map { DurationText.text(milliseconds: $0) } ?? ""
        return "[\(length):\(step)]\(modifiers(node.time))"
    }

    private static func duration(_ node: MatrixSelector) -> String {
        node.rangeExpression?.description ?? DurationText.text(milliseconds: node.rangeMilliseconds)
    }

    private static func names(_ labels: [String]) -> String {
        labels.map { Quoting.isPlainLabelName($0) ? $0 : Quoting.quoted($0) }.joined(separator: ", ")
    }

    private static func selector(_ node: VectorSelector, range: String) -> String {
        let matchers = node.matchers.filter {
            node.name.isEmpty || $0.name != Labels.metricNameLabel || $0.operation != .equal
        }
        let braces = matchers.isEmpty ? "" : "{\(matchers.map(\.description).joined(separator: ","))}"
        return "\(node.name)\(braces)\(range)\(modifiers(node.time))"
    }

    private static func modifiers(_ time: TimeModifier) -> String {
        var result = ""
        switch time.anchor {
        case .timestamp(let milliseconds): result += " @ \(seconds(milliseconds))"
        case .start: result += " @ start()"
        case .end: result += " @ end()"
        case nil: break
        }
        if let expression = time.offsetExpression {
            result += " offset \(expression)"
        } else if time.offsetMilliseconds != 0 {
            result += " offset \(DurationText.text(milliseconds: time.offsetMilliseconds))"
        }
        return result
    }

    /// Seconds with three decimals.
    private static func seconds(_ milliseconds: Int64) -> String {
        let magnitude = milliseconds.magnitude
        let fraction = String(magnitude % 1000)
        let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
        return "\(milliseconds < 0 ? "-" : "")\(magnitude / 1000).\(zeros)\(fraction)"
    }
}

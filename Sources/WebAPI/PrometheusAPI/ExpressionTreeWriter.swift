import JSON
import Metrics
import PromQL

/// Writes an expression as the tree that Prometheus gives (`web/api/v1/translate_ast.go`), keys in alphabetical order.
///
/// The depth of the tree is bounded by the parser.
enum ExpressionTreeWriter {
    static func write(_ expression: Expression, to writer: inout JSONWriter) {
        writer.object { writer in
            switch expression {
            case .number(let node):
                write("numberLiteral", value: NumberFormat.decimalText(node.value), to: &writer)
            case .string(let node):
                write("stringLiteral", value: node.value, to: &writer)
            case .vectorSelector(let node):
                write(node, range: nil, to: &writer)
            case .matrixSelector(let node):
                write(node.selector, range: node.rangeMilliseconds, to: &writer)
            case .subquery(let node):
                write(node, to: &writer)
            case .call(let node):
                write(node, to: &writer)
            case .binary(let node):
                write(node, to: &writer)
            case .aggregation(let node):
                write(node, to: &writer)
            case .unary(let node):
                writer.key("expr")
                write(node.operand, to: &writer)
                writer.member("op", node.isNegative ? "-" : "+")
                writer.member("type", "unaryExpr")
            case .parentheses(let node):
                writer.key("expr")
                write(node.inner, to: &writer)
                writer.member("type", "parenExpr")
            }
        }
    }

    private static func write(_ type: String, value: String, to writer: inout JSONWriter) {
        writer.member("type", type)
        writer.member("val", value)
    }

    private static func write(_ node: VectorSelector, range: Int64?, to writer: inout JSONWriter) {
        writer.key("matchers")
        writer.array(of: node.matchers) { writer, matcher in
            writer.object { writer in
                writer.member("name", matcher.name)
                writer.member("type", matcher.operation.rawValue)
                writer.member("value", matcher.value)
            }
        }
        writer.member("name", node.name)
        writer.member("offset", node.time.offsetMilliseconds)
        if let range { writer.member("range", range) }
        writeEnd(of: node.time.anchor, to: &writer)
        writeTimestamp(of: node.time.anchor, to: &writer)
        writer.member("type", range == nil ? "vectorSelector" : "matrixSelector")
    }

    private static func write(_ node: Subquery, to writer: inout JSONWriter) {
        writer.key("expr")
        write(node.expression, to: &writer)
        writer.member("offset", node.time.offsetMilliseconds)
        writer.member("range", node.rangeMilliseconds)
        writeEnd(of: node.time.anchor, to: &writer)
        writer.member("step", node.stepMilliseconds ?? 0)
        writeTimestamp(of: node.time.anchor, to: &writer)
        writer.member("type", "subquery")
    }

    private static func writeEnd(of anchor: TimeModifier.Anchor?, to writer: inout JSONWriter) {
        writer.key("startOrEnd")
        switch anchor {
        case .start: writer.string("start")
        case .end: writer.string("end")
        case .timestamp, nil: writer.null()
        }
    }

    private static func writeTimestamp(of anchor: TimeModifier.Anchor?, to writer: inout JSONWriter) {
        writer.key("timestamp")
        if case .timestamp(let milliseconds) = anchor {
            writer.number(milliseconds)
        } else {
            writer.null()
        }
    }

    private static func write(_ node: FunctionCall, to writer: inout JSONWriter) {
        writer.key("args")
        writer.array(of: node.arguments) { write($1, to: &$0) }
        writer.key("func")
        writer.object { writer in
            writer.key("argTypes")
            writer.array(of: node.function.argumentTypes) { $0.string($1.rawValue) }
            writer.member("name", node.function.name)
            writer.member("returnType", node.function.returnType.rawValue)
            writer.member("variadic", node.function.variadic)
        }
        writer.member("type", "call")
    }

    private static func write(_ node: BinaryExpression, to writer: inout JSONWriter) {
        writer.key("bool")
        writer.bool(node.returnsBool)
        writer.key("lhs")
        write(node.left, to: &writer)
        writer.key("matching")
        if let matching = node.matching {
            writer.object { writer in
                writer.member("card", matching.cardinality.rawValue)
                writer.key("include")
                writer.array(of: matching.include) { $0.string($1) }
                writer.key("labels")
                writer.array(of: matching.labels) { $0.string($1) }
                writer.key("on")
                writer.bool(matching.isOn)
            }
        } else {
            writer.null()
        }
        writer.member("op", node.operation.rawValue)
        writer.key("rhs")
        write(node.right, to: &writer)
        writer.member("type", "binaryExpr")
    }

    private static func write(_ node: Aggregation, to writer: inout JSONWriter) {
        writer.key("expr")
        write(node.expression, to: &writer)
        writer.key("grouping")
        writer.array(of: node.grouping) { $0.string($1) }
        writer.member("op", node.operation.rawValue)
        writer.key("param")
        if let parameter = node.parameter {
            write(parameter, to: &writer)
        } else {
            writer.null()
        }
        writer.member("type", "aggregation")
        writer.key("without")
        writer.bool(node.isWithout)
    }
}

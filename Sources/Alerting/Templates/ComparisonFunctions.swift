extension TemplateFunction {
    /// `eq ne lt le gt ge`, for values of one kind: Go compares no number with a text and no `int` with a `float64`.
    static let comparisons: [TemplateFunction] = [
        TemplateFunction("eq", [.any, .any], isVariadic: true) { (arguments, _) throws(FunctionFailure) in
            guard arguments.count > 1 else { throw FunctionFailure("missing argument for comparison") }
            for other in arguments.dropFirst() where try isEqual(arguments[0], other) { return .bool(true) }
            return .bool(false)
        },
        TemplateFunction("ne", [.any, .any]) { (arguments, _) throws(FunctionFailure) in
            .bool(try !isEqual(arguments[0], arguments[1]))
        },
        TemplateFunction("lt", [.any, .any]) { (arguments, _) throws(FunctionFailure) in
            .bool(try isLess(arguments[0], arguments[1]))
        },
        TemplateFunction("le", [.any, .any]) { (arguments, _) throws(FunctionFailure) in
            .bool(try isLessOrEqual(arguments[0], arguments[1]))
        },
        TemplateFunction("gt", [.any, .any]) { (arguments, _) throws(FunctionFailure) in
            // As in Go, the opposite of `le`, so that nothing is greater than itself but NaN is greater than all.
            .bool(try !isLessOrEqual(arguments[0], arguments[1]))
        },
        TemplateFunction("ge", [.any, .any]) { (arguments, _) throws(FunctionFailure) in
            .bool(try !isLess(arguments[0], arguments[1]))
        },
    ]

    private static func isEqual(_ left: TemplateValue, _ right: TemplateValue) throws(FunctionFailure) -> Bool {
        switch (left, right) {
        case (.bool(let l), .bool(let r)): return l == r
        case (.integer(let l), .integer(let r)): return l == r
        case (.float(let l), .float(let r)): return l == r
        case (.string(let l), .string(let r)): return l.utf8.elementsEqual(r.utf8)
        case (.duration(let l), .duration(let r)): return l == r
        case (.none, .none): return true
        case (.none, _), (_, .none): return false
        case (.labels, _), (.map, _), (.vector, _), (_, .labels), (_, .map), (_, .vector):
            throw FunctionFailure("non-comparable type \(goCollection(left) ?? goCollection(right) ?? "")")
        default: throw FunctionFailure("incompatible types for comparison")
        }
    }

    private static func goCollection(_ value: TemplateValue) -> String? {
        switch value {
        case .labels, .map, .vector: "\(value.formatted): \(value.typeName)"
        default: nil
        }
    }

    private static func isLessOrEqual(_ left: TemplateValue, _ right: TemplateValue) throws(FunctionFailure) -> Bool {
        if try isLess(left, right) { return true }
        return try isEqual(left, right)
    }

    private static func isLess(_ left: TemplateValue, _ right: TemplateValue) throws(FunctionFailure) -> Bool {
        switch (left, right) {
        case (.integer(let l), .integer(let r)): return l < r
        case (.float(let l), .float(let r)): return l < r
        case (.string(let l), .string(let r)): return l.utf8.lexicographicallyPrecedes(r.utf8)
        case (.duration(let l), .duration(let r)): return l < r
        case (.bool, .bool): throw FunctionFailure("invalid type for comparison")
        case (.bool, _), (.integer, _), (.float, _), (.string, _):
            switch right {
            case .bool, .integer, .float, .string: throw FunctionFailure("incompatible types for comparison")
            default: throw FunctionFailure("invalid type for comparison")
            }
        default: throw FunctionFailure("invalid type for comparison")
        }
    }
}

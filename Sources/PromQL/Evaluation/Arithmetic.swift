import Glibc

extension BinaryOperator {
    /// The value of an arithmetic operator; comparisons give their left side.
    @inline(__always)
    func apply(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: fmod(left, right)
        case .power: pow(left, right)
        case .arcTangent: Glibc.atan2(left, right)
        default: left
        }
    }

    /// Whether a comparison holds; arithmetic always does.
    @inline(__always)
    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: true
        }
    }

    /// Between scalars a comparison gives 0 or 1.
    func applyToScalars(_ left: Double, _ right: Double) -> Double {
        isComparison ? (holds(left, right) ? 1 : 0) : apply(left, right)
    }

    /// Whether the result is another quantity than the operands, and so loses the name.
    var dropsName: Bool { !isComparison && !isSetOperator }
}

extension Evaluator {
    func streamBinary(_ node: BinaryExpression, _ body: SeriesBody) throws(QueryError) {
        if node.matching != nil {
            if node.operation.isSetOperator {
                try streamSetOperation(node, body)
            } else {
                try streamMatched(node, body)
            }
        } else if node.right.type == .scalar {
            try streamWithScalar(node, vector: node.left, scalar: node.right, isSwapped: false, body)
        } else {
            try streamWithScalar(node, vector: node.right, scalar: node.left, isSwapped: true, body)
        }
    }

    private func streamWithScalar(
        _ node: BinaryExpression,
        vector: Expression,
        scalar: Expression,
        isSwapped: Bool,
        _ body: SeriesBody
    ) throws(QueryError) {
        let operation = node.operation
        let returnsBool = node.returnsBool
        let scalars = try self.scalar(scalar)
        let change = { (values: UnsafeMutableBufferPointer<Double>) in
            for step in values.indices where !values[step].isAbsent {
                let left = isSwapped ? scalars[step] : values[step]
                let right = isSwapped ? values[step] : scalars[step]
                if !operation.isComparison {
                    values[step] = operation.apply(left, right)
                } else if returnsBool {
                    values[step] = operation.holds(left, right) ? 1 : 0
                } else if !operation.holds(left, right) {
                    values[step] = .absent
                }
            }
        }
        if operation.dropsName || returnsBool {
            try streamWithoutName(vector, body, change)
        } else {
            try stream(vector) { labels, values throws(QueryError) in
                change(values)
                if values.hasValue { try body(labels, values) }
            }
        }
    }
}

import Metrics

/// Whether an expression has the same value at every step of a query, so that one evaluation is enough.
enum StepInvariance {
    static func holds(_ expression: Expression) -> Bool {
        switch expression {
        case .number, .string: true
        case .vectorSelector(let node): node.time.anchor != nil
        case .matrixSelector(let node): node.selector.time.anchor != nil
        case .subquery(let node): node.time.anchor != nil
        case .binary(let node): holds(node.left) && holds(node.right)
        case .unary(let node): holds(node.operand)
        case .parentheses(let node): holds(node.inner)
        case .aggregation(let node): holds(node.expression) && (node.parameter.map { holds($0) } ?? true)
        case .call(let node): isSafe(node) && node.arguments.allSatisfy { holds($0) }
        }
    }

    /// Functions that look at the time of the step.
    private static func isSafe(_ node: FunctionCall) -> Bool {
        switch node.function.kind {
        case .special(.time), .range(.prediction), .special(.info): false
        case .date: !node.arguments.isEmpty
        default: true
        }
    }
}

/// Whether no two series of an expression differ in their metric name only, so that dropping it is harmless.
enum NameUniformity {
    static func holds(_ expression: Expression) -> Bool {
        switch expression {
        case .vectorSelector(let node): holds(node)
        case .matrixSelector(let node): holds(node.selector)
        case .subquery(let node): holds(node.expression)
        case .parentheses(let node): holds(node.inner)
        case .unary(let node): holds(node.operand)
        case .aggregation(let node):
            if isSelecting(node.operation) {
                holds(node.expression)
            } else {
                node.isWithout || !node.grouping.contains(Labels.metricNameLabel)
            }
        case .binary(let node): holds(node)
        case .call(let node): holds(node)
        case .number, .string: true
        }
    }

    private static func holds(_ node: VectorSelector) -> Bool {
        node.matchers.contains { $0.name == Labels.metricNameLabel && $0.operation == .equal }
    }

    private static func holds(_ node: BinaryExpression) -> Bool {
        if node.operation.dropsName || node.returnsBool {
            return !(node.matching?.include.contains(Labels.metricNameLabel) ?? false)
        }
        if node.matching != nil {
            return node.operation.isSetOperator && node.operation != .or && holds(node.left)
        }
        return holds(node.right.type == .scalar ? node.left : node.right)
    }

    private static func holds(_ node: FunctionCall) -> Bool {
        switch node.function.kind {
        case .range(let function): !function.keepsName || node.arguments.allSatisfy { holds($0) }
        case .element, .date: true
        case .special(let function):
            switch function {
            case .labelJoin, .labelReplace, .info: false
            case .sort, .sortByLabel: node.arguments.first.map { holds($0) } ?? true
            default: true
            }
        }
    }

    private static func isSelecting(_ operation: AggregationOperator) -> Bool {
        switch operation {
        case .topk, .bottomk, .limitk, .limitRatio: true
        default: false
        }
    }
}

/// Drops the name of series after series and sees that no two are the same then.
struct NameDropper {
    /// Whether no two series differ in their name only.
    let isUniform: Bool
    private var seen: Set<Labels> = []

    init(isUniform: Bool) {
        self.isUniform = isUniform
    }

    mutating func drop(_ labels: Labels) throws(QueryError) -> Labels {
        let result = labels.withoutMetadata
        // Type and unit go with the name, and series of one name may differ in them.
        if !isUniform || labels.hasTypeOrUnit, !seen.insert(result).inserted {
            throw MergingBlock.sameLabels
        }
        return result
    }
}

extension Labels {
    /// The labels that say what a metric is rather than which: an operation makes another metric and drops them.
    private static let metadata = [metricNameLabel, "__type__", "__unit__"]

    /// The labels without name, type and unit.
    var withoutMetadata: Labels {
        hasTypeOrUnit ? dropping(Self.metadata) : withoutMetricName
    }

    var hasTypeOrUnit: Bool {
        let type: StaticString = "__type__"
        let unit: StaticString = "__unit__"
        return has(type) || has(unit)
    }

    private func has(_ name: StaticString) -> Bool {
        let bytes = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return withValueBytes(of: bytes) { _ in }
    }
}

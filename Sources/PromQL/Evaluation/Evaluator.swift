import Metrics

/// Takes one series of a result: its labels and one value a step, which it may change.
///
/// The values are valid during the call only.
typealias SeriesBody = (Labels, UnsafeMutableBufferPointer<Double>) throws(QueryError) -> Void

/// A `SeriesBody` in an object.
private final class SeriesSink {
    let body: SeriesBody

    init(_ body: @escaping SeriesBody) {
        self.body = body
    }
}

/// Evaluates a tree over the steps of a grid, series by series.
///
/// Vectors are pushed: each node hands one series after the other to whoever asked, so that an aggregation over a
/// selector never has all series in memory. The recursion follows the tree, whose depth the parser bounds.
struct Evaluator {
    let context: QueryContext
    let grid: TimeGrid

    // MARK: Vectors

    /// Hands each series of an instant vector to `body`.
    func stream(_ expression: Expression, _ body: SeriesBody) throws(QueryError) {
        try withoutActuallyEscaping(body) { escapable throws(QueryError) in
            try stream(expression, into: SeriesSink(escapable))
        }
    }

    /// The closure goes through an object, as otherwise the optimiser makes a copy of the whole evaluator for each
    /// closure passed to `stream`, and of these copies for each closure within, until the memory is full.
    @inline(never)
    private func stream(_ expression: Expression, into sink: SeriesSink) throws(QueryError) {
        let body = sink.body
        try context.checkpoint()
        if grid.count > 1, StepInvariance.holds(expression) {
            try streamRepeated(expression, body)
            return
        }
        switch expression {
        case .parentheses(let node): try stream(node.inner, body)
        case .vectorSelector(let node): try streamSelector(node, output: .value, body)
        case .unary(let node): try streamUnary(node, body)
        case .binary(let node): try streamBinary(node, body)
        case .aggregation(let node): try streamAggregation(node, body)
        case .call(let node): try streamCall(node, body)
        case .number, .string, .matrixSelector, .subquery:
            throw .execution("unexpected \(expression.type.longName) where an instant vector is wanted")
        }
    }

    /// Evaluates what is the same at every step once.
    private func streamRepeated(_ expression: Expression, _ body: SeriesBody) throws(QueryError) {
        let once = Evaluator(context: context, grid: .single(context.start))
        let outer = context.counter?.beginRepeated()
        defer { if let outer { context.counter?.endRepeated(outer) } }
        try withScratch { buffer throws(QueryError) in
            try once.stream(expression) { labels, values throws(QueryError) in
                buffer.update(repeating: values[0])
                try body(labels, buffer)
            }
        }
    }

    private func streamUnary(_ node: UnaryExpression, _ body: SeriesBody) throws(QueryError) {
        guard node.isNegative else {
            try stream(node.operand, body)
            return
        }
        try streamWithoutName(node.operand, body) { values in
            values.mapPresent { -$0 }
        }
    }

    /// Changes the values of each series, drops its name, and sees that no two series then are the same.
    func streamWithoutName(
        _ expression: Expression,
        _ body: SeriesBody,
        _ change: (UnsafeMutableBufferPointer<Double>) -> Void
    ) throws(QueryError) {
        if NameUniformity.holds(expression) {
            var dropper = NameDropper(isUniform: true)
            try stream(expression) { labels, values throws(QueryError) in
                change(values)
                try body(try dropper.drop(labels), values)
            }
            return
        }
        try streamMerged(body) { merged throws(QueryError) in
            try stream(expression) { labels, values throws(QueryError) in
                change(values)
                try merged.merge(labels.withoutMetadata, values)
            }
        }
    }

    /// Collects rows, those with the same labels as one, and hands them on.
    func streamMerged(
        _ body: SeriesBody,
        _ fill: (inout MergingBlock) throws(QueryError) -> Void
    ) throws(QueryError) {
        var merged = MergingBlock(context: context, width: grid.count)
        try fill(&merged)
        try merged.drain(body)
    }

    /// Hands the whole vector to `body` as one block.
    func withBlock<Result>(
        _ expression: Expression,
        _ body: (inout SeriesBlock) throws(QueryError) -> Result
    ) throws(QueryError) -> Result {
        var block = SeriesBlock(width: grid.count)
        try stream(expression) { labels, values throws(QueryError) in
            try context.hold(grid.count)
            block.append(labels, values)
        }
        let result = try body(&block)
        context.letGo(block.count * grid.count)
        return result
    }

    /// One row of values to work in.
    func withScratch(
        _ body: (UnsafeMutableBufferPointer<Double>) throws(QueryError) -> Void
    ) throws(QueryError) {
        try context.hold(grid.count)
        let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: grid.count)
        buffer.initialize(repeating: .absent)
        defer {
            buffer.deallocate()
            context.letGo(grid.count)
        }
        try body(buffer)
    }

    // MARK: Scalars and strings

    /// One value a step.
    func scalar(_ expression: Expression) throws(QueryError) -> [Double] {
        try context.checkpoint()
        switch expression {
        case .number(let node):
            return [Double](repeating: node.value, count: grid.count)
        case .parentheses(let node):
            return try scalar(node.inner)
        case .unary(let node):
            let values = try scalar(node.operand)
            return node.isNegative ? values.map { -$0 } : values
        case .binary(let node):
            let left = try scalar(node.left)
            try context.hold(grid.count)
            let right = try scalar(node.right)
            context.letGo(grid.count)
            return left.indices.map { node.operation.applyToScalars(left[$0], right[$0]) }
        case .call(let node):
            return try scalarCall(node)
        default:
            throw .execution("unexpected \(expression.type.longName) where a scalar is wanted")
        }
    }

    private func scalarCall(_ node: FunctionCall) throws(QueryError) -> [Double] {
        switch node.function.kind {
        case .special(.pi): return [Double](repeating: .pi, count: grid.count)
        case .special(.time): return (0..<grid.count).map { Double(grid.time($0)) / 1000 }
        default:
            // `scalar()`: the value where there is exactly one series, else NaN.
            var values = [Double](repeating: .absent, count: grid.count)
            var counts = [Int](repeating: 0, count: grid.count)
            try stream(node.arguments[0]) { _, row throws(QueryError) in
                for (step, value) in row.enumerated() where !value.isAbsent {
                    values[step] = value
                    counts[step] += 1
                }
            }
            return values.indices.map { counts[$0] == 1 ? values[$0] : .nan }
        }
    }

    /// The value of a string literal.
    func string(_ expression: Expression) -> String {
        guard case .string(let node) = expression.unwrapped else { return "" }
        return node.value
    }
}

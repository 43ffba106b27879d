import Metrics

extension Evaluator {
    func streamCall(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        switch node.function.kind {
        case .range(let function): try streamRange(function, node, body)
        case .element(let function): try streamElement(function, node, body)
        case .date(let part): try streamDate(part, node, body)
        case .special(let function): try streamSpecial(function, node, body)
        }
    }

    private func streamElement(
        _ function: ElementFunction,
        _ node: FunctionCall,
        _ body: SeriesBody
    ) throws(QueryError) {
        var parameters: [[Double]] = []
        for argument in node.arguments.dropFirst() {
            parameters.append(try scalar(argument))
        }
        try streamWithoutName(
            node.arguments[0],
            { labels, values throws(QueryError) in
                if values.hasValue { try body(labels, values) }
            }
        ) { values in
            function.apply(to: values, parameters)
        }
    }

    private func streamDate(_ part: DatePart, _ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        guard let argument = node.arguments.first else {
            try withScratch { buffer throws(QueryError) in
                for step in buffer.indices { buffer[step] = part.value(Double(grid.time(step)) / 1000) }
                try body(Labels(), buffer)
            }
            return
        }
        try streamWithoutName(argument, body) { values in
            values.mapPresent { part.value($0) }
        }
    }

    private func streamSpecial(
        _ function: SpecialFunction,
        _ node: FunctionCall,
        _ body: SeriesBody
    ) throws(QueryError) {
        switch function {
        case .absent: try streamAbsent(node, body)
        case .absentOverTime: try streamAbsentOverTime(node, body)
        case .info: try streamInfo(node, body)
        case .labelJoin: try streamLabelJoin(node, body)
        case .labelReplace: try streamLabelReplace(node, body)
        case .vector: try streamVector(node, body)
        case .timestamp: try streamTimestamp(node, body)
        case .histogramQuantile: try streamHistogramQuantile(node, body)
        case .histogramFraction: try streamHistogramFraction(node, body)
        case .sort(let descending): try streamSorted(node, descending: descending, body)
        case .sortByLabel(let descending): try streamSortedByLabel(node, descending: descending, body)
        case .nativeHistogram:
            // No float has an answer; the argument is evaluated for its errors.
            try stream(node.arguments[0]) { _, _ in }
        case .pi, .scalar, .time:
            throw .execution("unexpected scalar where an instant vector is wanted")
        }
    }

    private func streamVector(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        var values = try scalar(node.arguments[0])
        try context.hold(grid.count)
        var failure: QueryError?
        values.withUnsafeMutableBufferPointer { buffer in
            do throws(QueryError) {
                try body(Labels(), buffer)
            } catch {
                failure = error
            }
        }
        context.letGo(grid.count)
        if let failure { throw failure }
    }

    private func streamTimestamp(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        // Of a selector it is the time of the sample, of anything else that of the step.
        if case .vectorSelector(let selector) = node.arguments[0].unwrapped {
            var dropper = NameDropper(isUniform: NameUniformity.holds(node.arguments[0]))
            try streamSelector(selector, output: .timestamp) { labels, values throws(QueryError) in
                try body(try dropper.drop(labels), values)
            }
            return
        }
        try streamWithoutName(node.arguments[0], body) { values in
            for step in values.indices where !values[step].isAbsent {
                values[step] = Double(grid.time(step)) / 1000
            }
        }
    }

    // MARK: Absence

    private func streamAbsent(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let argument = node.arguments[0]
        try withScratch { buffer throws(QueryError) in
            buffer.update(repeating: 1)
            try stream(argument) { _, values throws(QueryError) in
                for step in values.indices where !values[step].isAbsent { buffer[step] = .absent }
            }
            if buffer.hasValue { try body(Self.labelsOfAbsence(argument), buffer) }
        }
    }

    private func streamAbsentOverTime(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let argument = node.arguments[0]
        let range = try rangeGeometry(argument)
        try withScratch { buffer throws(QueryError) in
            buffer.update(repeating: 1)
            try forEachRangeSeries(argument, range) { _, timestamps, _ throws(QueryError) in
                var next = 0
                for step in buffer.indices {
                    let end = range.times[step]
                    while next < timestamps.count, timestamps[next] <= end { next += 1 }
                    if next > 0, timestamps[next - 1] > end - range.length { buffer[step] = .absent }
                }
            }
            if buffer.hasValue { try body(Self.labelsOfAbsence(argument), buffer) }
        }
    }

    /// What the selector says for certain of the series that is not there: labels with exactly one `=` matcher.
    private static func labelsOfAbsence(_ expression: Expression) -> Labels {
        let matchers: [LabelMatcher]
        switch expression {
        case .vectorSelector(let node): matchers = node.matchers
        case .matrixSelector(let node): matchers = node.selector.matchers
        default: return Labels()
        }
        var builder = LabelsBuilder()
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != Labels.metricNameLabel {
            if matcher.operation == .equal, seen.insert(matcher.name).inserted {
                builder.set(matcher.name, matcher.value)
            } else {
                builder.remove(matcher.name)
            }
        }
        return builder.labels()
    }

    // MARK: Order

    /// Orders the series of an instant query; over many steps there is no order.
    private func streamSorted(_ node: FunctionCall, descending: Bool, _ body: SeriesBody) throws(QueryError) {
        guard grid.count == 1 else {
            try stream(node.arguments[0], body)
            return
        }
        try withBlock(node.arguments[0]) { block throws(QueryError) in
            let order = (0..<block.count).sorted {
                Self.isBefore(block[$0, 0], block[$1, 0], isTop: descending)
            }
            try emit(order, of: &block, body)
        }
    }

    private func streamSortedByLabel(_ node: FunctionCall, descending: Bool, _ body: SeriesBody) throws(QueryError) {
        guard grid.count == 1 else {
            try stream(node.arguments[0], body)
            return
        }
        let names = node.arguments.dropFirst().map { string($0) }
        try withBlock(node.arguments[0]) { block throws(QueryError) in
            let keys = block.labels.map { labels in names.map { labels[$0] ?? "" } }
            let order = (0..<block.count).sorted { left, right in
                for (leftKey, rightKey) in zip(keys[left], keys[right]) where leftKey != rightKey {
                    return NaturalOrder.precedes(leftKey, rightKey) != descending
                }
                return (block.labels[left] < block.labels[right]) != descending
            }
            try emit(order, of: &block, body)
        }
    }
}

/// The order of people: runs of digits compare as numbers, so that `node2` comes before `node10`.
enum NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var leftIndex = 0
        var rightIndex = 0
        while leftIndex < left.count, rightIndex < right.count {
            let leftRun = run(left, leftIndex)
            let rightRun = run(right, rightIndex)
            if left[leftIndex].isDigit, right[rightIndex].isDigit {
                let leftNumber = leftRun.drop { $0 == UInt8(ascii: "0") }
                let rightNumber = rightRun.drop { $0 == UInt8(ascii: "0") }
                if leftNumber.count != rightNumber.count { return leftNumber.count < rightNumber.count }
                if !leftNumber.elementsEqual(rightNumber) { return leftNumber.lexicographicallyPrecedes(rightNumber) }
                if leftRun.count != rightRun.count { return leftRun.count < rightRun.count }
            } else if !leftRun.elementsEqual(rightRun) {
                return leftRun.lexicographicallyPrecedes(rightRun)
            }
            leftIndex = leftRun.endIndex
            rightIndex = rightRun.endIndex
        }
        return left.count - leftIndex < right.count - rightIndex
    }

    /// The digits, or the bytes that are none, from an index on.
    private static func run(_ bytes: [UInt8], _ start: Int) -> ArraySlice<UInt8> {
        let isDigits = bytes[start].isDigit
        return bytes[start...].prefix { $0.isDigit == isDigits }
    }
}

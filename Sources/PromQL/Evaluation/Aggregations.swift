import Metrics

/// The labels that name a group.
struct GroupingKey {
    private let names: [String]
    private let isWithout: Bool

    init(_ node: Aggregation) {
        isWithout = node.isWithout
        names =
            node.isWithout
            ? node.grouping + [Labels.metricNameLabel]
            : node.grouping.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    init(by names: [String]) {
        isWithout = false
        self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func of(_ labels: Labels) -> Labels {
        if isWithout { return labels.dropping(names) }
        return names.isEmpty ? Labels() : labels.keeping(sortedNames: names)
    }
}

extension Evaluator {
    func streamAggregation(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        switch node.operation {
        case .sum, .avg, .count, .min, .max, .group, .stddev, .stdvar:
            try streamAccumulated(node, body)
        case .topk, .bottomk:
            try streamExtremes(node, body)
        case .quantile:
            try streamQuantile(node, body)
        case .countValues:
            try streamValueCounts(node, body)
        case .limitk:
            try streamLimited(node, body)
        case .limitRatio:
            try streamSampled(node, body)
        }
    }

    /// Series go into their group's accumulator as they come and are not kept.
    private func streamAccumulated(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        let key = GroupingKey(node)
        var groups: [Labels: Int] = [:]
        var names: [Labels] = []
        var accumulator = GroupAccumulator(operation: node.operation, width: grid.count)
        try stream(node.expression) { labels, values throws(QueryError) in
            let groupLabels = key.of(labels)
            let group: Int
            if let known = groups[groupLabels] {
                group = known
            } else {
                group = names.count
                groups[groupLabels] = group
                names.append(groupLabels)
                try context.hold(grid.count)
                accumulator.addGroup()
            }
            accumulator.add(values, to: group)
        }
        try withScratch { buffer throws(QueryError) in
            for group in names.indices {
                accumulator.finish(group, into: buffer)
                if buffer.hasValue { try body(names[group], buffer) }
            }
        }
        context.letGo(names.count * grid.count)
    }

    // MARK: Groups of whole series

    /// The rows of each group, in the order of the groups' first rows.
    private func groups(of block: SeriesBlock, _ key: GroupingKey) -> [(labels: Labels, rows: [Int])] {
        var index: [Labels: Int] = [:]
        var result: [(labels: Labels, rows: [Int])] = []
        for row in 0..<block.count {
            let labels = key.of(block.labels[row])
            if let group = index[labels] {
                result[group].rows.append(row)
            } else {
                index[labels] = result.count
                result.append((labels, [row]))
            }
        }
        return result
    }

    private func streamQuantile(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        guard let parameter = node.parameter else { return }
        let quantiles = try scalar(parameter)
        warnAboutQuantiles(quantiles, at: parameter.range)
        try withBlock(node.expression) { block throws(QueryError) in
            var scratch: [Double] = []
            try withScratch { buffer throws(QueryError) in
                for group in groups(of: block, GroupingKey(node)) {
                    try context.checkpoint()
                    for step in buffer.indices {
                        scratch.removeAll(keepingCapacity: true)
                        for row in group.rows where !block[row, step].isAbsent { scratch.append(block[row, step]) }
                        buffer[step] = scratch.isEmpty ? .absent : Quantile.of(&scratch, quantiles[step])
                    }
                    if buffer.hasValue { try body(group.labels, buffer) }
                }
            }
        }
    }

    private func streamValueCounts(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        guard case .string(let label)? = node.parameter?.unwrapped else { return }
        guard label.isText, !label.value.isEmpty else {
            throw .execution("invalid label name \(Quoting.quoted(label.value))")
        }
        var grouped = node
        if !node.isWithout { grouped.grouping.append(label.value) }
        let key = GroupingKey(grouped)
        try streamMerged(body) { merged throws(QueryError) in
            try stream(node.expression) { labels, values throws(QueryError) in
                var names: [UInt64: Int] = [:]
                for step in values.indices where !values[step].isAbsent {
                    let value = values[step]
                    let row: Int
                    if let known = names[value.bitPattern] {
                        row = known
                    } else {
                        let full = labels.setting(label.value, NumberText.decimal(value))
                        let groupLabels = key.of(full)
                        row = try merged.row(groupLabels)
                        names[value.bitPattern] = row
                    }
                    let count = merged[row, step]
                    merged[row, step] = count.isAbsent ? 1 : count + 1
                }
            }
        }
    }

    // MARK: A choice of series

    /// The whole numbers of `topk` and its like, one a step; `nil` where all are below one.
    private func limits(_ parameter: Expression, _ count: Int) throws(QueryError) -> [Int]? {
        let values = try scalar(parameter)
        if !values.contains(where: { $0 >= 1 || $0.isNaN }) { return nil }
        if values.contains(where: { $0.isNaN }) { throw .execution("Parameter value is NaN") }
        for value in values {
            if value <= -0x1p63 {
                throw .execution("Scalar value \(NumberText.general(value)) underflows int64")
            }
            if value >= 0x1p63 {
                throw .execution("Scalar value \(NumberText.general(value)) overflows int64")
            }
        }
        return values.map { max(0, Int(min($0, Double(count)))) }
    }

    private func streamExtremes(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        guard let parameter = node.parameter else { return }
        let isTop = node.operation == .topk
        try withBlock(node.expression) { block throws(QueryError) in
            guard let limits = try limits(parameter, block.count) else { return }
            var order: [Int] = []
            for group in groups(of: block, GroupingKey(node)) {
                var kept: Set<Int> = []
                for step in 0..<grid.count {
                    try context.checkpoint()
                    var heap = ExtremesHeap(capacity: limits[step], isTop: isTop)
                    for row in group.rows where !block[row, step].isAbsent {
                        heap.add(block[row, step], row)
                        block[row, step] = .absent
                    }
                    for entry in heap.sorted() {
                        block[entry.row, step] = entry.value
                        if kept.insert(entry.row).inserted { order.append(entry.row) }
                    }
                }
            }
            try emit(order, of: &block, body)
        }
    }

    /// NaN comes last either way.
    static func isBefore(_ left: Double, _ right: Double, isTop: Bool) -> Bool {
        if left.isNaN { return false }
        if right.isNaN { return true }
        return isTop ? left > right : left < right
    }

    /// Hands rows to `body` in an order.
    func emit(_ order: [Int], of block: inout SeriesBlock, _ body: SeriesBody) throws(QueryError) {
        try withScratch { buffer throws(QueryError) in
            for row in order {
                for step in buffer.indices { buffer[step] = block[row, step] }
                if buffer.hasValue { try body(block.labels[row], buffer) }
            }
        }
    }

    /// The first so many series of each group that have a value.
    private func streamLimited(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        guard let parameter = node.parameter else { return }
        try withBlock(node.expression) { block throws(QueryError) in
            guard let limits = try limits(parameter, block.count) else { return }
            for group in groups(of: block, GroupingKey(node)) {
                for step in 0..<grid.count {
                    var taken = 0
                    for row in group.rows where !block[row, step].isAbsent {
                        taken += 1
                        if taken > limits[step] { block[row, step] = .absent }
                    }
                }
            }
            try emit(Array(0..<block.count), of: &block, body)
        }
    }

    /// Each series whose hash lies below the ratio, or for a negative ratio all others.
    private func streamSampled(_ node: Aggregation, _ body: SeriesBody) throws(QueryError) {
        guard let parameter = node.parameter else { return }
        var ratios = try scalar(parameter)
        if ratios.allSatisfy({ $0 == 0 }) { return }
        if ratios.contains(where: { $0.isNaN }) { throw .execution("Ratio value is NaN") }
        for (step, ratio) in ratios.enumerated() where ratio.magnitude > 1 {
            let capped: Double = ratio < 0 ? -1 : 1
            context.warn(
                "ratio value should be between -1 and 1, got \(NumberText.general(ratio)), capping to "
                    + NumberText.general(capped),
                at: parameter.range
            )
            ratios[step] = capped
        }
        try stream(node.expression) { labels, values throws(QueryError) in
            let position = Double(labels.samplingHash) / Double(UInt64.max)
            for step in values.indices {
                let ratio = ratios[step]
                let isKept = ratio >= 0 ? position < ratio : position >= 1 + ratio
                if !isKept { values[step] = .absent }
            }
            if values.hasValue { try body(labels, values) }
        }
    }
}

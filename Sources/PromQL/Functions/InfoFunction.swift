import Metrics

/// `info(v, {…})`: adds the labels of info series, such as `target_info`, to series with the same `instance` and `job`.
extension Evaluator {
    private static let identifyingLabels = ["instance", "job"]
    private static let defaultInfoMetric = "target_info"

    /// What the second argument asks for.
    private struct InfoRequest {
        var nameMatchers: [LabelMatcher] = []
        var dataMatchers: [LabelMatcher] = []

        init(_ selector: VectorSelector?) throws(QueryError) {
            for matcher in selector?.matchers ?? [] {
                if matcher.name == Labels.metricNameLabel {
                    nameMatchers.append(matcher)
                } else {
                    dataMatchers.append(matcher)
                }
            }
            if nameMatchers.isEmpty {
                nameMatchers = [LabelMatcher(name: Labels.metricNameLabel, equals: Evaluator.defaultInfoMetric)]
            }
        }

        func isInfo(_ labels: Labels) -> Bool {
            let name = labels.metricName ?? ""
            return nameMatchers.allSatisfy { $0.matches(name) }
        }

        /// The labels to add; empty for all.
        var wantedLabels: Set<String> { Set(dataMatchers.map(\.name)) }
    }

    func streamInfo(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        var selector: VectorSelector?
        if node.arguments.count > 1, case .vectorSelector(let second) = node.arguments[1] { selector = second }
        let request = try InfoRequest(selector)
        try withBlock(node.arguments[0]) { base throws(QueryError) in
            try withInfoSeries(for: base, node.arguments[0], request) { info throws(QueryError) in
                try enrich(base, info, request, body)
            }
        }
    }

    /// Selects the info series that share their identifying labels with any base series.
    private func withInfoSeries(
        for base: SeriesBlock,
        _ expression: Expression,
        _ request: InfoRequest,
        _ body: (SeriesBlock) throws(QueryError) -> Void
    ) throws(QueryError) {
        var wanted: Set<Labels> = []
        for labels in base.labels where !request.isInfo(labels) {
            wanted.insert(labels.keeping(sortedNames: Self.identifyingLabels))
        }
        var selector = VectorSelector(name: "", matchers: request.nameMatchers + request.dataMatchers, range: 0..<0)
        selector.time = Self.time(of: expression) ?? TimeModifier()
        var block = SeriesBlock(width: grid.count)
        if !wanted.isEmpty {
            // What counts of an info series is that it is there, and since when.
            try streamSelector(selector, output: .timestamp) { labels, values throws(QueryError) in
                guard wanted.contains(labels.keeping(sortedNames: Self.identifyingLabels)) else { return }
                try context.hold(grid.count)
                block.append(labels, values)
            }
        }
        try body(block)
        context.letGo(block.count * grid.count)
    }

    /// `offset` and `@` of the first selector in an expression: info series are read at the same times.
    private static func time(of expression: Expression) -> TimeModifier? {
        switch expression {
        case .vectorSelector(let node): node.time
        case .matrixSelector(let node): node.selector.time
        case .subquery(let node): time(of: node.expression)
        case .parentheses(let node): time(of: node.inner)
        case .unary(let node): time(of: node.operand)
        case .aggregation(let node): time(of: node.expression)
        case .binary(let node): time(of: node.left) ?? time(of: node.right)
        case .call(let node): node.arguments.lazy.compactMap { time(of: $0) }.first
        case .number, .string: nil
        }
    }

    private func enrich(
        _ base: SeriesBlock,
        _ info: SeriesBlock,
        _ request: InfoRequest,
        _ body: SeriesBody
    ) throws(QueryError) {
        var infoRows: [Labels: [Int]] = [:]
        for row in 0..<info.count {
            infoRows[info.labels[row].keeping(sortedNames: Self.identifyingLabels), default: []].append(row)
        }
        let mustMatch = request.dataMatchers.contains { !$0.matchesEmpty }
        try streamMerged(body) { merged throws(QueryError) in
            for row in 0..<base.count {
                try context.checkpoint()
                let labels = base.labels[row]
                let isInfo = request.isInfo(labels)
                let candidates = isInfo ? [] : infoRows[labels.keeping(sortedNames: Self.identifyingLabels)] ?? []
                var known: [[Int]: Int] = [:]
                for step in 0..<grid.count where !base[row, step].isAbsent {
                    let present = try newest(candidates, info, step)
                    if present.isEmpty, mustMatch, !isInfo { continue }
                    let target: Int
                    if let row = known[present] {
                        target = row
                    } else {
                        let added = try self.labels(labels, present.map { info.labels[$0] }, request)
                        target = try merged.row(added)
                        known[present] = target
                    }
                    guard merged[target, step].isAbsent else { throw MergingBlock.sameLabels }
                    merged[target, step] = base[row, step]
                }
            }
        }
    }

    /// The rows that have a sample at a step, of each metric the one whose sample is the newest.
    private func newest(_ candidates: [Int], _ info: SeriesBlock, _ step: Int) throws(QueryError) -> [Int] {
        var rows: [String: Int] = [:]
        for row in candidates where !info[row, step].isAbsent {
            let labels = info.labels[row]
            let name = labels.metricName ?? ""
            guard let other = rows[name] else {
                rows[name] = row
                continue
            }
            if info[other, step] == info[row, step] {
                let key = labels.keeping(sortedNames: Self.identifyingLabels)
                throw .execution(
                    "found duplicate series for info metric: existing \(info.labels[other].bracedText), new "
                        + "\(labels.bracedText), identifying labels \(key.bracedText)"
                )
            }
            if info[other, step] < info[row, step] { rows[name] = row }
        }
        return rows.values.sorted()
    }

    /// The base labels and those of the info series.
    private func labels(
        _ base: Labels,
        _ infos: [Labels],
        _ request: InfoRequest
    ) throws(QueryError) -> Labels {
        let wanted = request.wantedLabels
        var builder = LabelsBuilder(base)
        var added: [String: String] = [:]
        for info in infos {
            for (name, value) in info.pairs
            where name != Labels.metricNameLabel && !Self.identifyingLabels.contains(name) {
                if !wanted.isEmpty, !wanted.contains(name) { continue }
                if let other = added[name], other != value {
                    throw .execution("conflicting label: \(name)")
                }
                added[name] = value
                // A label the series has stays as it is.
                if base[name] == nil { builder.set(name, value) }
            }
        }
        return builder.labels()
    }
}

import Metrics

/// What two series must have in common to belong together.
struct MatchingKey {
    private let isOn: Bool
    private let names: [String]
    /// Whether everything but the metric's name counts, as without `on` and `ignoring`.
    private let isPlain: Bool

    init(_ matching: VectorMatching) {
        isOn = matching.isOn
        isPlain = !matching.isOn && matching.labels.isEmpty
        names =
            matching.isOn
            ? matching.labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            : matching.labels + [Labels.metricNameLabel]
    }

    func of(_ labels: Labels) -> Labels {
        if isPlain { return labels.withoutMetricName }
        return isOn ? labels.keeping(sortedNames: names) : labels.dropping(names)
    }
}

extension Evaluator {
    // MARK: Sets

    func streamSetOperation(_ node: BinaryExpression, _ body: SeriesBody) throws(QueryError) {
        let key = MatchingKey(node.matching ?? VectorMatching())
        if node.operation == .or {
            try streamUnion(node, key, body)
            return
        }
        var right = GroupPresence(width: grid.count)
        try stream(node.right) { labels, values throws(QueryError) in
            try right.mark(key.of(labels), values, context)
        }
        let wanted = node.operation == .and
        try stream(node.left) { labels, values throws(QueryError) in
            if let group = right.group(key.of(labels)) {
                for step in values.indices where right[group, step] != wanted {
                    values[step] = .absent
                }
            } else if wanted {
                return
            }
            if values.hasValue { try body(labels, values) }
        }
    }

    private func streamUnion(_ node: BinaryExpression, _ key: MatchingKey, _ body: SeriesBody) throws(QueryError) {
        var left = GroupPresence(width: grid.count)
        try streamMerged(body) { merged throws(QueryError) in
            try stream(node.left) { labels, values throws(QueryError) in
                try left.mark(key.of(labels), values, context)
                try merged.merge(labels, values)
            }
            try stream(node.right) { labels, values throws(QueryError) in
                if let group = left.group(key.of(labels)) {
                    for step in values.indices where left[group, step] {
                        values[step] = .absent
                    }
                }
                if values.hasValue { try merged.merge(labels, values) }
            }
        }
    }

    // MARK: Arithmetic and comparison

    func streamMatched(_ node: BinaryExpression, _ body: SeriesBody) throws(QueryError) {
        let matching = node.matching ?? VectorMatching()
        let isSwapped = matching.cardinality == .oneToMany
        try withBlock(isSwapped ? node.left : node.right) { one throws(QueryError) in
            try withBlock(isSwapped ? node.right : node.left) { many throws(QueryError) in
                var pairing = SeriesPairing(context, node: node, matching: matching, one: one, many: many)
                try pairing.run()
                try pairing.result.drain(body)
            }
        }
    }
}

/// At which steps each group of series has any value.
private struct GroupPresence {
    private let width: Int
    private var groups: [Labels: Int] = [:]
    private var steps: [Bool] = []

    init(width: Int) {
        self.width = width
    }

    func group(_ key: Labels) -> Int? {
        groups[key]
    }

    subscript(group: Int, step: Int) -> Bool {
        steps[group * width + step]
    }

    mutating func mark(
        _ key: Labels,
        _ values: UnsafeMutableBufferPointer<Double>,
        _ context: QueryContext
    ) throws(QueryError) {
        let group: Int
        if let known = groups[key] {
            group = known
        } else {
            group = groups.count
            groups[key] = group
            try context.hold(width / 8 + 1)
            steps.append(contentsOf: repeatElement(false, count: width))
        }
        for step in values.indices where !values[step].isAbsent {
            steps[group * width + step] = true
        }
    }
}

/// One evaluation of an operator between two vectors.
private struct SeriesPairing {
    private let context: QueryContext
    private let node: BinaryExpression
    private let matching: VectorMatching
    private let one: SeriesBlock
    private let many: SeriesBlock
    private let key: MatchingKey
    var result: MergingBlock
    /// The group that made each row of the result.
    private var groupOfRow: [Int] = []

    init(
        _ context: QueryContext,
        node: BinaryExpression,
        matching: VectorMatching,
        one: SeriesBlock,
        many: SeriesBlock
    ) {
        self.context = context
        self.node = node
        self.matching = matching
        self.one = one
        self.many = many
        key = MatchingKey(matching)
        result = MergingBlock(context: context, width: one.width)
    }

    mutating func run() throws(QueryError) {
        guard one.count > 0, many.count > 0 else { return }
        var groups: [Labels: Int] = [:]
        var members: [[Int]] = []
        for row in 0..<one.count {
            let signature = key.of(one.labels[row])
            if let group = groups[signature] {
                members[group].append(row)
            } else {
                groups[signature] = members.count
                members.append([row])
            }
        }
        try checkUniqueness(members)
        // For one-to-one: the steps at which a group has a result already.
        var matched: [Int: [Bool]] = [:]
        for row in 0..<many.count {
            try context.checkpoint()
            guard let group = groups[key.of(many.labels[row])] else { continue }
            for partner in members[group] {
                try pair(row, partner, group, &matched)
            }
        }
    }

    /// Throws where two series of the side that must be unique have a value at the same step.
    private func checkUniqueness(_ members: [[Int]]) throws(QueryError) {
        guard members.contains(where: { $0.count > 1 }) else { return }
        let anyMany = (0..<many.width).map { step in
            (0..<many.count).contains { !many[$0, step].isAbsent }
        }
        for rows in members where rows.count > 1 {
            for step in 0..<one.width where anyMany[step] {
                let present = rows.filter { !one[$0, step].isAbsent }
                guard present.count > 1 else { continue }
                let side = matching.cardinality == .oneToMany ? "left" : "right"
                let group =
                    matching.isOn
                    ? key.of(one.labels[present[0]])
                    : one.labels[present[0]].dropping(matching.labels).withoutMetricName
                throw .execution(
                    "found duplicate series for the match group \(group.bracedText) on the \(side) hand-side of the "
                        + "operation: [\(one.labels[present[1]].bracedText), \(one.labels[present[0]].bracedText)];"
                        + "many-to-many matching not allowed: matching labels must be unique on one side"
                )
            }
        }
    }

    private mutating func pair(
        _ row: Int,
        _ partner: Int,
        _ group: Int,
        _ matched: inout [Int: [Bool]]
    ) throws(QueryError) {
        let operation = node.operation
        let isSwapped = matching.cardinality == .oneToMany
        var target: Int?
        for step in 0..<one.width {
            let manyValue = many[row, step]
            let oneValue = one[partner, step]
            guard !manyValue.isAbsent, !oneValue.isAbsent else { continue }
            let left = isSwapped ? oneValue : manyValue
            let right = isSwapped ? manyValue : oneValue
            let holds = operation.holds(left, right)
            guard holds || node.returnsBool else { continue }
            let value = node.returnsBool ? (holds ? 1 : 0) : operation.apply(left, right)
            let destination: Int
            if let target {
                destination = target
            } else {
                destination = try self.destination(row, partner, group)
                target = destination
            }
            if matching.cardinality == .oneToOne {
                try claim(group, step, &matched)
            }
            guard result[destination, step].isAbsent else {
                throw groupOfRow[destination] == group && matching.cardinality != .oneToOne
                    ? .execution("multiple matches for labels: grouping labels must ensure unique matches")
                    : MergingBlock.sameLabels
            }
            result[destination, step] = value
        }
    }

    private func claim(_ group: Int, _ step: Int, _ matched: inout [Int: [Bool]]) throws(QueryError) {
        if matched[group]?[step] == true {
            throw .execution(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
        }
        matched[group, default: [Bool](repeating: false, count: one.width)][step] = true
    }

    private mutating func destination(_ row: Int, _ partner: Int, _ group: Int) throws(QueryError) -> Int {
        let destination = try result.row(labels(many.labels[row], one.labels[partner]))
        if destination == groupOfRow.count { groupOfRow.append(group) }
        return destination
    }

    /// The labels of the result for a pair.
    private func labels(_ manyLabels: Labels, _ oneLabels: Labels) -> Labels {
        var labels = manyLabels
        if node.operation.dropsName || node.returnsBool { labels = labels.withoutMetadata }
        if matching.cardinality == .oneToOne {
            if matching.isOn {
                labels = MatchingKey(matching).of(labels)
            } else if !matching.labels.isEmpty {
                labels = labels.dropping(matching.labels)
            }
        }
        guard !matching.include.isEmpty else { return labels }
        var builder = LabelsBuilder(labels)
        for name in matching.include {
            builder.set(name, oneLabels[name] ?? "")
        }
        return builder.labels()
    }
}

extension Labels {
    /// All labels in braces with the name among them, as Prometheus prints label sets in errors.
    var bracedText: String {
        "{\(pairs.map { "\(Quoting.isPlainLabelName($0.name) ? $0.name : Quoting.quoted($0.name))=\(Quoting.quoted($0.value))" }.joined(separator: ", "))}"
    }
}

import Metrics

/// Functions that change labels.
enum LabelFunctions {
    static let table: [FunctionSignature] = [
        FunctionSignature(
            "label_join",
            [.vector, .string, .string, .string],
            optional: .some(nil),
            .special(.labelJoin)
        ),
        FunctionSignature("label_replace", [.vector, .string, .string, .string, .string], .special(.labelReplace)),
        FunctionSignature("info", [.vector, .vector], optional: 1, experimental: true, .special(.info)),
    ]
}

extension Evaluator {
    /// The longest value that a function may make: a query can multiply what it has with every call.
    private static let longestLabelValue = 1 << 20

    private static func tooLong(_ function: String) -> QueryError {
        .execution("\(function) makes a label value of more than \(longestLabelValue) bytes")
    }

    func streamLabelReplace(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let destination = try labelName(node.arguments[1], "invalid destination label name in label_replace(): ")
        let replacement = string(node.arguments[2])
        let source = string(node.arguments[3])
        let pattern = string(node.arguments[4])
        let expression: RegularExpression
        do {
            expression = try RegularExpression(pattern)
        } catch {
            throw .execution("invalid regular expression in label_replace(): \(pattern)")
        }
        try streamMerged(body) { merged throws(QueryError) in
            try stream(node.arguments[0]) { labels, values throws(QueryError) in
                let limit = Self.longestLabelValue
                let replaced = expression.expand(replacement, matching: labels[source] ?? "", limit: limit)
                if let replaced, replaced.utf8.count > limit { throw Self.tooLong("label_replace()") }
                try context.holdLabelText(replaced?.utf8.count ?? 0)
                try merged.merge(replaced.map { labels.setting(destination, $0) } ?? labels, values)
            }
        }
    }

    func streamLabelJoin(_ node: FunctionCall, _ body: SeriesBody) throws(QueryError) {
        let destination = try labelName(node.arguments[1], "invalid destination label name in label_join(): ")
        let separator = string(node.arguments[2])
        var sources: [String] = []
        for argument in node.arguments.dropFirst(3) {
            sources.append(try labelName(argument, "invalid source label name in label_join(): "))
        }
        try streamMerged(body) { merged throws(QueryError) in
            try stream(node.arguments[0]) { labels, values throws(QueryError) in
                let parts = sources.map { labels[$0] ?? "" }
                let gaps = max(0, parts.count - 1).multipliedReportingOverflow(by: separator.utf8.count)
                let length = parts.reduce(gaps.partialValue) { $0 + $1.utf8.count }
                guard !gaps.overflow, length <= Self.longestLabelValue else { throw Self.tooLong("label_join()") }
                try context.holdLabelText(length)
                let joined = parts.joined(separator: separator)
                try merged.merge(labels.setting(destination, joined), values)
            }
        }
    }

    /// Any text is a name, but not an empty one.
    private func labelName(_ argument: Expression, _ message: String) throws(QueryError) -> String {
        guard case .string(let literal) = argument.unwrapped, literal.isText, !literal.value.isEmpty else {
            throw .execution(message + string(argument))
        }
        return literal.value
    }
}

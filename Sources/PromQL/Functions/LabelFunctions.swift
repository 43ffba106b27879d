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
                let replaced = expression.expand(replacement, matching: labels[source] ?? "")
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
                let joined = sources.map { labels[$0] ?? "" }.joined(separator: separator)
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

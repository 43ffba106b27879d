public import Metrics
import PromQL
public import YAML

/// Something about a rule that is allowed, but hardly meant.
public struct RuleWarning: Sendable, CustomStringConvertible {
    /// The name of the rule.
    public let rule: String
    /// Where the rule stands.
    public let location: YAMLLocation
    /// What is odd, and what to do.
    public let message: String

    /// One line: `file:line:column: warning: rule: message`.
    public var description: String {
        "\(location): warning: \(rule): \(message)"
    }
}

/// Looks for what is odd in rules that can be used.
public struct RuleLint: Sendable {
    /// The severities that the program knows.
    private static let severities = ["critical", "warning", "info", "none"]
    /// Labels that say which series an alert is about.
    private static let identity = ["instance", "job"]
    /// Where the program serves the runbooks that come with it.
    private static let runbookPath = "/runbooks/"
    /// What rules write without naming it.
    private static let writtenMetrics = ["ALERTS", "ALERTS_FOR_STATE"]

    private let metrics: Set<String>
    private let runbooks: Set<String>

    /// Knows the metrics that can exist besides those that rules record, and the alerts that have a runbook.
    public init(metrics: [MetricRow], runbooks: some Sequence<String>) {
        var names = Set(Self.writtenMetrics)
        for row in metrics {
            names.insert(row.name)
            guard row.kind == .histogram || row.kind == .summary else { continue }
            names.formUnion(["_sum", "_count", "_bucket"].map { row.name + $0 })
        }
        self.metrics = names
        self.runbooks = Set(runbooks)
    }

    /// The warnings in the order of the rules; `metrics` of one group may be recorded by another.
    public func warnings(_ groups: [RuleGroup]) -> [RuleWarning] {
        let rules = groups.flatMap(\.rules)
        let known = metrics.union(rules.lazy.filter { $0.alerting == nil }.map(\.name))
        return groups.flatMap { group in
            let duplicates = Set(group.duplicateRules.map(\.location))
            return group.rules.flatMap { rule -> [RuleWarning] in
                var messages = duplicates.contains(rule.location) ? ["is there twice with the same labels"] : []
                messages += unknownMetrics(rule, known)
                if let settings = rule.alerting {
                    messages += labelMessages(settings) + annotationMessages(settings)
                }
                return messages.map { RuleWarning(rule: rule.name, location: rule.location, message: $0) }
            }
        }
    }

    private func unknownMetrics(_ rule: Rule, _ known: Set<String>) -> [String] {
        rule.query.metricNames.filter { !known.contains($0) }.map { name in
            let similar = Similarity.closest(to: name, in: known).map { "; is \($0) meant?" } ?? ""
            return "there is no metric \(name)\(similar)"
        }
    }

    private func labelMessages(_ settings: Rule.Alerting) -> [String] {
        var messages: [String] = []
        if let severity = settings.labels.last(where: { $0.name == "severity" })?.template.text {
            if !severity.contains("{{"), !Self.severities.contains(severity) {
                messages.append(
                    "severity `\(severity)` counts as none for `redstart check`; it knows critical and warning"
                )
            }
        } else {
            messages.append("has no label `severity`; add critical or warning, so that it can be routed")
        }
        for label in settings.labels {
            if Self.identity.contains(label.name) {
                messages.append("label `\(label.name)` replaces that of the series, so nobody sees which server it is")
            }
            if Self.dependsOnValue(label.template.text) {
                messages.append(
                    "label `\(label.name)` has the value in it: each new value is a new alert, whose `for` begins anew; "
                        + "use an annotation"
                )
            }
        }
        return messages
    }

    private static func dependsOnValue(_ template: String) -> Bool {
        guard template.contains("{{") else { return false }
        return template.contains("$value") || template.contains(".Value")
    }

    private func annotationMessages(_ settings: Rule.Alerting) -> [String] {
        var messages: [String] = []
        if !settings.annotations.contains(where: { $0.name == "summary" }) {
            messages.append("has no annotation `summary`, the line that people read first")
        }
        guard let runbook = settings.annotations.last(where: { $0.name == "runbook_url" })?.template.text else {
            return messages + ["has no annotation `runbook_url`; say where it is written what to do"]
        }
        if runbook.hasPrefix(Self.runbookPath), !runbook.contains("{{") {
            let name = String(runbook.dropFirst(Self.runbookPath.count))
            if !runbooks.contains(name) { messages.append("there is no runbook \(runbook)") }
        }
        return messages
    }
}

/// Names that are nearly the same.
enum Similarity {
    /// The candidate that the fewest changes of letters lead to, if it is a quarter of the name at most.
    static func closest(to name: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.utf8)
        let limit = wanted.count / 4
        var best: (distance: Int, name: String)?
        for candidate in candidates {
            let bytes = Array(candidate.utf8)
            guard abs(bytes.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, bytes)
            guard distance <= limit else { continue }
            if let best, (best.distance, best.name) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.name
    }

    /// How many bytes have to be added, removed or replaced (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}

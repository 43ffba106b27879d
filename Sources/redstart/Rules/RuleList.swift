import Alerting
import FoundationEssentials
import Metrics
import PromQL
import YAML

/// Rules in the order of evaluation.
enum RuleList {
    /// A line a rule.
    static func table(_ groups: [RuleGroup]) -> String {
        var rows = [["RULE", "TYPE", "SEVERITY", "FOR", "GROUP", "EXPRESSION"]]
        for group in groups {
            for rule in group.rules {
                rows.append([
                    rule.name, rule.alerting == nil ? "recording" : "alerting", rule.labels["severity"] ?? "",
                    rule.alerting.map { duration($0.holdMilliseconds) } ?? "", group.name,
                    oneLine(rule.query.text),
                ])
            }
        }
        return TextTable.render(rows).map { $0 + "\n" }.joined()
    }

    static func json(_ groups: [RuleGroup]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let entries = groups.flatMap { group in group.rules.map { Entry($0, of: group) } }
        return String(decoding: try encoder.encode(entries), as: UTF8.self) + "\n"
    }

    /// A rule for programs; durations are in seconds.
    private struct Entry: Encodable {
        let name: String
        let type: String
        let query: String
        let group: String
        let file: String
        let line: Int
        let interval: Double
        let labels: [String: String]
        let duration: Double?
        let keepFiringFor: Double?
        let annotations: [String: String]?

        init(_ rule: Rule, of group: RuleGroup) {
            name = rule.name
            type = rule.alerting == nil ? "recording" : "alerting"
            query = rule.query.text
            self.group = group.name
            file = group.file
            line = rule.location.line
            interval = Double(group.intervalMilliseconds) / 1000
            labels = Dictionary(rule.labels.pairs.map { ($0.name, $0.value) }) { $1 }
            duration = rule.alerting.map { Double($0.holdMilliseconds) / 1000 }
            keepFiringFor = rule.alerting.map { Double($0.keepFiringMilliseconds) / 1000 }
            annotations = rule.alerting.map { settings in
                Dictionary(settings.annotations.map { ($0.name, $0.template.text) }) { $1 }
            }
        }
    }

    private static func duration(_ milliseconds: Int64) -> String {
        milliseconds == 0 ? "" : DurationOption(.milliseconds(milliseconds)).defaultValueDescription
    }

    /// The expression with each run of white space as one space.
    private static func oneLine(_ text: String) -> String {
        text.split { $0.isWhitespace }.joined(separator: " ")
    }
}

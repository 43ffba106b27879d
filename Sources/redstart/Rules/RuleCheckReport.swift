import Alerting
import BundledRules
import FoundationEssentials
import Metrics
import PromQL
import YAML

/// What `rules check` has found.
struct RuleCheckReport {
    private(set) var mistakes: [FileProblem] = []
    private(set) var warnings: [RuleWarning] = []
    /// What is wrong with no place in a file.
    private(set) var failure: String?
    private var groups: [RuleGroup] = []

    init(_ files: [String], language: Query.Options) {
        do throws(AlertingError) {
            let paths = try RuleFolders.files(files, withKey: "groups")
            if paths.isEmpty { failure = "\(files.joined(separator: " ")): no such file" }
            groups = try RuleFiles(queryOptions: language).load(paths)
            warnings = RuleLint(metrics: Self.knownMetrics, runbooks: BundledRules.runbooks.keys).warnings(groups)
        } catch {
            if case .invalidFiles(let problems) = error { mistakes = problems } else { failure = error.description }
        }
    }

    /// Whether a file cannot be used.
    var isFailed: Bool {
        failure != nil || !mistakes.isEmpty
    }

    /// Every family that the program can expose.
    private static var knownMetrics: [MetricRow] {
        Watch.Families().catalog.rows
    }

    private var ruleCount: Int {
        groups.map(\.rules.count).reduce(0, +)
    }

    var text: String {
        var lines = mistakes.map(\.description) + warnings.map(\.description)
        if let failure { lines.append(failure) }
        if !isFailed {
            let count = warnings.isEmpty ? "" : ", \(warnings.count) warnings"
            lines.append("\(groups.count) groups with \(ruleCount) rules: no mistake found\(count).")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let findings =
            mistakes.map { Output.Finding($0) } + warnings.map { Output.Finding($0) }
            + [failure].compactMap { $0.map { Output.Finding(failure: $0) } }
        let output = Output(isUsable: !isFailed, groups: groups.count, rules: ruleCount, findings: findings)
        return String(decoding: try encoder.encode(output), as: UTF8.self) + "\n"
    }

    private struct Output: Encodable {
        struct Finding: Encodable {
            /// `error` or `warning`.
            let severity: String
            let file: String?
            let line: Int?
            let column: Int?
            let rule: String?
            let message: String

            init(_ warning: RuleWarning) {
                severity = "warning"
                file = warning.location.file
                line = warning.location.line
                column = warning.location.column
                rule = warning.rule
                message = warning.message
            }

            init(_ problem: FileProblem) {
                let error = problem.error
                severity = "error"
                file = error.location.file
                line = error.location.line
                column = error.location.column
                rule = nil
                message = error.expected.isEmpty ? error.problem : "\(error.problem); expected \(error.expected)"
            }

            init(failure: String) {
                severity = "error"
                file = nil
                line = nil
                column = nil
                rule = nil
                message = failure
            }
        }

        let isUsable: Bool
        let groups: Int
        let rules: Int
        let findings: [Finding]
    }
}

import Alerting
import FoundationEssentials
import Metrics

/// A check report for programs.
struct JSONReport: Encodable {
    struct Alert: Encodable {
        let name: String
        let severity: String
        let labels: [String: String]
        let annotations: [String: String]
        /// Text, since JSON has no number for NaN and infinity.
        let value: String
        let forSeconds: Double
        /// Since when it holds, in seconds since 1970, where that is known.
        let activeAt: Double?
    }

    let verdict: String
    let exitCode: Int32
    let nodes: Int
    let rules: Int
    let pending: Int
    let unreachable: [String]
    let failedRules: [String]
    let alerts: [Alert]

    init(_ report: CheckReport) {
        verdict = report.verdict.nagiosWord.lowercased()
        exitCode = report.verdict.rawValue
        nodes = report.nodes
        rules = report.rules
        pending = report.pending
        unreachable = report.unreachable
        failedRules = report.failedRules
        alerts = report.alerts.map { alert in
            Alert(
                name: alert.name,
                severity: alert.severity,
                labels: Dictionary(alert.labels.pairs.map { ($0.name, $0.value) }) { $1 },
                annotations: Dictionary(alert.annotations.pairs.map { ($0.name, $0.value) }) { $1 },
                value: alert.value,
                forSeconds: Double(alert.holdMilliseconds) / 1000,
                activeAt: alert.activeAt.map { Double($0) / 1000 }
            )
        }
    }

    static func render(_ report: CheckReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(JSONReport(report)), as: UTF8.self) + "\n"
    }
}

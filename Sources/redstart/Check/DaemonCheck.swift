import FoundationEssentials
import HTTPClient
import Metrics

/// Asks a running daemon which alerts fire: `redstart check --url`.
struct DaemonCheck {
    let client: DaemonClient

    /// What the daemon says; a rule that it cannot evaluate is a failure here too.
    func report() async throws(DaemonError) -> CheckReport {
        let rules: RuleAnswer = try await get("/api/v1/rules?type=alert")
        let targets: TargetAnswer = try await get("/api/v1/targets?state=active")
        let alerting = rules.groups.flatMap { group in group.rules.map { (group, $0) } }
        let alerts = alerting.flatMap { _, rule in rule.alerts.map { (rule, $0) } }
        return CheckReport(
            alerts: alerts.filter { $1.state == "firing" }.map { CheckedAlert($1, of: $0) },
            pending: alerts.count { $1.state == "pending" },
            unreachable: [],
            failedRules: alerting.filter { $1.health == "err" }.map { group, rule in
                "\(group.file): \(rule.name): \(rule.lastError ?? "")"
            },
            nodes: targets.activeTargets.count,
            rules: alerting.count,
            watched: "by \(client.url)"
        )
    }

    private func get<Content: Decodable>(_ path: String) async throws(DaemonError) -> Content {
        try APIAnswer(try await client.get(path), from: client.url).data
    }
}

private struct RuleAnswer: Decodable {
    struct Group: Decodable {
        let file: String
        let rules: [Rule]
    }

    struct Rule: Decodable {
        let name: String
        let duration: Double
        let health: String
        let lastError: String?
        let alerts: [Alert]
    }

    struct Alert: Decodable {
        let labels: [String: String]
        let annotations: [String: String]
        let state: String
        let activeAt: String
        let value: String
    }

    let groups: [Group]
}

private struct TargetAnswer: Decodable {
    struct Target: Decodable {}

    let activeTargets: [Target]
}

extension CheckedAlert {
    fileprivate init(_ alert: RuleAnswer.Alert, of rule: RuleAnswer.Rule) {
        let date = try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(alert.activeAt)
        self.init(
            name: rule.name,
            labels: Labels(alert.labels.map { ($0.key, $0.value) }),
            annotations: Labels(alert.annotations.map { ($0.key, $0.value) }),
            // The API has an exponent in every number.
            value: Double(alert.value).map(NumberFormat.decimalText) ?? alert.value,
            holdMilliseconds: Int64(exactly: (rule.duration * 1000).rounded()) ?? 0,
            activeAt: date.flatMap { Int64(exactly: ($0.timeIntervalSince1970 * 1000).rounded()) }
        )
    }
}

import Alerting

/// Whether rules are evaluated, and can be.
struct RulesHealth: Sendable {
    /// What an evaluation may be late by, beside three intervals.
    private static let patience: Duration = .seconds(30)

    private var evaluations = Movements<Int64?>()
    private let startedAt: ContinuousClock.Instant

    init(startedAt: ContinuousClock.Instant) {
        self.startedAt = startedAt
    }

    mutating func finding(_ groups: [RuleGroupEvaluation], now: ContinuousClock.Instant) -> HealthFinding {
        guard !groups.isEmpty else { return .healthy("there are no rules") }
        evaluations.note(
            Dictionary(groups.map { (Self.name($0), $0.lastEvaluation) }) { first, _ in first },
            at: now
        )
        let stopped = groups.filter { group in
            let patience = Duration.milliseconds(group.group.intervalMilliseconds) * 3 + Self.patience
            return now - (evaluations[Self.name(group)] ?? startedAt) > patience
        }
        guard stopped.isEmpty else {
            let names = FleetHealth.list(stopped.map(\.group.name))
            return .unhealthy(
                "\(stopped.count) of \(groups.count) rule groups are not evaluated any more, so their alerts do not "
                    + "fire: \(names); has this machine no time left for Redstart?"
            )
        }
        let rules = groups.flatMap(\.rules)
        let failing = rules.filter { $0.health.status == .err }
        guard let first = failing.first else { return .healthy("\(rules.count) rules in \(groups.count) groups") }
        return .degraded(
            "\(failing.count) of \(rules.count) rules fail, the first is \(first.rule.name) "
                + "(\(first.rule.location)): \(first.health.lastError)"
        )
    }

    private static func name(_ group: RuleGroupEvaluation) -> String {
        "\(group.group.file);\(group.group.name)"
    }
}

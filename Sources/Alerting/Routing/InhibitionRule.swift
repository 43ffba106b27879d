import Metrics
public import PromQL

/// While an alert of one kind fires, alerts of another kind are not told: whoever knows that a node is down need not
/// hear that its replication is, too.
public struct InhibitionRule: Sendable {
    /// What labels the alert has that keeps others back.
    public var source: [LabelMatcher]
    /// What labels those have that are kept back.
    public var target: [LabelMatcher]
    /// The labels in which both must agree; one that is missing on both sides agrees.
    public var equal: [String]

    /// Makes a rule.
    public init(source: [LabelMatcher], target: [LabelMatcher], equal: [String]) {
        self.source = source
        self.target = target
        self.equal = equal
    }

    /// What holds where nothing is configured: a node that is down reports nothing else, and an alert that names a
    /// cause keeps back those that tell of its symptoms.
    public static let standard: [InhibitionRule] =
        [
            InhibitionRule(
                source: [LabelMatcher(name: "alertname", equals: "RedisDown")],
                target: alerts("Redis.+") + alerts("RedisDown", .notEqual),
                equal: ["instance"]
            )
        ]
        + symptoms.map { (cause, symptoms) in
            InhibitionRule(
                source: [LabelMatcher(name: "alertname", equals: cause)],
                target: alerts(symptoms.joined(separator: "|")),
                equal: ["instance"]
            )
        }

    /// The alerts that name a cause, and those that tell of the same thing by what it does.
    public static let symptoms: [(cause: String, symptoms: [String])] = [
        ("RedisMemoryCritical", ["RedisMemoryHigh", "RedisMemoryPredictedFull"]),
        ("RedisCacheUndersized", ["RedisEvictingKeys", "RedisCacheHitRateLow", "RedisCacheHitRateDropped"]),
        (
            "RedisMemoryPressure",
            ["RedisMemoryHigh", "RedisMemoryCritical", "RedisMemoryPredictedFull", "RedisEvictingKeys"]
        ),
        (
            "RedisSlowCommandsBlocking",
            [
                "RedisSlowLogGrowing", "RedisCommandLatencyHigh", "RedisBlockedClientsGrowing", "RedisLatencyUnusual",
                "RedisLatencyBudgetBurnsFast",
            ]
        ),
        ("RedisResyncStorm", ["RedisFullResyncsRepeating", "RedisForkSlow", "RedisReplicaDisconnected"]),
        ("RedisConnectionLeak", ["RedisConnectionsHigh"]),
        ("RedisBigKeySuspected", ["RedisSlowLogGrowing"]),
        ("RedisHotKeySuspected", ["RedisOperationsUnusual", "RedisMainThreadSaturated"]),
        (
            "RedisPersistenceStealsLatency",
            [
                "RedisCommandLatencyHigh", "RedisAOFDelayedFsync", "RedisForkSlow", "RedisLatencyUnusual",
                "RedisLatencyBudgetBurnsFast",
            ]
        ),
    ]

    /// The names are ours, so the pattern is one.
    private static func alerts(
        _ pattern: String,
        _ operation: LabelMatcher.Operation = .matches
    ) -> [LabelMatcher] {
        [try? LabelMatcher(name: "alertname", operation: operation, value: pattern)].compactMap { $0 }
    }

    fileprivate func agreement(_ labels: Labels) -> [String] {
        equal.map { labels[$0] ?? "" }
    }
}

/// Which alerts are kept back by others that fire.
///
/// Kept up to date alert by alert, so that asking costs a look into a table and not a walk over all alerts.
struct Inhibitions: Sendable {
    /// Of one rule: for each combination of the labels that must agree, the sources that fire.
    private struct Entry {
        let rule: InhibitionRule
        var sources: [[String]: Set<Labels>] = [:]
    }

    private var entries: [Entry]

    init(_ rules: [InhibitionRule]) {
        entries = rules.map { Entry(rule: $0) }
    }

    /// Takes note of what an alert is at now.
    mutating func note(_ alert: NotifiedAlert) {
        for index in entries.indices where entries[index].rule.source.match(alert.labels) {
            let key = entries[index].rule.agreement(alert.labels)
            if alert.isResolved {
                entries[index].sources[key]?.remove(alert.labels)
                if entries[index].sources[key]?.isEmpty == true { entries[index].sources[key] = nil }
            } else {
                entries[index].sources[key, default: []].insert(alert.labels)
            }
        }
    }

    /// Whether another alert keeps this one back.
    ///
    /// As in Alertmanager, an alert that matches both sides of a rule is not kept back by others that do, so that two
    /// alerts cannot silence each other.
    func inhibit(_ labels: Labels) -> Bool {
        entries.contains { entry in
            guard entry.rule.target.match(labels),
                let sources = entry.sources[entry.rule.agreement(labels)]
            else { return false }
            guard entry.rule.source.match(labels) else { return true }
            return sources.contains { !entry.rule.target.match($0) }
        }
    }
}

public import Metrics
public import PromQL
public import YAML

/// One rule as its file has it.
///
/// Settings only: what happens to it lives in `RuleGroupEvaluation`.
public struct Rule: Sendable {
    /// What is done with the result of the expression.
    public enum Kind: Sendable {
        /// It is stored under the rule's name.
        case recording
        /// Each of its series is an alert.
        case alerting(Alerting)
    }

    /// What an alerting rule has besides.
    public struct Alerting: Sendable {
        /// How long the expression must hold before the alert fires (`for`).
        public let holdMilliseconds: Int64
        /// How long an alert goes on firing after the expression holds no more (`keep_firing_for`).
        public let keepFiringMilliseconds: Int64
        /// The templates of the labels, those of the group included.
        public let labels: [(name: String, template: AlertTemplate)]
        /// The templates of the annotations.
        public let annotations: [(name: String, template: AlertTemplate)]
    }

    /// The metric that is recorded, or the name of the alert.
    public let name: String
    /// Recording or alerting.
    public let kind: Kind
    /// The expression.
    public let query: Query
    /// The labels as they are written, those of the group included.
    public let labels: Labels
    /// Where the rule stands.
    public let location: YAMLLocation
    /// The series of the result that count.
    var scope = Scope()

    /// Which series of a result count, where an override holds for some nodes only.
    struct Scope: Sendable {
        /// A series counts if it meets all of these.
        var required: [[LabelMatcher]] = []
        /// A series counts if it meets none of these.
        var excluded: [[LabelMatcher]] = []

        func contains(_ labels: Labels) -> Bool {
            required.allSatisfy { $0.match(labels) } && !excluded.contains { $0.match(labels) }
        }
    }

    /// What an alerting rule has besides, `nil` for a recording rule.
    public var alerting: Alerting? {
        if case .alerting(let settings) = kind { return settings }
        return nil
    }

    /// The same rule with another expression.
    func replacing(_ query: Query) -> Rule {
        Rule(name: name, kind: kind, query: query, labels: labels, location: location, scope: scope)
    }

    /// The same alerting rule with other settings.
    func replacing(query: Query?, settings: Alerting, labels: Labels) -> Rule {
        Rule(
            name: name,
            kind: .alerting(settings),
            query: query ?? self.query,
            labels: labels,
            location: location,
            scope: scope
        )
    }
}

/// A group of rules, evaluated one after another at the same times.
public struct RuleGroup: Sendable {
    /// The name, unique in its file.
    public let name: String
    /// The file as it was given.
    public let file: String
    /// The time from one evaluation to the next.
    public let intervalMilliseconds: Int64
    /// How many series or alerts a rule may have; 0 for any number.
    public let limit: Int
    /// How far in the past expressions are evaluated.
    public let queryOffsetMilliseconds: Int64
    /// The rules in the order of evaluation.
    public let rules: [Rule]
    /// Where the group stands.
    public let location: YAMLLocation

    /// The same group with other rules.
    func replacing(rules: [Rule]) -> RuleGroup {
        RuleGroup(
            name: name,
            file: file,
            intervalMilliseconds: intervalMilliseconds,
            limit: limit,
            queryOffsetMilliseconds: queryOffsetMilliseconds,
            rules: rules,
            location: location
        )
    }

    /// Rules that do the same thing to the same series as an earlier one of the group, by name and labels.
    ///
    /// Prometheus loads such files; `rules check` warns.
    public var duplicateRules: [Rule] {
        var seen: Set<RuleIdentity> = []
        return rules.filter { !seen.insert(RuleIdentity($0)).inserted }
    }
}

/// What makes two rules of one group the same one across a reload: kind, name and labels.
struct RuleIdentity: Hashable {
    let isAlerting: Bool
    let name: String
    let labels: Labels

    init(_ rule: Rule) {
        isAlerting = rule.alerting != nil
        name = rule.name
        labels = rule.labels
    }
}

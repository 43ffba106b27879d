import Metrics
import Outbound
public import PromQL
public import YAML

/// A change to an alert of the rule files, made in the configuration.
public struct RuleOverride: Sendable {
    /// The name of the alert.
    public let alert: String
    /// The nodes it holds for, by the labels of the series; empty for all.
    public let matchers: [LabelMatcher]
    /// Whether the alert is taken away.
    public let isDisabled: Bool
    /// Another expression.
    public let query: Query?
    /// Another time that the expression must hold, milliseconds.
    public let holdMilliseconds: Int64?
    /// Labels that are added or replace others; templates as in rule files.
    public let labels: [(name: String, template: AlertTemplate)]
    /// Annotations that are added or replace others.
    public let annotations: [(name: String, template: AlertTemplate)]
    /// Where it stands.
    public let location: YAMLLocation

    /// Reads the field `rule_overrides`.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public static func list(
        _ node: YAMLNode,
        queryOptions: Query.Options = Query.Options()
    ) throws(YAMLError) -> [RuleOverride] {
        var overrides: [RuleOverride] = []
        for item in try node.items("a list of overrides") {
            overrides.append(try RuleOverride(item, queryOptions: queryOptions))
        }
        return overrides
    }

    private init(_ node: YAMLNode, queryOptions: Query.Options) throws(YAMLError) {
        let fields = try node.read("an override") { (fields) throws(YAMLError) in
            (
                alert: try fields.required("alert").string("the name of an alert"),
                matchers: try fields.optional("matchers")?.matchers() ?? [],
                disable: try fields.optional("disable")?.boolean() ?? false,
                expr: fields.optional("expr"),
                hold: try fields.optional("for")?.prometheusDuration(),
                labels: fields.optional("labels"),
                annotations: fields.optional("annotations")
            )
        }
        alert = fields.alert
        matchers = fields.matchers
        isDisabled = fields.disable
        query = try fields.expr?.query(queryOptions)
        holdMilliseconds = fields.hold
        labels = try fields.labels?.templates(alert: fields.alert) ?? []
        annotations = try fields.annotations?.templates(alert: fields.alert) ?? []
        location = node.location
        let changes = query != nil || holdMilliseconds != nil || !labels.isEmpty || !annotations.isEmpty
        guard isDisabled != changes else {
            let problem = changes ? "the override disables the alert and changes it" : "the override changes nothing"
            throw node.error(problem, expected: "`disable: true`, or some of `expr`, `for`, `labels`, `annotations`")
        }
    }

    /// The groups with all overrides applied, one after another.
    /// - Throws: `YAMLError` at an override of an alert that there is not.
    public static func apply(
        _ overrides: [RuleOverride],
        to groups: [RuleGroup]
    ) throws(YAMLError) -> [RuleGroup] {
        var groups = groups
        for override in overrides {
            let names = groups.flatMap { $0.rules.filter { $0.alerting != nil }.map(\.name) }
            guard names.contains(override.alert) else {
                let hint = nearestName(to: override.alert, among: names).map { ", did you mean `\($0)`?" } ?? ""
                let problem = "there is no alert `\(override.alert)`\(hint)"
                throw YAMLError(at: override.location, problem, expected: "the name of an alert of the rule files")
            }
            groups = groups.map { $0.replacing(rules: $0.rules.flatMap(override.apply)) }
        }
        return groups
    }

    /// What becomes of a rule: with matchers it stays as it is for all other series.
    private func apply(to rule: Rule) -> [Rule] {
        guard rule.name == alert, let settings = rule.alerting else { return [rule] }
        var result: [Rule] = []
        if !matchers.isEmpty {
            var others = rule
            others.scope.excluded.append(matchers)
            result.append(others)
        }
        guard !isDisabled else { return result }
        var changed = rule.replacing(
            query: query,
            settings: Rule.Alerting(
                holdMilliseconds: holdMilliseconds ?? settings.holdMilliseconds,
                keepFiringMilliseconds: settings.keepFiringMilliseconds,
                labels: Self.merge(settings.labels, labels),
                annotations: Self.merge(settings.annotations, annotations)
            ),
            labels: rule.labels.merging(Labels(labels.map { ($0.name, $0.template.text) }))
        )
        if !matchers.isEmpty { changed.scope.required.append(matchers) }
        return result + [changed]
    }

    private static func merge(
        _ old: [(name: String, template: AlertTemplate)],
        _ new: [(name: String, template: AlertTemplate)]
    ) -> [(name: String, template: AlertTemplate)] {
        old.filter { pair in !new.contains { $0.name == pair.name } } + new
    }
}

extension YAMLNode {
    fileprivate func query(_ options: Query.Options) throws(YAMLError) -> Query {
        do {
            return try Query(parsing: try promQL(), options: options)
        } catch {
            throw self.error("could not parse expression: \(error.message)", expected: "a PromQL expression")
        }
    }

    /// As `string`, with the error of queries.
    private func promQL() throws(QueryError) -> String {
        do {
            return try string("a PromQL expression")
        } catch {
            throw .badData(error.problem)
        }
    }

    fileprivate func templates(alert: String) throws(YAMLError) -> [(name: String, template: AlertTemplate)] {
        var result: [(name: String, template: AlertTemplate)] = []
        for entry in try entries("a mapping of names to texts") {
            let text = try entry.value.string()
            do {
                result.append((entry.key, try AlertTemplate(text, alertName: alert)))
            } catch {
                throw entry.value.error("\(error.message)", expected: "a Go template")
            }
        }
        return result
    }
}

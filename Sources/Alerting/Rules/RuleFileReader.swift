import Metrics
import Outbound
import PromQL
import YAML

/// Reads one rule file and collects what is wrong with it, so that a person can mend all of it at once.
struct RuleFileReader {
    let options: RuleFiles
    let source: SourceText
    private(set) var problems: [FileProblem] = []
    private var groupNames: Set<String> = []

    init(options: RuleFiles, source: SourceText) {
        self.options = options
        self.source = source
    }

    mutating func read(_ bytes: [UInt8], file: String) -> [RuleGroup] {
        var groups: [RuleGroup] = []
        do {
            for document in try YAMLDocument.parseAll(bytes, file: file) where !document.isNull {
                let nodes = try document.read("a rule file") { fields throws(YAMLError) in
                    try fields.optional("groups")?.items("a list of rule groups") ?? []
                }
                for node in nodes {
                    if let group = attempt({ (reader) throws(YAMLError) in try reader.group(node) }) {
                        groups.append(group)
                    }
                }
            }
        } catch {
            note(error)
        }
        return groups
    }

    mutating func note(_ error: YAMLError) {
        problems.append(FileProblem(error, in: source))
    }

    /// Runs a part of the reading; what it throws is noted, and the other parts go on.
    private mutating func attempt<Value>(
        _ body: (inout RuleFileReader) throws(YAMLError) -> Value
    ) -> Value? {
        do {
            return try body(&self)
        } catch {
            note(error)
            return nil
        }
    }

    private mutating func group(_ node: YAMLNode) throws(YAMLError) -> RuleGroup {
        let fields = try node.read("a rule group") { (fields) throws(YAMLError) in
            (
                name: try fields.required("name"),
                interval: try duration(fields.optional("interval")),
                limit: try fields.optional("limit")?.integer("the largest number of series or alerts, 0 for any") ?? 0,
                offset: try duration(fields.optional("query_offset")),
                labels: try labels(fields.optional("labels")),
                rules: try fields.optional("rules")?.items("a list of rules") ?? []
            )
        }
        let name = try fields.name.string("the name of the group")
        if name.isEmpty { note(fields.name.error("the group has an empty name", expected: "a name")) }
        if !groupNames.insert(name).inserted {
            note(fields.name.error("group `\(name)` is there twice", expected: "each name once in a file"))
        }
        if let interval = fields.interval, interval == 0 {
            note(node.error("group `\(name)` has the interval 0", expected: "a duration such as 1m"))
        }
        for label in fields.labels { checkLabel(label) }
        let shared = fields.labels.map { ($0.name, $0.value) }
        var rules: [Rule] = []
        for rule in fields.rules {
            let read = attempt { (reader) throws(YAMLError) in try reader.rule(rule, groupLabels: shared) }
            if let read, let rule = read { rules.append(rule) }
        }
        return RuleGroup(
            name: name,
            file: node.location.file,
            intervalMilliseconds: max(1, fields.interval ?? options.defaultIntervalMilliseconds),
            limit: max(0, fields.limit),
            queryOffsetMilliseconds: fields.offset ?? options.defaultQueryOffsetMilliseconds,
            rules: rules,
            location: node.location
        )
    }

    /// A field that maps names to texts.
    private struct Pair {
        let name: String
        let value: String
        let key: YAMLLocation
        let node: YAMLNode
    }

    private struct RuleFields {
        let record: YAMLNode?
        let alert: YAMLNode?
        let expr: YAMLNode?
        let hold: YAMLNode?
        let keepFiring: YAMLNode?
        let labels: [Pair]
        let annotations: [Pair]
    }

    /// A rule, `nil` where what is wrong with it has been noted.
    private mutating func rule(
        _ node: YAMLNode,
        groupLabels: [(String, String)]
    ) throws(YAMLError) -> Rule? {
        let fields = try node.read("a rule") { (fields) throws(YAMLError) in
            RuleFields(
                record: fields.optional("record"),
                alert: fields.optional("alert"),
                expr: fields.optional("expr"),
                hold: fields.optional("for"),
                keepFiring: fields.optional("keep_firing_for"),
                labels: try labels(fields.optional("labels")),
                annotations: try labels(fields.optional("annotations"))
            )
        }
        let before = problems.count
        let record = try fields.record?.string("the name of the recorded metric") ?? ""
        let alert = try fields.alert?.string("the name of the alert") ?? ""
        switch (record.isEmpty, alert.isEmpty) {
        case (true, true): throw node.error("the rule has no name", expected: "one of `record` and `alert`")
        case (false, false): throw node.error("the rule has two names", expected: "only one of `record` and `alert`")
        case (false, true): checkRecording(record, fields)
        case (true, false): break
        }
        for label in fields.labels { checkLabel(label) }
        for annotation in fields.annotations { checkAnnotation(annotation) }
        let query = try self.query(fields.expr, of: node)
        let kind: Rule.Kind = alert.isEmpty ? .recording : .alerting(try alerting(alert, fields, groupLabels))
        guard let query, problems.count == before else { return nil }
        return Rule(
            name: alert.isEmpty ? record : alert,
            kind: kind,
            query: query,
            labels: Labels(groupLabels + fields.labels.map { ($0.name, $0.value) }),
            location: node.location
        )
    }

    private mutating func checkRecording(_ name: String, _ fields: RuleFields) {
        for (field, node) in [("for", fields.hold), ("keep_firing_for", fields.keepFiring)] {
            if let node { note(node.error("a recording rule has `\(field)`", expected: "it in alerting rules only")) }
        }
        if let annotation = fields.annotations.first {
            let problem = "a recording rule has `annotations`"
            note(YAMLError(at: annotation.key, problem, expected: "them in alerting rules only"))
        }
        guard let node = fields.record, name.contains(where: { $0 == "{" || $0 == "}" }) else { return }
        note(node.error("`\(name)` is no metric name: it has braces", expected: "a name; selectors belong into `expr`"))
    }

    private mutating func checkLabel(_ label: Pair) {
        guard label.name.isEmpty || label.name == Labels.metricNameLabel else { return }
        note(YAMLError(at: label.key, "invalid label name: \(Quoting.quoted(label.name))", expected: "a label name"))
    }

    private mutating func checkAnnotation(_ annotation: Pair) {
        guard annotation.name.isEmpty else { return }
        note(YAMLError(at: annotation.key, "invalid annotation name: \"\"", expected: "a name"))
    }

    private mutating func query(_ node: YAMLNode?, of rule: YAMLNode) throws(YAMLError) -> Query? {
        guard let node else { throw rule.error("the rule has no `expr`", expected: "a field `expr`") }
        let text = try node.string("a PromQL expression")
        if text.isEmpty { throw node.error("`expr` is empty", expected: "a PromQL expression") }
        do {
            return try Query(parsing: text, options: options.queryOptions)
        } catch {
            var place = node.location
            if case .parse(_, let range, _) = error { place = source.location(ofByte: range.lowerBound, in: node) }
            note(YAMLError(at: place, "could not parse expression: \(error.message)"))
            return nil
        }
    }

    private mutating func alerting(
        _ name: String,
        _ fields: RuleFields,
        _ groupLabels: [(String, String)]
    ) throws(YAMLError) -> Rule.Alerting {
        let own = Set(fields.labels.map(\.name))
        var labels: [(name: String, template: AlertTemplate)] = []
        for (label, value) in groupLabels where !own.contains(label) {
            // A mistake in a label of the group is told once, at the group.
            if let template = try? AlertTemplate(value, alertName: name) { labels.append((label, template)) }
        }
        labels += templates(fields.labels, of: name, what: "label")
        return Rule.Alerting(
            holdMilliseconds: try duration(fields.hold) ?? 0,
            keepFiringMilliseconds: try duration(fields.keepFiring) ?? 0,
            labels: labels,
            annotations: templates(fields.annotations, of: name, what: "annotation")
        )
    }

    private mutating func templates(
        _ pairs: [Pair],
        of alert: String,
        what: String
    ) -> [(name: String, template: AlertTemplate)] {
        var result: [(name: String, template: AlertTemplate)] = []
        for pair in pairs {
            do {
                result.append((pair.name, try AlertTemplate(pair.value, alertName: alert)))
            } catch {
                let problem = "\(what) \(Quoting.quoted(pair.name)): \(error.message)"
                note(pair.node.error(problem, expected: "a Go template"))
            }
        }
        return result
    }

    private func labels(_ node: YAMLNode?) throws(YAMLError) -> [Pair] {
        guard let node else { return [] }
        var result: [Pair] = []
        for entry in try node.entries("a mapping of names to texts") {
            let value = try entry.value.string()
            result.append(Pair(name: entry.key, value: value, key: entry.keyLocation, node: entry.value))
        }
        return result
    }

    private func duration(_ node: YAMLNode?) throws(YAMLError) -> Int64? {
        try node?.prometheusDuration()
    }
}

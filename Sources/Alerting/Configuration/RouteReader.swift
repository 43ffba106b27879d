import Outbound
import PromQL
public import YAML

extension AlertRoute {
    /// Reads the field `route` of the configuration, in the form of Alertmanager.
    ///
    /// - Parameter receivers: The names that there are.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public init(_ node: YAMLNode, receivers: Set<String>) throws(YAMLError) {
        self = try Self.read(node, parent: nil, receivers: receivers)
    }

    private static func read(
        _ node: YAMLNode,
        parent: AlertRoute?,
        receivers: Set<String>
    ) throws(YAMLError) -> AlertRoute {
        let (route, children) = try node.read("a route") { (fields) throws(YAMLError) in
            var route = parent ?? AlertRoute(receiver: "", grouping: .labels([]))
            route.children = []
            route.continues = try fields.optional("continue")?.boolean() ?? false
            if let receiver = parent == nil ? try fields.required("receiver") : fields.optional("receiver") {
                route.receiver = try receiver.knownReceiver(receivers)
            }
            route.matchers = try fields.matchers()
            if parent == nil, !route.matchers.isEmpty {
                let place = fields.location(of: "matchers")
                throw YAMLError(at: place, "the first route has matchers", expected: "none: it takes every alert")
            }
            if let names = try fields.optional("group_by")?.strings("a label name") {
                route.grouping = names.contains("...") ? .all : .labels(names)
            }
            if let wait = try fields.optional("group_wait")?.prometheusDuration() { route.timing.groupWait = wait }
            if let wait = try fields.optional("group_interval")?.positiveDuration() {
                route.timing.groupInterval = wait
            }
            if let wait = try fields.optional("repeat_interval")?.positiveDuration() {
                route.timing.repeatInterval = wait
            }
            return (route, try fields.optional("routes")?.items("a list of routes") ?? [])
        }
        var result = route
        for child in children { result.children.append(try read(child, parent: route, receivers: receivers)) }
        return result
    }
}

extension YAMLNode {
    fileprivate func knownReceiver(_ known: Set<String>) throws(YAMLError) -> String {
        let name = try string("the name of a receiver")
        if known.contains(name) { return name }
        let names = known.sorted()
        let hint = nearestName(to: name, among: names).map { ", did you mean `\($0)`?" } ?? ""
        throw error("there is no receiver `\(name)`\(hint)", expected: "one of `receivers`")
    }
}

extension YAMLFields {
    /// The fields `matchers`, `match` and `match_re`, of which the last two are the older form.
    fileprivate mutating func matchers() throws(YAMLError) -> [LabelMatcher] {
        var result = try optional("matchers")?.matchers() ?? []
        for (name, operation) in [("match", LabelMatcher.Operation.equal), ("match_re", .matches)] {
            result += try optional(name)?.olderMatchers(operation) ?? []
        }
        return result
    }
}

extension YAMLNode {
    fileprivate func olderMatchers(_ operation: LabelMatcher.Operation) throws(YAMLError) -> [LabelMatcher] {
        var result: [LabelMatcher] = []
        for entry in try entries("a mapping of label names to values") {
            let value = try entry.value.string()
            do {
                result.append(try LabelMatcher(name: entry.key, operation: operation, value: value))
            } catch {
                throw entry.value.error(error.message, expected: "a regular expression")
            }
        }
        return result
    }
}

extension InhibitionRule {
    /// Reads the field `inhibit_rules`, in the form of Alertmanager.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public static func list(_ node: YAMLNode) throws(YAMLError) -> [InhibitionRule] {
        var rules: [InhibitionRule] = []
        for item in try node.items("a list of rules") {
            let rule = try item.read("a rule of inhibition") { (fields) throws(YAMLError) in
                InhibitionRule(
                    source: try fields.required("source_matchers").matchers(),
                    target: try fields.required("target_matchers").matchers(),
                    equal: try fields.optional("equal")?.strings("a label name") ?? []
                )
            }
            rules.append(rule)
        }
        return rules
    }
}

import Alerting
import PromQL

/// Which rules a request wants, and which page of them.
struct RuleFilter {
    private let type: String
    private let ruleNames: Set<String>
    private let groupNames: Set<String>
    private let files: Set<String>
    private let matches: [SeriesMatch]
    private let groupLimit: Int?
    private let firstGroup: String
    let excludesAlerts: Bool

    /// The groups of one page, each with the rules that are wanted; a group without any is left out.
    struct Page {
        var groups: [(group: RuleGroupEvaluation, rules: [RuleEvaluation])] = []
        /// What to ask for to get the next page, `nil` on the last one.
        var nextToken: String?
    }

    /// Reads the parameters, in the order of Prometheus, so that of several mistakes the same one is told.
    init(_ parameters: RequestParameters, options: Query.Options) throws(APIError) {
        ruleNames = Set(parameters.all("rule_name[]"))
        groupNames = Set(parameters.all("rule_group[]"))
        files = Set(parameters.all("file[]"))
        matches = try SeriesMatch.all(parameters, options: options)
        type = parameters.text("type").lowercased()
        guard ["", "alert", "record"].contains(type) else {
            throw .badParameter("type", "not supported value \(Quoting.quoted(type))")
        }
        excludesAlerts = try Self.flag("exclude_alerts", parameters)
        firstGroup = parameters.text("group_next_token")
        groupLimit = try Self.groupLimit(parameters)
        guard firstGroup.isEmpty || groupLimit != nil else {
            throw .badParameter(
                "group_next_token",
                "group_limit needs to be present in order to paginate over the groups"
            )
        }
    }

    /// A yes or no as Go reads it.
    private static func flag(_ name: String, _ parameters: RequestParameters) throws(APIError) -> Bool {
        let text = parameters.text(name)
        switch text.lowercased() {
        case "1", "t", "true": return true
        case "", "0", "f", "false": return false
        case let other:
            throw .badParameter(
                name,
                "error converting \(name): strconv.ParseBool: parsing \(Quoting.quoted(other)): invalid syntax"
            )
        }
    }

    private static func groupLimit(_ parameters: RequestParameters) throws(APIError) -> Int? {
        let text = parameters.text("group_limit")
        guard !text.isEmpty else { return nil }
        guard let limit = Int32(text) else {
            let reason = "strconv.ParseInt: parsing \(Quoting.quoted(text)): invalid syntax"
            throw .badParameter("group_limit", "group_limit needs to be a valid number: \(reason)")
        }
        guard limit > 0 else { throw .badParameter("group_limit", "group_limit needs to be greater than 0") }
        return Int(limit)
    }

    /// The page that is wanted of all groups there are.
    func page(of groups: [RuleGroupEvaluation]) throws(APIError) -> Page {
        var page = Page()
        var isFound = firstGroup.isEmpty
        for group in groups {
            let token = Self.token(of: group.group)
            isFound = isFound || token == firstGroup
            guard isFound, isWanted(group.group) else { continue }
            let rules = group.rules.filter { isWanted($0.rule) }
            guard !rules.isEmpty else { continue }
            if page.groups.count == groupLimit {
                page.nextToken = token
                break
            }
            page.groups.append((group, rules))
        }
        guard isFound else {
            throw .badParameter(
                "group_next_token",
                "invalid group_next_token '\(firstGroup)'. were rule groups changed?"
            )
        }
        return page
    }

    private func isWanted(_ group: RuleGroup) -> Bool {
        (groupNames.isEmpty || groupNames.contains(group.name)) && (files.isEmpty || files.contains(group.file))
    }

    private func isWanted(_ rule: Rule) -> Bool {
        guard type.isEmpty || (type == "alert") == (rule.alerting != nil) else { return false }
        guard ruleNames.isEmpty || ruleNames.contains(rule.name) else { return false }
        return matches.isEmpty || matches.contains { $0.matches(rule.labels) }
    }

    /// What stands for a group in `group_next_token`: its file and name in hexadecimal, so that it needs no escapes.
    private static func token(of group: RuleGroup) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = "\(group.file);\(group.name)".utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import CMD
public import Metrics
import PromQL
public import YAML

/// One step that changes the labels of what goes out, as in Prometheus.
public struct RelabelRule: Sendable {
    /// What is done.
    enum Action: String, CaseIterable, Sendable {
        case replace, keep, drop, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase, keepequal, dropequal

        static let withTarget: [Action] = [.replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal]
    }

    private let action: Action
    private let sourceLabels: [String]
    private let separator: String
    private let regex: RegularExpression
    private let targetLabel: String
    private let replacement: String
    /// What `hashmod` divides by.
    private let modulus: UInt64

    /// Reads a list of rules, as in the fields `alert_relabel_configs` and `write_relabel_configs`.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public static func list(_ node: YAMLNode) throws(YAMLError) -> [RelabelRule] {
        var rules: [RelabelRule] = []
        for item in try node.items("a list of relabelling rules") { rules.append(try RelabelRule(item)) }
        return rules
    }

    private init(_ node: YAMLNode) throws(YAMLError) {
        self = try node.read("a relabelling rule") { (fields) throws(YAMLError) in
            let action = try fields.optional("action")?.choice(of: Action.self) ?? .replace
            let target = try fields.optional("target_label")?.string("a label name") ?? ""
            if target.isEmpty, Action.withTarget.contains(action) {
                throw node.error("the action `\(action)` has no target", expected: "a field `target_label`")
            }
            let regex =
                if let given = fields.optional("regex") {
                    try given.regularExpression()
                } else {
                    try Self.anything(at: node)
                }
            return RelabelRule(
                action: action,
                sourceLabels: try fields.optional("source_labels")?.strings("a label name") ?? [],
                separator: try fields.optional("separator")?.string() ?? ";",
                regex: regex,
                targetLabel: target,
                replacement: try fields.optional("replacement")?.string() ?? "$1",
                modulus: try Self.modulus(fields.optional("modulus"), of: action, at: node)
            )
        }
    }

    private init(
        action: Action,
        sourceLabels: [String],
        separator: String,
        regex: RegularExpression,
        targetLabel: String,
        replacement: String,
        modulus: UInt64
    ) {
        self.action = action
        self.sourceLabels = sourceLabels
        self.separator = separator
        self.regex = regex
        self.targetLabel = targetLabel
        self.replacement = replacement
        self.modulus = modulus
    }

    private static func anything(at node: YAMLNode) throws(YAMLError) -> RegularExpression {
        do {
            return try RegularExpression("(.*)")
        } catch {
            throw node.error(error.message)
        }
    }

    private static func modulus(
        _ given: YAMLNode?,
        of action: Action,
        at node: YAMLNode
    ) throws(YAMLError) -> UInt64 {
        guard let given else {
            guard action == .hashmod else { return 1 }
            throw node.error("the action `hashmod` has no modulus", expected: "a field `modulus`")
        }
        let number = try given.integer("a whole number from 1")
        guard number >= 1 else { throw given.error("\(number) is too small", expected: "a whole number from 1") }
        return UInt64(number)
    }

    /// The labels after all rules, `nil` where one of them drops what has them.
    public static func apply(_ rules: [RelabelRule], to labels: Labels) -> Labels? {
        var labels = labels
        for rule in rules {
            guard let changed = rule.apply(to: labels) else { return nil }
            labels = changed
        }
        return labels
    }

    private func apply(to labels: Labels) -> Labels? {
        let source = sourceLabels.map { labels[$0] ?? "" }.joined(separator: separator)
        switch action {
        case .keep: return regex.matches(source) ? labels : nil
        case .drop: return regex.matches(source) ? nil : labels
        case .keepequal: return labels[targetLabel] ?? "" == source ? labels : nil
        case .dropequal: return labels[targetLabel] ?? "" == source ? nil : labels
        case .lowercase: return labels.setting(targetLabel, source.lowercased())
        case .uppercase: return labels.setting(targetLabel, source.uppercased())
        case .hashmod: return labels.setting(targetLabel, "\(Self.hash(source) % modulus)")
        case .labeldrop: return labels.dropping(labels.pairs.map(\.name).filter { regex.matches($0) })
        case .labelkeep: return labels.dropping(labels.pairs.map(\.name).filter { !regex.matches($0) })
        case .labelmap:
            return labels.pairs.reduce(labels) { result, pair in
                regex.expand(replacement, matching: pair.name).map { result.setting($0, pair.value) } ?? result
            }
        case .replace:
            guard let target = regex.expand(targetLabel, matching: source), Labels.isLabelName(target) else {
                return labels
            }
            return labels.setting(target, regex.expand(replacement, matching: source) ?? "")
        }
    }

    /// The last eight bytes of the text's MD5, the highest first: `hashmod` of Prometheus' `model/relabel/relabel.go`.
    private static func hash(_ text: String) -> UInt64 {
        var context = MD5_CTX()
        var digest = [UInt8](repeating: 0, count: Int(MD5_DIGEST_LENGTH))
        var text = text
        MD5Init(&context)
        text.withUTF8 { MD5Update(&context, $0.baseAddress, $0.count) }
        MD5Final(&digest, &context)
        return digest.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension RelabelRule: Equatable {
    /// Whether both do the same to all labels.
    public static func == (left: RelabelRule, right: RelabelRule) -> Bool {
        left.action == right.action && left.sourceLabels == right.sourceLabels && left.separator == right.separator
            && left.regex.pattern == right.regex.pattern && left.targetLabel == right.targetLabel
            && left.replacement == right.replacement && left.modulus == right.modulus
    }
}

extension YAMLNode {
    fileprivate func regularExpression() throws(YAMLError) -> RegularExpression {
        let text = try string("a regular expression")
        do {
            return try RegularExpression(text)
        } catch {
            throw self.error(error.message, expected: "a regular expression")
        }
    }
}

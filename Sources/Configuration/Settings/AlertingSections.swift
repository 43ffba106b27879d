public import YAML

/// The sections of the file about alerts, as they stand there: what they mean is the business of alerting.
public struct AlertingSections: Sendable {
    /// The Alertmanagers that get every alert.
    public var alertmanagers: YAMLNode?
    /// Who else is told.
    public var receivers: YAMLNode?
    /// Who of them is told what.
    public var route: YAMLNode?
    /// Which alerts keep others back.
    public var inhibitRules: YAMLNode?
    /// Changes to alerts of the rule files.
    public var ruleOverrides: YAMLNode?
    /// Labels that are added to all alerts that are told.
    public var externalLabels: YAMLNode?

    static let keys: [Key<AlertingSections>] = [
        Key("alertmanagers", \.alertmanagers, ValueReader.section),
        Key("receivers", \.receivers, ValueReader.section),
        Key("route", \.route, ValueReader.section),
        Key("inhibit_rules", \.inhibitRules, ValueReader.section),
        Key("rule_overrides", \.ruleOverrides, ValueReader.section),
        Key("external_labels", \.externalLabels, ValueReader.section),
    ]

    /// Says nothing.
    public init() {}
}

extension ValueReader {
    /// A section as it stands there.
    func section(_ node: YAMLNode) throws(YAMLError) -> YAMLNode {
        node
    }
}

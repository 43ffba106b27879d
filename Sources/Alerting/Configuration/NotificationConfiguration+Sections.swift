import Outbound
public import YAML

extension NotificationConfiguration {
    /// Adds what the sections of a configuration file say; those that are not there are `nil`.
    /// - Throws: `YAMLError` with the place of what is wrong.
    public mutating func add(
        alertmanagers: YAMLNode?,
        receivers: YAMLNode?,
        route: YAMLNode?,
        inhibitRules: YAMLNode?,
        externalLabels: YAMLNode?
    ) throws(YAMLError) {
        if let alertmanagers { self.alertmanagers += try Alertmanager.list(alertmanagers) }
        if let receivers {
            guard self.receivers.isEmpty else {
                let problem = "there are receivers here and webhooks on the command line"
                throw receivers.error(problem, expected: "one of both")
            }
            self.receivers = try Receiver.list(receivers)
        }
        if let route { self.route = try AlertRoute(route, receivers: Set(self.receivers.map(\.name))) }
        if let inhibitRules { inhibitions = try InhibitionRule.list(inhibitRules) }
        if let externalLabels {
            externals = TemplateExternals(labels: try externalLabels.labelPairs(), url: externals.url)
        }
    }
}

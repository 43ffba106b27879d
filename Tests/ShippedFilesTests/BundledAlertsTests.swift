import Alerting
import BundledRules
import Testing

/// What each bundled alert owes to whoever gets it.
@Suite("Bundled alerts")
struct BundledAlertsTests {
    private static let sections = [
        "## What it means", "## Impact", "## Confirm", "## Likely causes", "## What to do", "## Prevent",
    ]
    private let rules: [(topic: String, rule: Rule)]

    init() throws {
        let files = RuleFiles()
        rules = try BundledRules.files.flatMap { name, bytes in
            try files.parse(bytes, file: name).flatMap(\.rules).map {
                (String(name.prefix { $0 != "." }), $0)
            }
        }
    }

    private func text(_ entries: [(name: String, template: AlertTemplate)], _ name: String) -> String? {
        entries.first { $0.name == name }?.template.text
    }

    @Test("Every alert says how severe it is, its topic, what happens, and where the runbook and the panel are")
    func labels() throws {
        for (topic, rule) in rules {
            guard let alert = rule.alerting else { continue }
            let severity = try #require(text(alert.labels, "severity"))
            let known = rule.name == "Watchdog" ? ["none"] : ["info", "warning", "critical"]
            #expect(known.contains(severity), "\(rule.name): \(severity)")
            #expect(text(alert.labels, "topic") == topic, "\(rule.name)")
            #expect(text(alert.annotations, "summary")?.isEmpty == false, "\(rule.name)")
            #expect(text(alert.annotations, "description")?.isEmpty == false, "\(rule.name)")
            #expect(text(alert.annotations, "runbook_url") == "/runbooks/\(rule.name)")
            #expect(text(alert.annotations, "dashboard")?.hasPrefix("/d/redstart-") == true, "\(rule.name)")
        }
    }

    @Test("Every runbook has all sections in their order, and three commands to confirm the alert with")
    func runbooks() throws {
        for (alert, bytes) in BundledRules.runbooks {
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(lines.filter { $0.hasPrefix("## ") } == Self.sections, "\(alert)")
            let confirm = try #require(lines.firstIndex(of: "## Confirm"), "\(alert)")
            let commands = lines[confirm...].dropFirst(2).prefix { $0 != "```" }
            #expect(commands.count >= 3, "\(alert): \(commands)")
        }
    }

    @Test("What an alert keeps back is bundled, too")
    func symptoms() {
        let alerts = Set(rules.filter { $0.rule.alerting != nil }.map(\.rule.name))
        #expect(InhibitionRule.standard.count == InhibitionRule.symptoms.count + 1)
        for (cause, symptoms) in InhibitionRule.symptoms {
            #expect(alerts.isSuperset(of: symptoms + [cause]), "\(cause)")
            #expect(!symptoms.contains(cause))
        }
        let causes = rules.filter { $0.topic == "correlation" && $0.rule.alerting != nil }.map(\.rule.name)
        #expect(Set(InhibitionRule.symptoms.map(\.cause)).isSuperset(of: causes))
    }
}

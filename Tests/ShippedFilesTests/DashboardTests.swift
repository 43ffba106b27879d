import Alerting
import BundledRules
import FoundationEssentials
import PromQL
import Testing
import YAML

@Suite("Dashboards")
struct DashboardTests {
    private let dashboards: [String: Dashboard]
    private let alerts: [String: Rule]

    init() throws {
        dashboards = try Dashboard.all()
        let rules = try BundledRules.files.flatMap { try RuleFiles().parse($0.bytes, file: $0.name).flatMap(\.rules) }
        alerts = Dictionary(rules.filter { $0.alerting != nil }.map { ($0.name, $0) }) { first, _ in first }
    }

    @Test("There are eight, each with an identifier and variables of its own")
    func identity() {
        #expect(
            dashboards.keys.sorted() == [
                "alerts", "cluster", "fleet", "latency", "memory", "node", "replication", "self",
            ])
        for (name, dashboard) in dashboards {
            #expect(dashboard.uid == "redstart-\(name)" && dashboard.schemaVersion >= 39)
            let variables = dashboard.templating.list.map(\.name)
            #expect(
                variables == ["datasource", "deployment", "env", "role", "shard", "instance", "redstart"], "\(name)")
        }
    }

    @Test("Every panel has a unit, a description, queries of the chosen data source, and a place of its own")
    func panels() {
        for (name, dashboard) in dashboards {
            let panels = dashboard.panels
            #expect(Set(panels.map(\.id)).count == panels.count, "\(name)")
            #expect(Set(panels.map(\.title)).count == panels.count, "\(name)")
            for (index, panel) in panels.enumerated() {
                #expect(!panel.fieldConfig.defaults.unit.isEmpty, "\(name): \(panel.title)")
                #expect(panel.description.hasSuffix(".") && panel.description.count > 20, "\(name): \(panel.title)")
                #expect(!panel.targets.isEmpty && panel.targets.allSatisfy { $0.datasource.uid == "${datasource}" })
                #expect(Set(panel.targets.map(\.refId)).count == panel.targets.count)
                #expect(panel.gridPos.x >= 0 && panel.gridPos.x + panel.gridPos.w <= 24 && panel.gridPos.h > 0)
                for other in panels[..<index] {
                    #expect(!panel.gridPos.overlaps(other.gridPos), "\(name): \(panel.title) and \(other.title)")
                }
            }
        }
    }

    @Test("Every alert leads to a panel, and that to the alert's runbook")
    func links() throws {
        for (name, rule) in alerts {
            let settings = try #require(rule.alerting)
            let link = try #require(settings.annotations.first { $0.name == "dashboard" }?.template.text)
            let words = link.split { "/?&=".contains($0) }
            try #require(words.count >= 4 && words[0] == "d" && words[2] == "viewPanel", "\(name): \(link)")
            let dashboard = try #require(dashboards[String(words[1].dropFirst("redstart-".count))], "\(name): \(link)")
            let panel = try #require(dashboard.panels.first { String($0.id) == words[3] }, "\(name): \(link)")
            #expect(panel.links.map(\.url).contains("${redstart}/runbooks/\(name)"), "\(name): \(panel.title)")
        }
        for panel in dashboards.values.flatMap(\.panels) {
            for link in panel.links {
                let alert = try #require(link.url.split(separator: "/").last)
                #expect(alerts[String(alert)] != nil, "\(panel.title): \(link.url)")
            }
        }
    }

    @Test("Every threshold is a number that an alert of the panel compares with")
    func thresholds() throws {
        var count = 0
        for panel in dashboards.values.flatMap(\.panels) {
            let expressions = panel.links.compactMap { alerts[String($0.url.split(separator: "/").last ?? "")] }
                .map(\.query.description)
            for value in panel.fieldConfig.defaults.thresholds.steps.compactMap(\.value) {
                count += 1
                let known = expressions.flatMap { Self.limits(in: $0) }
                #expect(known.contains { abs($0 - value) < 1e-9 }, "\(panel.title): \(value) is none of \(known)")
            }
        }
        #expect(count > 30)
    }

    /// The numbers that an expression compares with: `14.4 * 0.001` is one.
    private static func limits(in expression: String) -> [Double] {
        expression.split { $0 == "<" || $0 == ">" }.dropFirst().map { rest in
            var product: Double?
            for word in rest.split(whereSeparator: \.isWhitespace) {
                if word == "*" { continue }
                guard let factor = Double(word.prefix { $0.isNumber || $0 == "." || $0 == "e" }) else { break }
                product = (product ?? 1) * factor
                if word.contains(")") { break }
            }
            return product ?? .nan
        }
    }

    @Test("What the file for Alertmanager says is what Redstart does without being told")
    func inhibition() throws {
        let path = "\(Dashboard.root)/deploy/alertmanager/inhibit_rules.yml"
        let bytes = try #require(FileManager.default.contents(atPath: path))
        let node = try #require(try YAMLDocument.parse(Array(bytes), file: path))
        let entry = try #require(try node.entries("a mapping").first { $0.key == "inhibit_rules" })
        let rules = try InhibitionRule.list(entry.value)
        func text(_ rule: InhibitionRule) -> String {
            [rule.source, rule.target].map { $0.map(\.description).joined(separator: ",") }.joined(separator: " => ")
                + rule.equal.joined()
        }
        #expect(rules.map(text) == InhibitionRule.standard.map(text))
    }
}

import Alerting
import BundledRules
import FoundationEssentials
import Testing

@Suite("The page of alerts")
struct AlertsPageTests {
    private static func text(_ path: String) throws -> String {
        String(decoding: try #require(FileManager.default.contents(atPath: "\(Dashboard.root)/\(path)")), as: UTF8.self)
    }

    @Test("It has every alert once, with its severity and a fault test that is there, or the reason why there is none")
    func complete() throws {
        var rows: [String: [String]] = [:]
        for line in try Self.text("docs/alerts.md").split(separator: "\n") where line.contains("](../rules/runbooks/") {
            let cells = line.split(separator: "|").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init)
            let name = cells[0].split { "[]".contains($0) }.first.map(String.init) ?? ""
            #expect(rows[name] == nil, "\(name) is there twice")
            rows[name] = cells
        }
        let rules = try BundledRules.files.flatMap { try RuleFiles().parse($0.bytes, file: $0.name).flatMap(\.rules) }
        let alerts = rules.filter { $0.alerting != nil }
        #expect(Set(rows.keys) == Set(alerts.map(\.name)))
        for alert in alerts {
            let cells = try #require(rows[alert.name], "\(alert.name)")
            let severity = alert.alerting?.labels.first { $0.name == "severity" }?.template.text
            #expect(cells.count == 5 && cells[1].hasPrefix(severity ?? "?"), "\(cells)")
            guard !cells[4].hasPrefix("unit test only: ") else { continue }
            let path = try #require(cells[4].split { "()".contains($0) }.dropFirst().first, "\(cells)")
            let test = try Self.text(String(path.dropFirst("../".count)))
            #expect(test.contains("\"\(alert.name)\"") || test.contains("\"\(alert.name) fires\""), "\(alert.name)")
        }
    }
}

import FoundationEssentials
import TestServers
import Testing

/// A query of a dashboard, with the variables of Grafana filled in.
private struct PanelQuery {
    /// Dashboard and panel, or dashboard and variable.
    let place: String
    let expression: String
    /// Why it gives nothing in a fleet that is well; `nil` when it does.
    var reasonForNothing: String? {
        Self.empty.first { place == $0.place && expression.contains($0.expression) }?.reason
    }

    static let empty: [(place: String, expression: String, reason: String)] = [
        ("Redis: alerts and service level, Longer windows", "", "there is no day of history yet"),
        ("Redis: Cluster, Contradictions", "", "the nodes agree"),
        ("Redis: replication and Sentinel, Contradictions", "", "the nodes agree"),
        ("Redis: replication and Sentinel, Duration of failovers", "", "there was no failover"),
        ("Redis: memory, Refused for lack of memory", "", "nothing was refused"),
        ("Redstart itself, Why polls fail", "", "all polls work"),
        ("Redstart itself, Messages", "notifications_failed", "all messages arrive"),
        ("Redstart itself, State", "redstart_state_problem", "nothing is wrong with the state"),
    ]
}

/// A dashboard as far as it asks for data.
private struct Dashboard: Decodable {
    struct Panel: Decodable {
        struct Target: Decodable {
            let expr: String
        }
        let title: String
        let targets: [Target]
    }
    struct Templating: Decodable {
        struct Variable: Decodable {
            let name: String
            let definition: String?
        }
        let list: [Variable]
    }
    let title: String
    let panels: [Panel]
    let templating: Templating

    var queries: [PanelQuery] {
        let ofPanels = panels.flatMap { panel in
            panel.targets.map { PanelQuery(place: "\(title), \(panel.title)", expression: Self.filledIn($0.expr)) }
        }
        let ofVariables = templating.list.compactMap { variable in
            variable.definition.map {
                PanelQuery(
                    place: "\(title), variable \(variable.name)",
                    expression: Self.filledIn(Self.expression(ofVariable: $0))
                )
            }
        }
        return ofPanels + ofVariables
    }

    /// The expression in `label_values(EXPRESSION, label)` or `query_result(EXPRESSION)`.
    private static func expression(ofVariable definition: String) -> String {
        let inner = definition.drop { $0 != "(" }.dropFirst().dropLast()
        guard definition.hasPrefix("label_values"), let comma = inner.lastIndex(of: ",") else { return String(inner) }
        return String(inner[..<comma])
    }

    private static func filledIn(_ expression: String) -> String {
        // There is no ten minutes ago, and six seconds ago is ten minutes by rules in a hurry.
        let hasty = expression.contains(" offset ") ? HastyRules.shortened(expression) : expression
        return ["instance", "deployment", "env", "role", "shard"].reduce(
            hasty.replacing("$__rate_interval", with: "1m")
        ) { $0.replacing("$\($1)", with: ".*") }
    }
}

@Suite("Dashboards", .timeLimit(.minutes(6)))
struct DashboardTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    private func queries() throws -> [PanelQuery] {
        let folder = "\(Self.root)/dashboards"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
        return try names.sorted().flatMap { name in
            let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            return try JSONDecoder().decode(Dashboard.self, from: data).queries
        }
    }

    @Test("Every query shows something of a fleet that is well, or is known to have nothing to show there")
    func data() async throws {
        let all = try queries()
        #expect(all.count > 100)
        let fleet = try await HealthyFleet.start(isLoaded: true, ["--latency-monitor-threshold", "1"])
        let certificates = try TestCertificates()
        let newer = try await ServerVersion.redis8.start()
        let secured = try await certificates.startServer()
        let target = "rediss://localhost:\(secured.port)"
        let authority = certificates.file("ca.crt")
        let receiver = try HTTPReceiver()
        // For the slow log and the latency monitor, and for whoever watches dangerous commands.
        try fleet.alone.tell("KEYS", "none")
        try fleet.alone.tell("EVAL", "local i = 0 while i < 3000000 do i = i + 1 end", "0")
        let daemon = try await RuledDaemon.start(
            fleet.targets + [newer.address, "{address: '\(target)', tls: {ca_file: '\(authority)'}}"],
            configuration: ["include_system_metrics: true"],
            arguments: ["--webhook.url", "http://127.0.0.1:\(receiver.port)/", "--notify-group-wait", "1s"]
        )
        var without = all.filter { $0.reasonForNothing == nil }
        // The longest waits are for two polls of Redstart itself, and for half an hour of the past: 18 seconds here.
        try? await eventually("every panel has data", seconds: 120, every: .milliseconds(500)) {
            try without.removeAll { try !daemon.query($0.expression).isEmpty }
            return without.isEmpty
        }
        for query in without { Issue.record("\(query.place) shows nothing: \(query.expression)") }
        for query in all where query.reasonForNothing != nil {
            let shown = try daemon.query(query.expression).map { "\($0.labels)" }
            #expect(shown.isEmpty, "\(query.place), but: \(query.reasonForNothing ?? "")")
        }
        for known in PanelQuery.empty {
            #expect(all.contains { $0.place == known.place && $0.expression.contains(known.expression) }, "\(known)")
        }
    }

    @Test("Every query names only metrics that exist or that rules record")
    func knownMetrics() async throws {
        let directory = try TemporaryDirectory()
        let rules = try queries().enumerated().map { index, query in
            "      - record: 'panel:query:\(index)'\n        expr: '\(query.expression.replacing("'", with: "''"))'\n"
        }
        let file = try directory.write(
            "groups:\n  - name: panels\n    rules:\n" + rules.joined(), to: "panels.rules.yml")
        let report = try await RedstartProcess.run(["rules", "check", "--strict", file, "\(Self.root)/rules"])
        #expect(report.code == 0, "\(report.output)")
    }
}

import FoundationEssentials
import Glibc
import TestServers
import Testing

/// A server alone, a master with a replica and three Sentinels, and a cluster of six, with something to do.
private struct HealthyFleet {
    let alone: RedisServer
    let idle: RedisServer
    let master: RedisServer
    let replica: RedisServer
    let sentinels: [RedisServer]
    let cluster: RedisCluster
    let load: [ServerProcess]

    static func start() async throws -> HealthyFleet {
        let alone = try await RedisServer.start(["--maxmemory", "100mb", "--appendonly", "yes", "--save", "3600 1"])
        let idle = try await RedisServer.start()
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let replica = try await master.replica()
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            sentinels.append(
                try await RedisServer.startSentinel(["sentinel monitor shop 127.0.0.1 \(master.port) 2"]))
        }
        let cluster = try await RedisCluster.start()
        let work = """
            for i = 1, 20 do
                local key = KEYS[1] .. math.random(1, 500) .. '}'
                redis.call('set', key, string.rep('x', 100), 'ex', 300)
                redis.call('get', key)
            end
            """
        let load =
            try [alone, master].map { try $0.load("EVAL", work, "1", "{") }
            + [try cluster.nodes[0].load("-c", "SET", "{a}", "1")]
        return HealthyFleet(
            alone: alone, idle: idle, master: master, replica: replica, sentinels: sentinels, cluster: cluster,
            load: load)
    }

    var targets: [String] {
        [
            alone.address, idle.address, "{address: 'sentinel://\(sentinels[0].address)/shop', name: shop}",
            "cluster://\(cluster.nodes[0].address)",
        ]
    }
}

/// A panel's query with the variables of Grafana filled in.
private struct PanelQuery {
    let panel: String
    let expression: String
    /// Whether the panel says that it may be empty.
    let mayBeEmpty: Bool
}

@Suite("A healthy fleet", .timeLimit(.minutes(15)))
struct HealthyFleetTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable {
                let expr: String
            }
            let title: String
            let description: String
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
    }

    /// The expression in `label_values(EXPRESSION, label)` or `query_result(EXPRESSION)`.
    private static func expression(ofVariable definition: String) -> String {
        let inner = definition.drop { $0 != "(" }.dropFirst().dropLast()
        guard definition.hasPrefix("label_values"), let comma = inner.lastIndex(of: ",") else { return String(inner) }
        return String(inner[..<comma])
    }

    private static func filledIn(_ expression: String) -> String {
        ["instance", "deployment", "env", "role", "shard"].reduce(
            expression.replacing("$__rate_interval", with: "1m")
        ) { $0.replacing("$\($1)", with: ".*") }
    }

    private func queries() throws -> [PanelQuery] {
        let folder = "\(Self.root)/dashboards"
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
            .flatMap { name in
                let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
                let dashboard = try JSONDecoder().decode(Dashboard.self, from: data)
                let panels = dashboard.panels.flatMap { panel in
                    panel.targets.map { target in
                        PanelQuery(
                            panel: "\(dashboard.title), \(panel.title)", expression: Self.filledIn(target.expr),
                            mayBeEmpty: panel.description.contains("empty")
                        )
                    }
                }
                let variables = dashboard.templating.list.compactMap { variable in
                    variable.definition.map {
                        PanelQuery(
                            panel: "\(dashboard.title), variable \(variable.name)",
                            expression: Self.filledIn(Self.expression(ofVariable: $0)), mayBeEmpty: false
                        )
                    }
                }
                return panels + variables
            }
    }

    @Test("Nothing fires but the Watchdog, and every panel of the dashboards shows something", .longFault)
    func fleet() async throws {
        let fleet = try await HealthyFleet.start()
        let hasty = try await RuledDaemon.start(fleet.targets)
        // The rules as they are.
        let usual = try await RedstartProcess.serve(
            ["--poll-interval", "1s", "cluster://\(fleet.cluster.nodes[1].address)"]
                + [fleet.alone.address, fleet.idle.address, "sentinel://\(fleet.sentinels[1].address)/shop"])
        let seconds = getenv("REDSTART_HEALTHY_SECONDS").flatMap { Int(String(cString: $0)) } ?? 60
        let start = ContinuousClock.now
        try await showsAll(hasty)
        try await Task.sleep(until: start + .seconds(seconds))
        let daemon = RuledDaemon(redstart: usual, directory: usual.process.directory)
        let nodes = try daemon.query("count(redis_up == 1)").first?.value
        #expect(nodes == 13)
        let fired = try daemon.query(
            "count_over_time(ALERTS{alertstate=\"firing\", alertname!=\"Watchdog\"}[1h])"
        ).map { "\($0.labels)" }
        #expect(fired.isEmpty, "\(fired.joined(separator: "\n"))")
        #expect(try daemon.alerts("Watchdog", [:]).count == 1)
    }

    private func showsAll(_ daemon: RuledDaemon) async throws {
        let all = try queries()
        #expect(all.count > 100)
        var without = all.filter { !$0.mayBeEmpty }
        try? await eventually("every panel has data", seconds: 60, every: .milliseconds(500)) {
            try without.removeAll { try !daemon.query($0.expression).isEmpty }
            return without.isEmpty
        }
        for query in without { Issue.record("\(query.panel) shows nothing: \(query.expression)") }
        // What may be empty is a query that works, too.
        for query in all where query.mayBeEmpty { _ = try daemon.query(query.expression) }
    }

    @Test("Every query of the dashboards names only metrics that exist or that rules record")
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

import FoundationEssentials
import TestServers

/// An alert, as the API tells it.
struct FiringAlert: Decodable, Sendable {
    let labels: [String: String]
    let annotations: [String: String]
    let state: String
}

/// A daemon that evaluates the bundled rules once a second.
struct RuledDaemon: Sendable {
    let redstart: RedstartProcess
    let directory: TemporaryDirectory

    /// Watches the targets, each an address or an entry of the configuration file, with rules in a hurry: all their times
    /// are divided by that number.
    static func start(
        _ targets: [String],
        hurry: Int = 100,
        changes: [(old: String, new: String)] = [],
        configuration: [String] = [],
        arguments: [String] = []
    ) async throws -> RuledDaemon {
        let directory = try TemporaryDirectory()
        let rules = try HastyRules.write(to: directory, hurry: hurry, changes: changes)
        let lines =
            [
                "rule_files: ['\(rules)']", "evaluation_interval: 1s", "discovery_interval: 1s",
                "defaults: {poll_interval: 300ms, timeout: 2s}",
            ] + configuration + ["targets:"]
            + targets.map { $0.hasPrefix("{") ? "  - \($0)" : "  - {address: '\($0)'}" }
        let file = try directory.write(lines.joined(separator: "\n") + "\n", to: "redstart.yml")
        let redstart = try await RedstartProcess.serve(["--config.file", file] + arguments, in: directory)
        try await eventually("the daemon has polled all") { try redstart.get("/-/ready").status == 200 }
        return RuledDaemon(redstart: redstart, directory: directory)
    }

    private struct Answer: Decodable {
        struct Data: Decodable {
            let alerts: [FiringAlert]
        }
        let data: Data
    }

    /// The alerts that fire.
    func alerts() throws -> [FiringAlert] {
        let body = Bytes(try redstart.get("/api/v1/alerts").body)
        return try JSONDecoder().decode(Answer.self, from: body).data.alerts.filter { $0.state == "firing" }
    }

    /// Those that fire with these labels among theirs.
    func alerts(_ name: String, _ labels: [String: String]) throws -> [FiringAlert] {
        try alerts().filter { alert in
            alert.labels["alertname"] == name && labels.allSatisfy { alert.labels[$0.key] == $0.value }
        }
    }
}

private typealias Bytes = FoundationEssentials.Data

extension RuledDaemon {
    private struct Values: Decodable {
        struct Data: Decodable {
            struct Series: Decodable {
                let metric: [String: String]
                let value: [Value]
            }
            let result: [Series]
        }
        /// A time or a value: the one a number, the other a text.
        struct Value: Decodable {
            let number: Double

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    self.number = number
                } else {
                    number = Double(try container.decode(String.self)) ?? .nan
                }
            }
        }
        let data: Data
    }

    /// What an expression gives: labels and value of each series.
    func query(_ expression: String) throws -> [(labels: [String: String], value: Double)] {
        let encoded = expression.utf8.map { byte in
            let text = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "%0\(text)" : "%\(text)"
        }
        let answer = try redstart.get("/api/v1/query?query=\(encoded.joined())")
        guard answer.status == 200 else { throw TestServerError("\(expression): \(answer.text)") }
        return try JSONDecoder().decode(Values.self, from: Bytes(answer.body)).data.result.map {
            ($0.metric, $0.value.last?.number ?? .nan)
        }
    }

    /// The value of the server's series of a name, `nil` where there is none.
    func value(_ name: String, _ server: RedisServer) throws -> Double? {
        try query("\(name){instance=\"\(server.address)\"}").first?.value
    }

    /// Waits until an expression gives something: until there is as much past as a rule compares the present with.
    func waitForValue(of expression: String) async throws {
        try await eventually("a value of \(expression)", every: .milliseconds(200)) { try !query(expression).isEmpty }
    }

    /// Waits until three masters and three replicas are known, and nothing fires.
    func knows(_ cluster: RedisCluster) async throws {
        try await eventually("three masters and three replicas", seconds: 60, every: .milliseconds(100)) {
            let roles = try query("redstart_node_info").map { $0.labels["role"] ?? "" }
            return roles.count { $0 == "master" } == 3 && roles.count { $0 == "replica" } == 3
        }
        try await eventually("all is well", seconds: 60, every: .milliseconds(100)) {
            try query("redis_cluster_state == 1").count == cluster.nodes.count
                && alerts().allSatisfy { ["none", "info"].contains($0.labels["severity"]) }
        }
    }
}

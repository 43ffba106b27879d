import RedisClient
import TestServers
import Testing

/// Servers that tell wrong things about other servers.
private enum Liar {
    /// A Sentinel that names a master at an address, with replicas and other Sentinels.
    static func sentinel(master: String, replicas: [String], sentinels: [String]) throws -> PuppetServer {
        try PuppetServer { words in
            switch words.prefix(words.first == "INFO" ? 1 : 2) {
            case ["INFO"]: WireReply.string(info(mode: "sentinel") + "# Sentinel\r\nsentinel_masters:1\r\n")
            case ["SENTINEL", "MASTERS"]:
                WireReply.array([entry(master, ["name", "m", "flags", "master", "quorum", "1"])])
            case ["SENTINEL", "REPLICAS"], ["SENTINEL", "SLAVES"]:
                WireReply.array(replicas.map { entry($0, ["flags", "slave", "master-link-status", "ok"]) })
            case ["SENTINEL", "SENTINELS"]: WireReply.array(sentinels.map { entry($0, ["flags", "sentinel"]) })
            case ["PSUBSCRIBE", "*"]: WireReply.array([WireReply.strings(["psubscribe", "*"]), ":1\r\n"])
            default: "+OK\r\n"
            }
        }
    }

    /// A node of a cluster that answers `CLUSTER NODES` and `CLUSTER SHARDS` with some text.
    static func clusterNode(_ nodes: String, shards: String) throws -> PuppetServer {
        try PuppetServer { words in
            switch words.prefix(words.first == "INFO" ? 1 : 2) {
            case ["INFO"]: WireReply.string(info(mode: "cluster") + "# Cluster\r\ncluster_enabled:1\r\n")
            case ["CLUSTER", "NODES"]: WireReply.string(nodes)
            case ["CLUSTER", "SHARDS"]: shards
            case ["CLUSTER", "INFO"]: WireReply.string("cluster_state:ok\r\ncluster_size:many\r\n")
            default: "+OK\r\n"
            }
        }
    }

    private static func info(mode: String) -> String {
        "# Server\r\nredis_version:7.0.15\r\nredis_mode:\(mode)\r\nrun_id:\(String(repeating: "a", count: 40))\r\n"
    }

    private static func entry(_ address: String, _ fields: [String]) -> String {
        let parts = address.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return WireReply.strings(["ip", parts[0], "port", parts[1]] + fields)
    }
}

@Suite("Servers that lie about others", .timeLimit(.minutes(6)))
struct LyingServerTests {
    @Test("A Sentinel that names a replica, itself, black holes and nonsense changes no role")
    func sentinel() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let replica = try await RedisServer.start(["--replicaof", "127.0.0.1", "\(master.port)"])
        let hole = try BlackHole(connects: true)
        let nonsense = [
            "host with spaces:1", "127.0.0.1:0", "127.0.0.1:99999999999999999999", ":6379", "?:1", "a\"b\\:1",
        ]
        let liar = try Liar.sentinel(
            master: replica.address,
            replicas: [master.address, replica.address, "127.0.0.1:\(hole.port)"] + nonsense,
            sentinels: [master.address, "127.0.0.1:\(hole.port)"] + nonsense
        )
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "1s", "--connection-timeout", "1s", "sentinel://\(liar.address)/m"]
        )
        try await eventually("both real servers are watched in their own roles") {
            let text = try redstart.get("/metrics").text
            return role("replica", of: replica, in: text) && role("master", of: master, in: text)
        }
        let text = try redstart.get("/metrics").text
        #expect(text.contains("\nredis_up{instance=\"127.0.0.1:\(hole.port)\"} 0\n"))
        #expect(!text.contains("spaces") && !text.contains("instance=\"127.0.0.1:0\""))
        #expect(redstart.process.isRunning)
    }

    @Test(
        "A Sentinel that lists a thousand replicas that are not there delays no node that is", .timeLimit(.minutes(6)))
    func manyReplicas() async throws {
        let master = try await RedisServer.start()
        let closed = (1...1000).map { "127.1.\($0 / 250).\($0 % 250 + 1):1" }
        let liar = try Liar.sentinel(master: master.address, replicas: closed, sentinels: [])
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "5s", "--connection-timeout", "1s", "sentinel://\(liar.address)/m"]
        )
        try await eventually("the master is watched beside them", seconds: 60) {
            let text = try redstart.get("/metrics").text
            return role("master", of: master, in: text) && text.contains("\nredis_up{instance=\"127.1.0.2:1\"} 0\n")
        }
        #expect(redstart.process.isRunning)
    }

    @Test(
        "A node of a cluster that says nonsense about it is watched all the same",
        arguments: [
            ("garbage\nmore garbage", "garbage"),
            ("", "*0\r\n"),
            (
                String(repeating: "f", count: 40) + " 127.0.0.1:1@1 myself,master - 0 0 1 connected 0-99999 x-y [1->-",
                ":1\r\n"
            ),
            (
                String(repeating: "f", count: 40) + " :0@0 master",
                WireReply.array([WireReply.array([":1\r\n", ":2\r\n"])])
            ),
            (String(repeating: "\u{FFFD} ", count: 4000), "*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n"),
        ]
    )
    func clusterNode(nodes: String, shards: String) async throws {
        let liar = try Liar.clusterNode(nodes, shards: shards)
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "1s", "--connection-timeout", "1s", "cluster://\(liar.address)"]
        )
        let polls = "redstart_node_polls_total{instance=\"\(liar.address)\"} "
        try await eventually("the third poll") {
            let text = try redstart.get("/metrics").text
            let line = text.split(separator: "\n").first { $0.hasPrefix(polls) }
            return (line.flatMap { Double($0.dropFirst(polls.count)) } ?? 0) >= 3
        }
        #expect(redstart.process.isRunning)
    }

    private func role(_ role: String, of server: RedisServer, in text: String) -> Bool {
        let ofServer = text.split(separator: "\n").filter {
            $0.hasPrefix("redstart_node_info{") && $0.contains("instance=\"\(server.address)\"")
        }
        return ofServer.count == 1 && ofServer[0].contains("role=\"\(role)\"")
    }
}

import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

@Suite("Heavy checks in a cluster", .serialized, .timeLimit(.minutes(6)))
struct ClusterCheckTests {
    /// Three masters with ten strings, one list and one stream spread over them.
    private func cluster() async throws -> [RedisServer] {
        var nodes: [RedisServer] = []
        for _ in 0..<3 {
            nodes.append(
                try await RedisServer.start(["--cluster-enabled", "yes", "--cluster-port", "\(try freePort())"])
            )
        }
        let arguments = ["--cluster", "create"] + nodes.map(\.address) + ["--cluster-replicas", "0", "--cluster-yes"]
        let creation = try ServerProcess("redis-cli", arguments, in: try TemporaryDirectory())
        #expect(try await creation.exitCode(seconds: 60) == 0, "\(creation.log)")
        for node in nodes {
            try await eventually("the node knows all slots", seconds: 60) {
                (try? await node.run("CLUSTER INFO").text.contains("cluster_state:ok")) ?? false
            }
        }
        let commands =
            (0..<10).map { ["SET", "key:\($0)", "\($0)"] } + [["RPUSH", "list", "a", "b"]]
            + [["XADD", "stream", "1-1", "a", "1"]]
        for command in commands {
            let client = try ServerProcess(
                "redis-cli", ["-c", "-p", "\(nodes[0].port)"] + command, in: try TemporaryDirectory())
            #expect(try await client.exitCode() == 0, "\(client.log)")
            #expect(!client.log.contains("CLUSTERDOWN"))
        }
        return nodes
    }

    @Test("One node is asked and every key is found, wherever it lives; a missing key has no series")
    func followed() async throws {
        let nodes = try await cluster()
        let names = (0..<10).map { "key:\($0)" }.joined(separator: ",")
        let values = try await CheckedFleet.once(nodes[0]) { options in
            options.singleKeys = try KeySelector.list("\(names),list,missing")
            options.singleStreams = try KeySelector.list("stream")
            options.isCluster = true
        }
        for number in 0..<10 {
            #expect(values["redis_key_value{db=\"db0\", key=\"key:\(number)\"}"] == Double(number))
        }
        #expect(values["redis_key_size{db=\"db0\", key=\"list\"}"] == 2)
        #expect(values["redis_stream_length{db=\"db0\", stream=\"stream\"}"] == 1)
        #expect(values["redis_key_size{db=\"db0\", key=\"missing\"}"] == nil)
        #expect(values["redstart_check_failures_total{check=\"keys\"}"] == 0)
        #expect(values["redstart_check_failures_total{check=\"streams\"}"] == 0)
    }

    @Test("A key on its way from one node to another is found at the other", arguments: [true, false])
    func migrating(followsKeys: Bool) async throws {
        let nodes = try await cluster()
        let slot = try #require(try await nodes[0].run("CLUSTER KEYSLOT list").integer)
        func owner() async throws -> (RedisServer, String) {
            for node in nodes {
                guard try await node.run("CLUSTER COUNTKEYSINSLOT \(slot)").integer ?? 0 > 0 else { continue }
                return (node, try await node.run("CLUSTER MYID").text)
            }
            throw TestServerError("no node has the key")
        }
        let (source, sourceID) = try await owner()
        let target = try #require(nodes.first { $0.address != source.address })
        let targetID = try await target.run("CLUSTER MYID").text
        for (node, command) in [
            (target, "CLUSTER SETSLOT \(slot) IMPORTING \(sourceID)"),
            (source, "CLUSTER SETSLOT \(slot) MIGRATING \(targetID)"),
            (source, "MIGRATE 127.0.0.1 \(target.port) list 0 5000"),
        ] {
            #expect(try await node.run(command).text == "OK")
        }
        for node in followsKeys ? nodes : [source, target] {
            let values = try await CheckedFleet.once(node) { options in
                options.singleKeys = try KeySelector.list("list")
                options.isCluster = followsKeys
            }
            // It is told once where each node tells of its own keys: by the one whose slot it is.
            let isTold = followsKeys || node.address == source.address
            #expect(values["redis_key_size{db=\"db0\", key=\"list\"}"] == (isTold ? 2 : nil))
            #expect(values["redstart_check_failures_total{check=\"keys\"}"] == 0)
        }
    }

    @Test("Of a whole cluster each master tells of its own keys, so that all are there once")
    func together() async throws {
        let nodes = try await cluster()
        let watched = try DiscoveredFleet("cluster://\(nodes[1].address)") { options in
            options.singleKeys = try KeySelector.list("key:1,key:2,key:3,list")
            options.countKeys = try KeySelector.list("*,key:*")
            options.keyGroups = ["^(key):"]
            options.schedule = .every(.milliseconds(300))
        }
        func sum(_ series: String) async -> Double {
            var sum = 0.0
            for node in nodes {
                sum += await watched.value(series, of: node.address) ?? 0
            }
            return sum
        }
        try await eventually("all keys are counted", seconds: 40) {
            let all = await sum("redis_keys_count{db=\"db0\", key=\"*\"}")
            let some = await sum("redis_keys_count{db=\"db0\", key=\"key:*\"}")
            let group = await sum("redis_key_group_count{db=\"db0\", key_group=\"key\"}")
            return all == 12 && some == 10 && group == 10
        }
        for (key, size) in [("key:1", 1.0), ("key:2", 1), ("key:3", 1), ("list", 2)] {
            #expect(await sum("redis_key_size{db=\"db0\", key=\"\(key)\"}") == size)
        }
        for node in nodes {
            #expect(await watched.value("redstart_check_failures_total{check=\"keys\"}", of: node.address) == 0)
        }
    }
}

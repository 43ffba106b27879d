import FoundationEssentials
import TestServers
import Testing

/// `data` of an answer, as far as these tests read it.
private struct Answer<Data: Decodable>: Decodable {
    let data: Data
}

private struct TopologyData: Decodable {
    struct Deployment: Decodable {
        let name: String
        let kind: String
    }
    struct Node: Decodable {
        let instance: String
        let role: String
        let deployment: String
        let health: String
    }
    struct Link: Decodable {
        let replica: String
        let master: String
        let state: String
        let lagBytes: Int?
        let lagSeconds: Double?
    }
    struct Disagreement: Decodable {
        let kind: String
    }
    let deployments: [Deployment]
    let nodes: [Node]
    let links: [Link]
    let disagreements: [Disagreement]
    let truncated: Bool
}

private struct EventData: Decodable {
    struct Event: Decodable {
        let number: Int
        let time: Double
        let kind: String
        let deployment: String
        let text: String
    }
    let last: Int
    let events: [Event]
}

private struct RangeData: Decodable {
    struct Series: Decodable {
        let metric: [String: String]
    }
    let result: [Series]
}

@Suite("Topology, from outside", .serialized)
struct TopologyTests {
    private func replica(of master: RedisServer, _ settings: [String] = []) async throws -> RedisServer {
        try await RedisServer.start(
            ["--replicaof", "127.0.0.1 \(master.port)", "--repl-diskless-sync-delay", "0"] + settings
        )
    }

    private func read<Data: Decodable>(_ path: String, _ redstart: RedstartProcess) throws -> Data {
        let body = FoundationEssentials.Data(try redstart.get(path).body)
        return try JSONDecoder().decode(Answer<Data>.self, from: body).data
    }

    @Test("A failover over the HTTP API: roles, events, and no node in two roles at any time", .timeLimit(.minutes(6)))
    func failover() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let heir = try await replica(of: master)
        let sentinel = try await RedisServer.startSentinel([
            "sentinel monitor m 127.0.0.1 \(master.port) 1", "sentinel failover-timeout m 5000",
        ])
        let redstart = try await RedstartProcess.serve(["--poll-interval", "1s", "sentinel://\(sentinel.address)/m"])
        func roles() throws -> [String: String] {
            let topology: TopologyData = try read("/api/redstart/v1/topology", redstart)
            return Dictionary(topology.nodes.map { ($0.instance, $0.role) }) { first, _ in first }
        }
        let before = [master.address: "master", heir.address: "replica", sentinel.address: "sentinel"]
        try await redstart.process.wait(for: "knows all three") { (try? roles()) == before }
        try await redstart.process.wait(for: "knows who follows whom") {
            let topology: TopologyData? = try? read("/api/redstart/v1/topology", redstart)
            return topology?.links.map(\.state) == ["up"]
        }
        let topology: TopologyData = try read("/api/redstart/v1/topology?deployment=m", redstart)
        #expect(topology.deployments.map(\.name) == ["m"] && topology.deployments.map(\.kind) == ["replication"])
        #expect(topology.nodes.map(\.deployment) == ["m", "m"] && !topology.truncated)
        #expect(topology.links.map(\.replica) == [heir.address] && topology.links.map(\.master) == [master.address])
        #expect(topology.disagreements.isEmpty)

        try await redstart.process.wait(for: "the Sentinel can promote the replica") {
            (try? run("redis-cli", "-e", "-p", "\(sentinel.port)", "SENTINEL", "FAILOVER", "m", in: sentinel.directory))
                != nil
        }
        let after = [master.address: "replica", heir.address: "master", sentinel.address: "sentinel"]
        try await redstart.process.wait(for: "knows the new roles") { (try? roles()) == after }
        try await redstart.process.wait(for: "tells no lag") {
            let topology: TopologyData? = try? read("/api/redstart/v1/topology", redstart)
            return topology?.links.map(\.lagSeconds) == [0] && topology?.links.map(\.state) == ["up"]
        }
        let events: EventData = try read("/api/redstart/v1/events?deployment=m", redstart)
        let kinds = events.events.map(\.kind)
        #expect(kinds.contains("+switch-master") && kinds.contains("failover_completed"), "\(kinds)")
        let newest: EventData = try read("/api/redstart/v1/events?after=\(events.last)", redstart)
        #expect(newest.last >= events.last && newest.events.allSatisfy { $0.number > events.last })
        #expect(try redstart.get("/api/redstart/v1/events?after=x").status == 400)
        try await redstart.process.wait(for: "counts the failover") {
            (try? redstart.get("/metrics").text.contains(
                "\nredstart_failovers_total{deployment=\"m\",outcome=\"completed\"} 1\n")) == true
        }

        let switched = try #require(events.events.first { $0.kind == "+switch-master" }).time
        for metric in ["redstart_node_info", "redis_instance_info"] {
            let expression = "count by (instance) (\(metric)) > 1"
                .replacing(" ", with: "%20").replacing(">", with: "%3E")
            let path = "/api/v1/query_range?query=\(expression)&start=\(switched - 5)&end=\(switched + 5)&step=0.1"
            let twice: RangeData = try read(path, redstart)
            #expect(twice.result.isEmpty, "\(metric)")
        }
        let roleQuery = "count by (role) (redstart_node_info%7Binstance=%22\(heir.address)%22%7D)"
            .replacing(" ", with: "%20")
        let both: RangeData = try read(
            "/api/v1/query_range?query=\(roleQuery)&start=\(switched - 5)&end=\(switched + 5)&step=0.1", redstart
        )
        #expect(Set(both.result.compactMap { $0.metric["role"] }) == ["master", "replica"])
    }

    @Test("redstart discover finds all from one address, and prints a tree or JSON")
    func discover() async throws {
        let master = try await RedisServer.start(["--repl-diskless-sync-delay", "0"])
        let first = try await replica(of: master, ["--repl-diskless-sync-delay", "0"])
        let chained = try await replica(of: first, ["--replica-read-only", "no"])
        func json() async throws -> TopologyData {
            let (code, output) = try await RedstartProcess.run(["discover", "--format", "json", first.address])
            #expect(code == 0)
            return try JSONDecoder().decode(TopologyData.self, from: FoundationEssentials.Data(output.utf8))
        }
        let all = [master, first, chained].map(\.address).sorted()
        var found = try await json()
        let deadline = ContinuousClock.now + .seconds(20)
        // A replica that has just started is not known to its master yet.
        while found.nodes.map(\.instance).sorted() != all || found.links.contains(where: { $0.state != "up" }) {
            try #require(ContinuousClock.now < deadline)
            found = try await json()
        }
        #expect(found.nodes.allSatisfy { $0.health == "ok" })
        #expect(Set(found.disagreements.map(\.kind)) == ["chain", "writable_replica"])
        let (code, tree) = try await RedstartProcess.run(["discover", "redis://\(master.address)"])
        #expect(code == 0)
        let lines = tree.split(separator: "\n").map(String.init)
        #expect(lines[0] == "\(master.address) (replication)", "\(tree)")
        #expect(lines[1].hasPrefix("  master \(master.address)") && lines[1].hasSuffix("ok"))
        #expect(lines[2].hasPrefix("    replica \(first.address)") && lines[2].contains("lag 0 B"))
        #expect(lines[3].hasPrefix("      replica \(chained.address)"))
        #expect(tree.contains("  ! writable_replica: \(chained.address) is a replica and takes writes\n"))
    }

    @Test("Where nothing can be reached the exit code is 3, and the reason is told")
    func unreachable() async throws {
        let port = try freePort()
        let (code, output) = try await RedstartProcess.run(["discover", "redis://:hunter2@127.0.0.1:\(port)"])
        #expect(code == 3)
        #expect(output.contains("connection refused") && !output.contains("hunter2"))
        #expect(try await RedstartProcess.run(["discover", "--no-such-option"]).code == 3)
    }
}

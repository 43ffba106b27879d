import RedisClient
import RedisCollectors
import Testing

@testable import RedisFleet

/// What is wrong, read from what real servers have said, or from node lists in their form.
@Suite("Trouble in a topology")
struct TopologyTroubleTests {
    private func endpoint(_ port: Int) -> Endpoint {
        .tcp(host: "127.0.0.1", port: port)
    }

    private func sentinel(_ folder: String, port: Int = 20060) throws -> NodeStatement {
        var statement = NodeStatement(endpoint: endpoint(port))
        statement.isReachable = true
        statement.facts = SelfDescription(try CapturedReply.text("redis_mode:sentinel\r\n"))
        statement.sentinel = try SentinelViewTests.view(folder)
        return statement
    }

    private func id(_ letter: Character) -> String {
        String(repeating: letter, count: 40)
    }

    /// A node of a cluster that says this list, in which it is `myself`.
    private func node(_ endpoint: Endpoint, _ lines: [String]) throws -> NodeStatement {
        var statement = NodeStatement(endpoint: endpoint)
        statement.isReachable = true
        let list = try CapturedReply.text(lines.joined(separator: "\n") + "\n")
        let view = try #require(ClusterView(nodes: list))
        statement.cluster = view
        return statement
    }

    @Test("A Sentinel that cannot reach the quorum says so, in its own words")
    func noQuorum() throws {
        let topology = Topology(statements: [try sentinel("redis-7.0/sentinel-no-quorum")])
        let found = try #require(topology.disagreements.first { $0.kind == .noQuorum })
        #expect(found.nodes == [endpoint(20060)])
        #expect(found.message.contains("NOQUORUM 1 usable Sentinels"))
        #expect(topology.disagreements.contains { $0.kind == .sentinelsNotSeen })
        let well = Topology(statements: [try sentinel("redis-7.0/sentinel")])
        #expect(!well.disagreements.contains { $0.kind == .noQuorum || $0.kind == .tilt })
    }

    @Test("A Sentinel in tilt")
    func tilt() throws {
        var statement = try sentinel("redis-7.0/sentinel")
        statement.facts = SelfDescription(try CapturedReply.named("redis-7.0/sentinel-tilt/INFO_all"))
        let topology = Topology(statements: [statement])
        #expect(topology.disagreements.filter { $0.kind == .tilt }.map(\.nodes) == [[endpoint(20060)]])
    }

    @Test("Slots that no node serves, few or in thousands of pieces")
    func uncovered() throws {
        let few = Topology(
            statements: [
                try node(
                    endpoint(1), ["\(id("a")) 127.0.0.1:1@11 myself,master - 0 0 1 connected 0-99 200-16380 16383"])
            ]
        )
        let found = try #require(few.disagreements.first { $0.kind == .slotsUncovered })
        #expect(found.message == "102 slots are not served: 100-199 16381-16382")
        #expect(few.deployments.map(\.slotsUncovered) == [102])
        let odd = stride(from: 1, to: 16384, by: 2).map(String.init).joined(separator: " ")
        let many = Topology(
            statements: [try node(endpoint(1), ["\(id("a")) 127.0.0.1:1@11 myself,master - 0 0 1 connected \(odd)"])]
        )
        let message = try #require(many.disagreements.first { $0.kind == .slotsUncovered }).message
        #expect(message.hasPrefix("8192 slots are not served: 0 2 4") && message.hasSuffix("and 8176 more ranges"))
    }

    @Test("A suspected master is not a failed one; the worst that any node says counts")
    func suspected() throws {
        let others = [
            "\(id("b")) 127.0.0.1:2@12 %FLAGS% - 0 0 2 connected 8000-16383",
            "\(id("a")) 127.0.0.1:1@11 %OWN%master - 0 0 1 connected 0-7999",
        ]
        func view(_ port: Int, _ flags: String, isFirst: Bool) throws -> NodeStatement {
            try node(
                endpoint(port),
                others.map {
                    $0.replacing("%FLAGS%", with: flags).replacing("%OWN%", with: isFirst ? "myself," : "")
                }
            )
        }
        let suspected = Topology(statements: [try view(1, "master,fail?", isFirst: true)])
        let kinds = Set(suspected.disagreements.map(\.kind))
        #expect(kinds.contains(.slotsSuspected) && !kinds.contains(.slotsFailed))
        #expect(suspected.node(at: endpoint(2))?.failure == .suspected)
        let failed = Topology(
            statements: [
                try view(1, "master,fail", isFirst: true), try view(2, "myself,master", isFirst: false),
            ]
        )
        #expect(failed.node(at: endpoint(2))?.failure == .failed)
        #expect(failed.disagreements.contains { $0.kind == .slotsFailed && $0.nodes == [endpoint(2)] })
        #expect(failed.node(at: endpoint(1))?.epoch == 1)
    }

    @Test("A master and its replica on one host; not on a machine that is all there is")
    func oneHost() throws {
        func topology(_ replicaHost: String, _ host: String = "10.0.0.1") throws -> Topology {
            Topology(
                statements: [
                    try node(
                        .tcp(host: host, port: 1),
                        [
                            "\(id("a")) \(host):1@11 myself,master - 0 0 1 connected 0-16383",
                            "\(id("b")) \(replicaHost):2@12 slave \(id("a")) 0 0 1 connected",
                        ]
                    )
                ]
            )
        }
        let shared = try topology("10.0.0.1").disagreements.filter { $0.kind == .shardOnOneHost }
        #expect(shared.map(\.nodes) == [[.tcp(host: "10.0.0.1", port: 1), .tcp(host: "10.0.0.1", port: 2)]])
        #expect(try !topology("10.0.0.2").disagreements.contains { $0.kind == .shardOnOneHost })
        #expect(try !topology("127.0.0.1", "127.0.0.1").disagreements.contains { $0.kind == .shardOnOneHost })
    }

    @Test("Nodes that announce host names are known by them, and the one that was named stays as it was named")
    func hostnames() throws {
        var statement = try node(
            .tcp(host: "10.0.0.1", port: 7000),
            [
                "\(id("a")) 10.0.0.1:7000@17000,a.example myself,master - 0 0 1 connected 0-16383",
                "\(id("b")) 10.0.0.2:7000@17000,b.example slave \(id("a")) 0 0 1 connected",
            ]
        )
        func entry(_ name: String, _ id: String, _ address: String) -> String {
            let fields = ["id", id, "endpoint", "\(name).example", "ip", address, "hostname", "\(name).example"]
            let bulks = fields.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
            return "*10\r\n\(bulks)$4\r\nport\r\n:7000\r\n"
        }
        let shards =
            "*1\r\n*4\r\n$5\r\nslots\r\n*2\r\n:0\r\n:16383\r\n$5\r\nnodes\r\n*2\r\n"
            + entry("a", id("a"), "10.0.0.1") + entry("b", id("b"), "10.0.0.2")
        statement.cluster?.add(shards: try #require(CapturedReply.reply(Array(shards.utf8))), usesTLS: false)
        let topology = Topology(statements: [statement])
        #expect(topology.nodes.map(\.endpoint.description) == ["10.0.0.1:7000", "b.example:7000"])
        #expect(topology.nodes.map(\.hostname) == ["a.example", "b.example"])
        #expect(topology.node(at: .tcp(host: "a.example", port: 7000))?.role == .master)
    }

    @Test("What needs the word of all nodes is not told where some are not asked")
    func suspicions() throws {
        var statement = NodeStatement(endpoint: endpoint(2))
        statement.isReachable = true
        statement.facts = SelfDescription(
            try CapturedReply.text(
                "role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:1\r\nmaster_link_status:up\r\nslave_read_only:0\r\n"
            )
        )
        var topology = Topology(statements: [statement])
        #expect(topology.disagreements.map(\.kind) == [.noMaster, .writableReplica])
        topology.dropSuspicions { $0 == endpoint(2) }
        #expect(topology.disagreements.map(\.kind) == [.writableReplica])
        #expect(topology.node(at: endpoint(1))?.health == .unwatched)
        #expect(topology.node(at: endpoint(2))?.health == .ok)
    }

    @Test("What has changed between two looks is told as events")
    func changes() throws {
        func scene(_ master: Int, _ replica: Int, replicaAnswers: Bool = true) throws -> [NodeStatement] {
            var first = NodeStatement(endpoint: endpoint(master))
            first.isReachable = true
            first.facts = SelfDescription(try CapturedReply.text("redis_version:7.0.15\r\nrole:master\r\n"))
            var second = NodeStatement(endpoint: endpoint(replica))
            second.isReachable = replicaAnswers
            second.facts = SelfDescription(
                try CapturedReply.text(
                    "redis_version:7.0.15\r\nrole:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:\(master)\r\n"
                        + "master_link_status:up\r\n"
                )
            )
            return [first, second]
        }
        let before = Topology(statements: try scene(1, 2))
        #expect(TopologyChanges.events(from: Topology(), to: before).map(\.kind) == ["node_found", "node_found"])
        #expect(TopologyChanges.events(from: before, to: before).isEmpty)
        let after = Topology(statements: try scene(2, 1), previous: before)
        let swapped = TopologyChanges.events(from: before, to: after)
        #expect(swapped.map(\.kind) == ["role_changed", "role_changed"])
        #expect(swapped.first?.text == "127.0.0.1:1 was master, is replica")
        let lost = Topology(statements: try scene(1, 2, replicaAnswers: false), previous: before)
        let events = TopologyChanges.events(from: before, to: lost)
        #expect(events.map(\.kind) == ["node_down", "disagreement_began"])
        #expect(events.map(\.deployment) == ["127.0.0.1:1", "127.0.0.1:1"])
        let back = TopologyChanges.events(from: lost, to: Topology(statements: try scene(1, 2), previous: lost))
        #expect(back.map(\.kind) == ["node_up", "disagreement_ended"])
    }
}

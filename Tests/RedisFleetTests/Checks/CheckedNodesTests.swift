import RedisClient
import RedisCollectors
import Testing

@testable import RedisFleet

/// Which node of those with the same data is checked.
@Suite struct CheckedNodesTests {
    private func endpoint(_ number: Int) -> Endpoint {
        .tcp(host: "10.0.0.\(number)", port: 6379)
    }

    private func node(_ number: Int, _ role: ServerFacts.Role, shard: String = "", isReachable: Bool = true)
        -> Topology.Node
    {
        var node = Topology.Node(endpoint: endpoint(number))
        node.role = role
        node.deployment = "d"
        node.shard = shard
        node.isReachable = isReachable
        return node
    }

    private func link(_ replica: Int, _ master: Int, isUp: Bool = true, isSyncing: Bool = false) -> Topology.Link {
        Topology.Link(replica: endpoint(replica), master: endpoint(master), isUp: isUp, isSyncing: isSyncing)
    }

    private func chosen(_ nodes: [Topology.Node], _ links: [Topology.Link] = [], before: [Int] = []) -> Set<Endpoint> {
        var topology = Topology()
        topology.nodes = nodes
        topology.links = links
        return topology.checkedNodes(before: Set(before.map(endpoint)))
    }

    @Test("A replica in step comes before the master, the master before a replica that is not")
    func order() {
        let nodes = [node(1, .master), node(2, .replica), node(3, .replica)]
        #expect(chosen(nodes, [link(2, 1), link(3, 1)]) == [endpoint(2)])
        #expect(chosen(nodes, [link(2, 1, isSyncing: true), link(3, 1)]) == [endpoint(3)])
        #expect(chosen(nodes, [link(2, 1, isUp: false), link(3, 1, isUp: false)]) == [endpoint(1)])
        let alone = [node(1, .master, isReachable: false), node(2, .replica)]
        #expect(chosen(alone, [link(2, 1, isUp: false)]) == [endpoint(2)])
        #expect(chosen([node(1, .master, isReachable: false)]).isEmpty)
        #expect(chosen([node(1, .sentinel), node(2, .unknown)]).isEmpty)
    }

    @Test("The choice stays while it is as good as another one")
    func stays() {
        let nodes = [node(1, .master), node(2, .replica), node(3, .replica)]
        #expect(chosen(nodes, [link(2, 1), link(3, 1)], before: [3]) == [endpoint(3)])
        #expect(chosen(nodes, [link(2, 1), link(3, 1, isUp: false)], before: [3]) == [endpoint(2)])
        #expect(chosen(nodes, [link(2, 1)], before: [1]) == [endpoint(2)])
    }

    @Test("Each shard of a cluster has one of its own, and a node that belongs to nothing stands for itself")
    func shards() {
        var single = node(9, .master)
        single.deployment = ""
        let nodes = [
            node(1, .master, shard: "a"), node(2, .replica, shard: "a"), node(3, .master, shard: "b"), single,
        ]
        #expect(chosen(nodes, [link(2, 1)]) == [endpoint(2), endpoint(3), endpoint(9)])
    }
}

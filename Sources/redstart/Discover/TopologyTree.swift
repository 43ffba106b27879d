import RedisClient
import RedisCollectors
import RedisFleet

/// Deployments as a tree for people: a line per node, each replica below the one that it follows.
struct TopologyTree {
    private let topology: Topology
    private let links: [Endpoint: Topology.Link]
    private let followers: [Endpoint: [Endpoint]]
    private var lines: [[String]] = []
    private var shown: Set<Endpoint> = []

    private init(_ topology: Topology) {
        self.topology = topology
        links = Dictionary(topology.links.map { ($0.replica, $0) }) { first, _ in first }
        followers = Dictionary(grouping: topology.links, by: \.master).mapValues { $0.map(\.replica) }
    }

    static func render(_ topologies: [Topology]) -> String {
        var text = ""
        for topology in topologies {
            for deployment in topology.deployments {
                var tree = TopologyTree(topology)
                if !text.isEmpty { text += "\n" }
                text += tree.render(deployment)
            }
        }
        return text
    }

    private mutating func render(_ deployment: Topology.Deployment) -> String {
        let nodes = deployment.nodes.compactMap { topology.node(at: $0) }
        for (shard, members) in Dictionary(grouping: nodes, by: \.shard).sorted(by: isBefore) {
            if !shard.isEmpty { lines.append([shardTitle(shard, members)]) }
            let indent = shard.isEmpty ? 1 : 2
            // Masters first; then whoever is below no other node, as in a circle.
            let roots = members.filter { links[$0.endpoint] == nil } + members
            for node in roots { append(node, indent: indent) }
        }
        var text = title(deployment) + "\n" + TextTable.render(lines).joined(separator: "\n") + "\n"
        for trouble in topology.disagreements where trouble.deployment == deployment.name {
            text += "  ! \(trouble.kind.rawValue): \(TextTable.oneLine(trouble.message))\n"
        }
        return text
    }

    private func isBefore(_ left: (key: String, [Topology.Node]), _ right: (key: String, [Topology.Node])) -> Bool {
        func firstSlot(_ nodes: [Topology.Node]) -> Int {
            nodes.compactMap { $0.slots?.ranges.first?.lowerBound }.min() ?? SlotSet.slotCount
        }
        return (firstSlot(left.1), left.key) < (firstSlot(right.1), right.key)
    }

    private func title(_ deployment: Topology.Deployment) -> String {
        var words = [deployment.name, "(\(deployment.kind.rawValue))"]
        if let uncovered = deployment.slotsUncovered, uncovered > 0 { words.append("\(uncovered) slots uncovered") }
        return words.map(TextTable.oneLine).joined(separator: " ")
    }

    private func shardTitle(_ shard: String, _ members: [Topology.Node]) -> String {
        let slots = members.compactMap(\.slots).first { !$0.isEmpty }
        return "  shard \(TextTable.oneLine(String(shard.prefix(8))))"
            + (slots.map { ": slots \($0.text(limit: 4))" } ?? "")
    }

    private mutating func append(_ node: Topology.Node, indent: Int) {
        guard shown.insert(node.endpoint).inserted else { return }
        let margin = String(repeating: "  ", count: min(indent, 16))
        let cells = [
            margin + "\(node.role.rawValue) \(node.endpoint)",
            node.version,
            node.health.rawValue,
            linkText(links[node.endpoint]),
            movingText(node),
        ]
        lines.append(cells.map(TextTable.oneLine))
        for follower in followers[node.endpoint, default: []] {
            guard let node = topology.node(at: follower) else { continue }
            append(node, indent: indent + 1)
        }
    }

    private func linkText(_ link: Topology.Link?) -> String {
        guard let link else { return "" }
        guard link.isUp else { return "link \(link.state.rawValue)" }
        let bytes =
            link.lagBytes
            ?? link.masterOffset.flatMap { master in
                link.replicaOffset.map { max(0, master &- $0) }
            }
        return bytes.map { "lag \($0) B" } ?? "link up"
    }

    private func movingText(_ node: Topology.Node) -> String {
        let moving = [("migrating", node.migrating ?? 0), ("importing", node.importing ?? 0)].filter { $0.1 > 0 }
        return moving.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

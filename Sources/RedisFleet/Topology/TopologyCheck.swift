import RedisClient
import RedisCollectors

/// Holds what nodes say against each other.
struct TopologyCheck {
    private let statements: [Endpoint: NodeStatement]
    private let nodes: [Endpoint: Topology.Node]
    private let links: [Endpoint: Topology.Link]
    private let topology: Topology
    private let clusters: [ClusterConsensus]
    private let previous: Topology

    init(
        statements: [NodeStatement],
        topology: Topology,
        clusters: [Endpoint: ClusterConsensus],
        previous: Topology
    ) {
        self.statements = Dictionary(statements.map { ($0.endpoint, $0) }) { first, _ in first }
        nodes = Dictionary(topology.nodes.map { ($0.endpoint, $0) }) { first, _ in first }
        links = Dictionary(topology.links.map { ($0.replica, $0) }) { first, _ in first }
        self.topology = topology
        self.clusters = Array(clusters.values)
        self.previous = previous
    }

    func disagreements() -> [Disagreement] {
        var found: [Disagreement] = []
        for deployment in topology.deployments {
            switch deployment.kind {
            case .standalone: break
            case .replication: found += mastership(deployment) + following(deployment) + replicaCount(deployment)
            case .sentinel: found += sentinels(deployment)
            case .cluster: found += cluster(deployment) + following(deployment) + replicaCount(deployment)
            }
        }
        return found
    }

    /// The deployments, each with the number of replicas that it has had at best.
    func deploymentsWithExpectations() -> [Topology.Deployment] {
        topology.deployments.map { deployment in
            var deployment = deployment
            deployment.expectedReplicas = expectedReplicas(deployment)
            deployment.slotsUncovered = clusters.first { isPart($0, of: deployment) }.map { Self.uncovered($0).count }
            return deployment
        }
    }

    // MARK: Replication

    private func mastership(_ deployment: Topology.Deployment) -> [Disagreement] {
        let masters = deployment.nodes.filter { nodes[$0]?.isReachable == true && nodes[$0]?.role == .master }
        if masters.count > 1 {
            return [
                report(.twoMasters, deployment, masters, "\(list(masters)) are all masters of \(deployment.name)")
            ]
        }
        // Before the first answers nothing is known.
        let isKnown = deployment.nodes.contains { nodes[$0]?.isReachable == true }
        guard masters.isEmpty, isKnown else { return [] }
        return [report(.noMaster, deployment, deployment.nodes, "no master of \(deployment.name) answers")]
    }

    private func following(_ deployment: Topology.Deployment) -> [Disagreement] {
        var found: [Disagreement] = []
        for endpoint in deployment.nodes {
            guard let link = links[endpoint], nodes[endpoint]?.isReachable == true else { continue }
            if statements[endpoint]?.facts?.isReadOnly == false {
                found.append(
                    report(.writableReplica, deployment, [endpoint], "\(endpoint) is a replica and takes writes")
                )
            }
            if let cycle = cycle(from: endpoint) {
                if cycle.first == endpoint {
                    found.append(report(.cycle, deployment, cycle, "\(list(cycle)) follow each other in a circle"))
                }
            } else if links[link.master] != nil, nodes[link.master]?.role == .replica {
                found.append(
                    report(
                        .chain, deployment, [endpoint, link.master],
                        "\(endpoint) follows \(link.master), which is a replica itself"
                    )
                )
            }
        }
        return found + strays(deployment)
    }

    /// The members of the circle that following the links from a node ends in, in ascending order.
    private func cycle(from start: Endpoint) -> [Endpoint]? {
        var path: [Endpoint] = [start]
        while let next = links[path[path.count - 1]]?.master {
            if let position = path.firstIndex(of: next) {
                return path[position...].sorted(by: <)
            }
            path.append(next)
            // A chain this long is none that somebody built on purpose.
            guard path.count < 64 else { return nil }
        }
        return nil
    }

    /// Replicas that do not follow, over however many links, the master that Sentinels name, itself among them.
    private func strays(_ deployment: Topology.Deployment) -> [Disagreement] {
        let named = Set(sentinelMasters().values.flatMap { $0.values.map(\.endpoint) })
        let ours = deployment.nodes.filter { named.contains($0) }
        guard ours.count == 1, let master = ours.first else { return [] }
        return deployment.nodes.filter { endpoint in
            guard nodes[endpoint]?.isReachable == true, links[endpoint] != nil else { return false }
            // A master by the word of the Sentinels that follows another server itself.
            guard endpoint != master else { return true }
            var current = endpoint
            var steps = 0
            while let next = links[current]?.master, steps < 64, current != master {
                current = next
                steps += 1
            }
            return current != master
        }.map { endpoint in
            let followed = links[endpoint]?.master.description ?? ""
            return report(
                .strayReplica, deployment, [endpoint],
                "\(endpoint) follows \(followed), but Sentinels name \(master) as the master"
            )
        }
    }

    private func followers(_ deployment: Topology.Deployment) -> Int {
        deployment.nodes.count { nodes[$0]?.isReachable == true && links[$0]?.isUp == true }
    }

    private func expectedReplicas(_ deployment: Topology.Deployment) -> Int {
        let known = deployment.nodes.count { nodes[$0]?.role == .replica }
        let before = previous.deployment(named: deployment.name)?.expectedReplicas ?? 0
        return min(max(before, followers(deployment)), known)
    }

    private func replicaCount(_ deployment: Topology.Deployment) -> [Disagreement] {
        let expected = expectedReplicas(deployment)
        let present = followers(deployment)
        guard present < expected else { return [] }
        let missing = deployment.nodes.filter { endpoint in
            nodes[endpoint]?.role == .replica
                && !(nodes[endpoint]?.isReachable == true && links[endpoint]?.isUp == true)
        }
        return [
            report(
                .fewerReplicas, deployment, missing,
                "\(present) of \(expected) replicas of \(deployment.name) follow; not \(list(missing))"
            )
        ]
    }

    // MARK: Sentinel

    /// For each master's name what each Sentinel that answers says about it.
    private func sentinelMasters() -> [String: [Endpoint: SentinelClaim]] {
        var claims: [String: [Endpoint: SentinelClaim]] = [:]
        for (endpoint, statement) in statements where statement.isReachable {
            for master in statement.sentinel?.masters ?? [] {
                let address = topology.addresses.resolve(master.entry.endpoint)
                claims[master.name, default: [:]][endpoint] = SentinelClaim(endpoint: address, master: master)
            }
        }
        return claims
    }

    private struct SentinelClaim {
        let endpoint: Endpoint
        let master: SentinelView.Master
    }

    private func sentinels(_ deployment: Topology.Deployment) -> [Disagreement] {
        var found: [Disagreement] = []
        let inTilt = deployment.nodes.filter {
            statements[$0]?.isReachable == true && statements[$0]?.facts?.isInTilt == true
        }
        if !inTilt.isEmpty {
            found.append(report(.tilt, deployment, inTilt, "\(list(inTilt)) in tilt: no failover is started there"))
        }
        for (name, claims) in sentinelMasters().sorted(by: { $0.key < $1.key }) {
            let own = claims.filter { deployment.nodes.contains($0.key) }
            let addresses = Set(own.values.map(\.endpoint))
            if addresses.count > 1 {
                let text = list(addresses.sorted(by: <))
                found.append(
                    report(
                        .sentinelsDisagree, deployment, own.keys.sorted(by: <),
                        "Sentinels name different masters for \(name): \(text)"
                    )
                )
            }
            for (endpoint, claim) in own.sorted(by: { $0.key < $1.key }) {
                found += quorum(endpoint, claim.master, deployment)
            }
        }
        return found
    }

    private func quorum(
        _ endpoint: Endpoint,
        _ master: SentinelView.Master,
        _ deployment: Topology.Deployment
    ) -> [Disagreement] {
        var found: [Disagreement] = []
        if let check = master.quorumCheck, !check.isReachable {
            found.append(report(.noQuorum, deployment, [endpoint], "\(endpoint) about \(master.name): \(check.text)"))
        }
        let seen = Set(master.peers.filter(\.isWell).map { topology.addresses.resolve($0.endpoint) })
        let others = deployment.nodes.filter { other in
            let watches = statements[other]?.sentinel?.masters.contains { $0.name == master.name } == true
            let isNamed = master.peers.contains { topology.addresses.resolve($0.endpoint) == other }
            return other != endpoint && (watches || isNamed)
        }
        let unseen = others.filter { !seen.contains($0) }
        if !unseen.isEmpty {
            found.append(
                report(
                    .sentinelsNotSeen, deployment, [endpoint],
                    "\(endpoint) does not see \(list(unseen)), which watch \(master.name) too"
                )
            )
        }
        return found
    }

    // MARK: Cluster

    private func cluster(_ deployment: Topology.Deployment) -> [Disagreement] {
        var found: [Disagreement] = []
        for consensus in clusters where isPart(consensus, of: deployment) {
            let uncovered = Self.uncovered(consensus)
            if !uncovered.isEmpty {
                found.append(
                    report(
                        .slotsUncovered, deployment, [], "\(uncovered.count) slots are not served: \(uncovered.text())")
                )
            }
            found += failing(.slotsSuspected, .suspected, consensus, deployment, "is suspected to have failed")
            found += failing(.slotsFailed, .failed, consensus, deployment, "has failed")
            if !consensus.dissenters.isEmpty {
                found.append(
                    report(
                        .slotViewsDiffer, deployment, consensus.dissenters,
                        "\(list(consensus.dissenters)) have another map of the slots than the rest"
                    )
                )
            }
        }
        return found + shards(deployment)
    }

    private static func uncovered(_ consensus: ClusterConsensus) -> SlotSet {
        var served = SlotSet()
        for member in consensus.view.members {
            served.formUnion(member.slots)
        }
        return served.complement
    }

    private func failing(
        _ kind: Disagreement.Kind,
        _ failure: ClusterView.Failure,
        _ consensus: ClusterConsensus,
        _ deployment: Topology.Deployment,
        _ state: String
    ) -> [Disagreement] {
        let masters = consensus.view.members.filter { consensus.failures[$0.id] == failure && !$0.slots.isEmpty }
        guard !masters.isEmpty else { return [] }
        var slots = SlotSet()
        for master in masters { slots.formUnion(master.slots) }
        return [
            report(
                kind, deployment, masters.compactMap(\.endpoint).map(topology.addresses.resolve),
                "\(slots.count) slots have a master that \(state): \(slots.text())"
            )
        ]
    }

    private func isPart(_ consensus: ClusterConsensus, of deployment: Topology.Deployment) -> Bool {
        consensus.view.myself?.endpoint.map { deployment.nodes.contains(topology.addresses.resolve($0)) } ?? false
    }

    private func shards(_ deployment: Topology.Deployment) -> [Disagreement] {
        let members = deployment.nodes.compactMap { nodes[$0] }.filter { !$0.shard.isEmpty }
        let shards = Dictionary(grouping: members, by: \.shard).sorted { $0.key < $1.key }
        var found: [Disagreement] = []
        for (_, members) in shards {
            guard let master = members.first(where: { $0.role == .master && $0.slots?.isEmpty == false }) else {
                continue
            }
            let replicas = members.filter { $0.role == .replica }
            if !replicas.contains(where: \.isReachable) {
                found.append(
                    report(
                        .shardWithoutReplica, deployment, [master.endpoint],
                        "no replica of \(master.endpoint) answers: its slots are lost if it fails"
                    )
                )
            }
            let host = master.endpoint.host
            let neighbours = replicas.filter { $0.endpoint.host == host }.map(\.endpoint)
            if !neighbours.isEmpty, !Self.isLoopback(host) {
                found.append(
                    report(
                        .shardOnOneHost, deployment, [master.endpoint] + neighbours,
                        "\(master.endpoint) and its replica \(list(neighbours)) are on one host"
                    )
                )
            }
        }
        return found
    }

    private static func isLoopback(_ host: String) -> Bool {
        host.hasPrefix("127.") || host == "::1" || host == "localhost"
    }

    // MARK: Reports

    /// Messages name so many nodes.
    private static let listLimit = 16

    private func report(
        _ kind: Disagreement.Kind,
        _ deployment: Topology.Deployment,
        _ nodes: [Endpoint],
        _ message: String
    ) -> Disagreement {
        Disagreement(kind: kind, deployment: deployment.name, nodes: nodes.sorted(by: <), message: message)
    }

    private func list(_ endpoints: [Endpoint]) -> String {
        let names = endpoints.prefix(Self.listLimit).map(\.description).joined(separator: ", ")
        return endpoints.count > Self.listLimit ? "\(names) and \(endpoints.count - Self.listLimit) more" : names
    }
}

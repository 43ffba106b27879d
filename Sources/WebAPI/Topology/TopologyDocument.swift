import JSON
import Metrics
import RedisClient
import RedisCollectors
public import RedisFleet

/// The deployments as JSON: the data of `/api/redstart/v1/topology`, and what `redstart discover` prints for programs.
public enum TopologyDocument {
    /// Nodes beyond this number are left out, and links with them.
    static let nodeLimit = 10_000
    /// Ranges of slots of one node beyond this number are left out.
    private static let rangeLimit = 64
    private static let disagreementLimit = 1000

    /// One JSON object; see `docs/api.md`.
    public static func render(_ topologies: [Topology]) -> [UInt8] {
        var writer = JSONWriter()
        write(topologies, deployment: nil, to: &writer)
        return writer.bytes
    }

    /// Writes what belongs to one deployment, or to all.
    static func write(_ topologies: [Topology], deployment: String?, to writer: inout JSONWriter) {
        func isWanted(_ name: String) -> Bool { deployment == nil || deployment == name }
        let nodes = topologies.flatMap(\.nodes).filter { isWanted($0.deployment) }
        let shown = Set(nodes.prefix(nodeLimit).map(\.endpoint))
        let links = topologies.flatMap(\.links).filter { shown.contains($0.replica) }
        let disagreements = topologies.flatMap(\.disagreements).filter { isWanted($0.deployment) }
        writer.object { writer in
            writer.key("deployments")
            let deployments = topologies.flatMap(\.deployments).filter { isWanted($0.name) }.prefix(nodeLimit)
            writer.array(of: deployments) { write($1, disagreements, to: &$0) }
            writer.key("nodes")
            writer.array(of: nodes.prefix(nodeLimit)) { write($1, to: &$0) }
            writer.key("links")
            writer.array(of: links) { write($1, to: &$0) }
            writer.key("disagreements")
            writer.array(of: disagreements.prefix(disagreementLimit)) { write($1, to: &$0) }
            writer.key("truncated")
            writer.bool(nodes.count > nodeLimit || disagreements.count > disagreementLimit)
        }
    }

    private static func write(
        _ deployment: Topology.Deployment,
        _ disagreements: [Disagreement],
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("name", deployment.name)
            writer.member("kind", deployment.kind.rawValue)
            writer.member("nodes", deployment.nodes.count)
            writer.member("expectedReplicas", deployment.expectedReplicas)
            writer.member("disagreements", disagreements.count { $0.deployment == deployment.name })
            writer.optional("slotsUncovered", deployment.slotsUncovered)
        }
    }

    private static func write(_ node: Topology.Node, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("instance", node.endpoint.description)
            writer.member("role", node.role.rawValue)
            writer.member("deployment", node.deployment)
            writer.member("shard", node.shard)
            writer.member("version", node.version)
            writer.member("health", node.health.rawValue)
            writer.optional("offset", node.offset)
            writer.optional("epoch", node.epoch)
            if let hostname = node.hostname { writer.member("hostname", hostname) }
            if let slots = node.slots {
                writer.member("slotCount", slots.count)
                writer.member("slots", slots.text(limit: rangeLimit))
            }
            writer.optional("migrating", node.migrating)
            writer.optional("importing", node.importing)
        }
    }

    private static func write(_ link: Topology.Link, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("replica", link.replica.description)
            writer.member("master", link.master.description)
            writer.member("state", link.state.rawValue)
            writer.optional("replicaOffset", link.replicaOffset)
            writer.optional("masterOffset", link.masterOffset)
            writer.optional("lagBytes", link.lagBytes)
            writer.key("lagSeconds")
            if let lag = link.lag { writer.number(lag.inSeconds) } else { writer.null() }
        }
    }

    private static func write(_ disagreement: Disagreement, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("kind", disagreement.kind.rawValue)
            writer.member("deployment", disagreement.deployment)
            writer.key("nodes")
            writer.array(of: disagreement.nodes.prefix(nodeLimit)) { $0.string($1.description) }
            writer.member("message", disagreement.message)
        }
    }
}

extension JSONWriter {
    /// A key with a whole number, or `null` where it is not known.
    fileprivate mutating func optional(_ name: String, _ value: (some BinaryInteger)?) {
        key(name)
        if let value { number(value) } else { null() }
    }
}

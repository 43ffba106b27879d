import RedisClient

/// Something by which two entries of the configuration are seen to belong to one deployment.
enum IdentityMark: Sendable, Hashable {
    /// An address of a node; only those that stand in the configuration join entries, as behind NAT nodes of different
    /// deployments may announce the same.
    case address(Endpoint)
    /// The identifier of a start of a server, by its own word or by that of a Sentinel.
    case run(String)
    /// The identifier of a data set's history, which replicas take over from their master.
    ///
    /// The one before the last failover counts as well, so that a master that was just promoted stays with replicas
    /// that do not follow it yet.
    case history(String)
    /// The identifier of a member of a cluster.
    case clusterNode(String)

    /// What a node says of itself and of others.
    static func marks(of statement: NodeStatement, _ addresses: AddressMap) -> Set<IdentityMark> {
        var marks: Set<IdentityMark> = []
        func insert(_ make: (String) -> IdentityMark, _ identifier: String) {
            // Zeros stand for none.
            if identifier.utf8.contains(where: { $0 != UInt8(ascii: "0") }) { marks.insert(make(identifier)) }
        }
        func mention(_ endpoint: Endpoint) {
            marks.insert(.address(addresses.resolve(endpoint)))
        }
        if let facts = statement.facts {
            insert(IdentityMark.run, facts.runID)
            insert(IdentityMark.history, facts.replicationID)
            insert(IdentityMark.history, facts.secondReplicationID)
            if let master = facts.masterLink?.master { mention(master) }
            for replica in facts.replicas { mention(replica.endpoint) }
        }
        for master in statement.sentinel?.masters ?? [] {
            for entry in [master.entry] + master.replicas + master.peers {
                mention(entry.endpoint)
                insert(IdentityMark.run, entry.runID)
            }
        }
        for member in statement.cluster?.members ?? [] where !member.flags.contains(.handshake) {
            insert(IdentityMark.clusterNode, member.id)
            if let endpoint = member.endpoint { mention(endpoint) }
        }
        return marks
    }
}

public import RedisClient

/// Something that is wrong with a deployment, seen by holding what its nodes say against each other.
public struct Disagreement: Sendable, Hashable {
    /// What kind of thing is wrong: the value of the label `kind`.
    public enum Kind: String, Sendable, CaseIterable {
        /// Several nodes of a replication group take writes.
        case twoMasters = "two_masters"
        /// No node of a replication group is a master that answers.
        case noMaster = "no_master"
        /// Sentinels name different masters.
        case sentinelsDisagree = "sentinels_disagree"
        /// A Sentinel does not see another one.
        case sentinelsNotSeen = "sentinel_not_seen"
        /// A Sentinel cannot reach the quorum or the majority.
        case noQuorum = "no_quorum"
        /// A Sentinel is in tilt and does nothing.
        case tilt
        /// A replica follows another master than the Sentinels name.
        case strayReplica = "stray_replica"
        /// A replica follows a replica.
        case chain
        /// Replicas follow each other in a circle.
        case cycle
        /// A replica takes writes.
        case writableReplica = "writable_replica"
        /// Fewer replicas follow than before.
        case fewerReplicas = "fewer_replicas"
        /// Slots that no master serves.
        case slotsUncovered = "slots_uncovered"
        /// Slots whose master does not answer some node of the cluster (PFAIL).
        case slotsSuspected = "slots_pfail"
        /// Slots whose master has failed, as the cluster has agreed (FAIL).
        case slotsFailed = "slots_fail"
        /// Nodes have different maps of the slots.
        case slotViewsDiffer = "slot_views_differ"
        /// A shard has no replica that answers.
        case shardWithoutReplica = "shard_without_replica"
        /// A shard's master and a replica are on one host.
        case shardOnOneHost = "shard_on_one_host"

        /// Whether a failover should end it soon.
        var isPassing: Bool {
            switch self {
            case .noMaster, .twoMasters, .sentinelsDisagree, .strayReplica, .slotsSuspected, .slotsFailed,
                .slotViewsDiffer:
                true
            case .sentinelsNotSeen, .noQuorum, .tilt, .chain, .cycle, .writableReplica, .fewerReplicas,
                .slotsUncovered, .shardWithoutReplica, .shardOnOneHost:
                false
            }
        }

        /// Whether it takes the word of all nodes to tell it, so that nodes that are not asked look like the cause.
        var needsAllNodes: Bool {
            switch self {
            case .noMaster, .fewerReplicas, .shardWithoutReplica, .sentinelsNotSeen, .strayReplica: true
            case .twoMasters, .sentinelsDisagree, .noQuorum, .tilt, .chain, .cycle, .writableReplica, .slotsUncovered,
                .slotsSuspected, .slotsFailed, .slotViewsDiffer, .shardOnOneHost:
                false
            }
        }
    }

    /// What kind of thing is wrong.
    public let kind: Kind
    /// The deployment it is about.
    public let deployment: String
    /// The nodes it is about, in ascending order.
    public let nodes: [Endpoint]
    /// One line for a person.
    public let message: String
}

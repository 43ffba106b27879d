import Metrics
import RedisClient
import RedisCollectors

/// Where a node stands in its deployment: what becomes labels and samples of its own.
struct NodePlace: Sendable, Hashable {
    var role = ServerFacts.Role.unknown
    var deployment = ""
    var shard = ""
    var migrating: Int?
    var importing: Int?
    /// How many slots it serves of each sixteenth of all slots; empty outside of clusters.
    var slotsByBlock: [Int] = []
    var hasLinks = false
    /// Whether the node answered when it was last asked.
    var isReachable = true
    /// Whether this Sentinel's events are heard; `nil` for other nodes.
    var isSubscribed: Bool?
    /// Parts of the node's answers about others that could not be read so far.
    var skipped = 0
    /// Whether heavy checks are made of this node, not of another one with the same data.
    var isChecked = false
    /// What is wrong with the deployment and has to do with this node.
    var disagreements: [Disagreement.Kind] = []
    /// Events that this Sentinel has published, by channel.
    var events: [String: Int] = [:]

    /// Whether the labels that joins rely on are the same.
    func hasSameLabels(as other: NodePlace?) -> Bool {
        other?.role == role && other?.deployment == deployment && other?.shard == shard
    }
}

/// The series about a node's place.
struct PlaceMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_node_info", .gauge, labels: ["role", "deployment", "shard"],
            help: "One, with the part that the node plays in its deployment, for joins."
        ),
        MetricRow(
            "", "redis_cluster_slots_migrating", .gauge,
            help: "Slots that are being moved from this node to another one."
        ),
        MetricRow(
            "", "redis_cluster_slots_importing", .gauge,
            help: "Slots that are being moved from another node to this one."
        ),
        MetricRow(
            "", "redis_replication_lag_bytes", .gauge, .bytes,
            help: "Bytes of replication that the replica has not processed."
        ),
        MetricRow(
            "", "redis_replication_lag_seconds", .gauge, .seconds,
            help: "How long ago the master was where the replica is now; zero for a replica that has everything."
        ),
        MetricRow(
            "", "redstart_topology_disagreement", .gauge, labels: ["deployment", "kind"],
            help: "One for each thing that is wrong with the deployment and has to do with this node."
        ),
        MetricRow(
            "", "redstart_sentinel_events_total", .counter, labels: ["event"],
            help: "Events that the Sentinel has published since Redstart listens to it."
        ),
        MetricRow(
            "", "redstart_sentinel_subscribed", .gauge,
            help: "Whether the events of the Sentinel are heard."
        ),
        MetricRow(
            "", "redstart_cluster_slots_served", .gauge, labels: ["slots"],
            help: "Slots that this node serves, by the part of all slots they are in; parts with none are left out."
        ),
    ]

    private let first: FamilyID

    /// `first` is where the catalogue has `rows`.
    init(first: FamilyID) {
        self.first = first
    }

    /// Adds the samples of a place.
    func append(_ place: NodePlace, lag: ReplicationLag.Lag?, to buffer: inout SampleBuffer) {
        let info = buffer.labelStart
        buffer.addLabel(place.role.rawValue)
        buffer.addLabel(place.deployment)
        buffer.addLabel(place.shard)
        buffer.append(first, labelsFrom: info, 1)
        if let migrating = place.migrating { buffer.append(first.advanced(by: 1), Double(migrating)) }
        if let importing = place.importing { buffer.append(first.advanced(by: 2), Double(importing)) }
        // A node that was a replica a moment ago is none now.
        if let lag, place.role != .master {
            if let bytes = lag.bytes { buffer.append(first.advanced(by: 3), Double(bytes)) }
            buffer.append(first.advanced(by: 4), lag.age.seconds)
        }
        for kind in place.disagreements {
            let labels = buffer.labelStart
            buffer.addLabel(place.deployment)
            buffer.addLabel(kind.rawValue)
            buffer.append(first.advanced(by: 5), labelsFrom: labels, 1)
        }
        for (event, count) in place.events.sorted(by: { $0.key < $1.key }) {
            let labels = buffer.labelStart
            buffer.addLabel(event)
            buffer.append(first.advanced(by: 6), labelsFrom: labels, Double(count))
        }
        for (block, count) in place.slotsByBlock.enumerated() where count > 0 {
            let labels = buffer.labelStart
            buffer.addLabel(SlotSet.blockNames[block])
            buffer.append(first.advanced(by: 8), labelsFrom: labels, Double(count))
        }
        if let isSubscribed = place.isSubscribed { buffer.append(first.advanced(by: 7), isSubscribed ? 1 : 0) }
    }
}

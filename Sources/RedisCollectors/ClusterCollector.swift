public import Metrics
public import RedisClient

/// CLUSTER INFO: how the cluster looks from one node.
///
/// Commands: `CLUSTER INFO`, only where INFO says that the cluster is enabled. ACL: `+cluster|info`. Cost: some
/// microseconds of the server. All versions.
public struct ClusterCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "cluster"

    /// Every row, in order.
    public static let rows: [MetricRow] = [
        MetricRow(
            "cluster_state", "redis_cluster_state", .gauge,
            help: "Whether the node finds the cluster able to serve."
        ),
        MetricRow("cluster_slots_assigned", "redis_cluster_slots_assigned", .gauge, help: "Slots that have a node."),
        MetricRow("cluster_slots_ok", "redis_cluster_slots_ok", .gauge, help: "Slots whose node is well."),
        MetricRow(
            "cluster_slots_pfail", "redis_cluster_slots_pfail", .gauge,
            help: "Slots whose node does not answer this node."
        ),
        MetricRow(
            "cluster_slots_fail", "redis_cluster_slots_fail", .gauge,
            help: "Slots whose node has failed as most masters see it."
        ),
        MetricRow(
            "cluster_known_nodes", "redis_cluster_known_nodes", .gauge,
            help: "Nodes that this node knows, those it is meeting included."
        ),
        MetricRow("cluster_size", "redis_cluster_size", .gauge, help: "Masters that have slots."),
        MetricRow(
            "cluster_current_epoch", "redis_cluster_current_epoch", .gauge,
            help: "Newest epoch that this node has heard of."
        ),
        MetricRow(
            "cluster_my_epoch", "redis_cluster_my_epoch", .gauge,
            help: "Epoch of the configuration of this node."
        ),
        MetricRow(
            "cluster_nodes_pfail", "redis_cluster_nodes_pfail", .gauge, since: "Valkey 9.0",
            help: "Nodes that do not answer this node."
        ),
        MetricRow(
            "cluster_nodes_fail", "redis_cluster_nodes_fail", .gauge, since: "Valkey 9.0",
            help: "Nodes that have failed as most masters see it."
        ),
        MetricRow(
            "cluster_voting_nodes_pfail", "redis_cluster_voting_nodes_pfail", .gauge, since: "Valkey 9.0",
            help: "Nodes with a vote that do not answer this node."
        ),
        MetricRow(
            "cluster_voting_nodes_fail", "redis_cluster_voting_nodes_fail", .gauge, since: "Valkey 9.0",
            help: "Nodes with a vote that have failed as most masters see it."
        ),
        MetricRow(
            "cluster_stats_messages_sent", "redis_cluster_messages_sent_total", .gauge,
            help: "Messages sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_received", "redis_cluster_messages_received_total", .gauge,
            help: "Messages received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_ping_sent", "redis_cluster_stats_messages_ping_sent", .gauge,
            help: "Messages of the kind ping sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_pong_sent", "redis_cluster_stats_messages_pong_sent", .gauge,
            help: "Messages of the kind pong sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_meet_sent", "redis_cluster_stats_messages_meet_sent", .gauge,
            help: "Messages of the kind meet sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_fail_sent", "redis_cluster_stats_messages_fail_sent", .gauge,
            help: "Messages of the kind fail sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_publish_sent", "redis_cluster_stats_messages_publish_sent", .gauge,
            help: "Messages of the kind publish sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_publishshard_sent", "redis_cluster_stats_messages_publishshard_sent", .gauge,
            help: "Messages of the kind publishshard sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_auth-req_sent", "redis_cluster_stats_messages_auth_req_sent", .gauge,
            help: "Messages of the kind auth-req sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_auth-ack_sent", "redis_cluster_stats_messages_auth_ack_sent", .gauge,
            help: "Messages of the kind auth-ack sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_update_sent", "redis_cluster_stats_messages_update_sent", .gauge,
            help: "Messages of the kind update sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_mfstart_sent", "redis_cluster_stats_messages_mfstart_sent", .gauge,
            help: "Messages of the kind mfstart sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_module_sent", "redis_cluster_stats_messages_module_sent", .gauge,
            help: "Messages of the kind module sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_ping_received", "redis_cluster_stats_messages_ping_received", .gauge,
            help: "Messages of the kind ping received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_pong_received", "redis_cluster_stats_messages_pong_received", .gauge,
            help: "Messages of the kind pong received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_meet_received", "redis_cluster_stats_messages_meet_received", .gauge,
            help: "Messages of the kind meet received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_fail_received", "redis_cluster_stats_messages_fail_received", .gauge,
            help: "Messages of the kind fail received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_publish_received", "redis_cluster_stats_messages_publish_received", .gauge,
            help: "Messages of the kind publish received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_publishshard_received",
            "redis_cluster_stats_messages_publishshard_received", .gauge,
            help: "Messages of the kind publishshard received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_auth-req_received", "redis_cluster_stats_messages_auth_req_received", .gauge,
            help: "Messages of the kind auth-req received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_auth-ack_received", "redis_cluster_stats_messages_auth_ack_received", .gauge,
            help: "Messages of the kind auth-ack received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_update_received", "redis_cluster_stats_messages_update_received", .gauge,
            help: "Messages of the kind update received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_mfstart_received", "redis_cluster_stats_messages_mfstart_received", .gauge,
            help: "Messages of the kind mfstart received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_messages_module_received", "redis_cluster_stats_messages_module_received", .gauge,
            help: "Messages of the kind module received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_bytes_sent", "redis_cluster_stats_bytes_sent", .gauge, since: "Valkey 9.0",
            help: "Bytes sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_bytes_received", "redis_cluster_stats_bytes_received", .gauge, since: "Valkey 9.0",
            help: "Bytes received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_pubsub_bytes_sent", "redis_cluster_stats_pubsub_bytes_sent", .gauge, since: "Valkey 9.0",
            help: "Bytes of published messages sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_pubsub_bytes_received",
            "redis_cluster_stats_pubsub_bytes_received", .gauge, since: "Valkey 9.0",
            help: "Bytes of published messages received over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_module_bytes_sent", "redis_cluster_stats_module_bytes_sent", .gauge, since: "Valkey 9.0",
            help: "Bytes of messages of modules sent over the cluster bus so far."
        ),
        MetricRow(
            "cluster_stats_module_bytes_received",
            "redis_cluster_stats_module_bytes_received", .gauge, since: "Valkey 9.0",
            help: "Bytes of messages of modules received over the cluster bus so far."
        ),
    ]

    private let fields: InfoFieldIndex

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        var fields = InfoFieldIndex()
        fields.add(Self.rows, first: catalog.add(Self.rows))
        self.fields = fields
    }

    private static let ask = [["CLUSTER", "INFO"]]

    /// CLUSTER INFO of a cluster node.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        state.facts.isClusterEnabled ? Self.ask : []
    }

    /// Reads the lines of the reply.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard let reply = outcome.text(replies.first ?? nil) else { return outcome }
        let before = buffer.count
        outcome.skips = reply.withBytes { bytes in
            let lines = InfoLines(parsing: bytes)
            var skips = lines.skips
            for line in lines.lines {
                guard let field = fields.field(bytes, line.name), let family = field.family else { continue }
                if let number = bytes.decimal(in: line.value) ?? InfoPass.flag(bytes, line.value) {
                    buffer.append(family, field.exported(number))
                } else {
                    skips.add(.notANumber)
                }
            }
            return skips
        }
        outcome.samples = buffer.count - before
        return outcome
    }
}

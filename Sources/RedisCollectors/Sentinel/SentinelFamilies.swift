import Metrics

/// Families of the SENTINEL commands.
enum SentinelFamilies: Int, MetricFamilies {
    case quorum, quorumSetting, failoverTimeout, parallelSyncs, downAfter, configEpoch, lastPing, infoAge,
        otherSentinels
    case wellSentinels, wellReplicas, peer, subjectivelyDown, objectivelyDown, failoverInProgress, replicaLink
    case configText, configNumber

    /// Those that are one number of SENTINEL MASTERS each.
    static let masterFields: [SentinelFamilies] = [
        .quorumSetting, .failoverTimeout, .parallelSyncs, .downAfter, .configEpoch, .lastPing, .infoAge,
        .otherSentinels,
    ]

    private static let labels = ["master_name", "master_address"]

    var row: MetricRow {
        switch self {
        case .quorum:
            MetricRow(
                "", "redis_sentinel_master_ckquorum_status", .gauge, labels: ["master_name", "message"],
                help: "Whether enough Sentinels are reachable for a failover; the label has the Sentinel's words."
            )
        case .quorumSetting:
            field("quorum", "setting_ckquorum", "Sentinels that must agree that the master is down.")
        case .failoverTimeout:
            field(
                "failover-timeout", "setting_failover_timeout", "Milliseconds after which a failover is given up.",
                unit: .milliseconds
            )
        case .parallelSyncs:
            field("parallel-syncs", "setting_parallel_syncs", "Replicas that synchronise at a time after a failover.")
        case .downAfter:
            field(
                "down-after-milliseconds", "setting_down_after_milliseconds",
                "Milliseconds without an answer after which the master counts as down.", unit: .milliseconds
            )
        case .configEpoch:
            field("config-epoch", "config_epoch", "Epoch of the master's configuration; a failover raises it.")
        case .lastPing:
            MetricRow(
                "last-ok-ping-reply", "redis_sentinel_master_last_ok_ping_reply_seconds", .gauge, .seconds,
                from: .milliseconds, labels: Self.labels,
                help: "Seconds since the master last answered a ping well."
            )
        case .infoAge:
            MetricRow(
                "info-refresh", "redis_sentinel_master_info_age_seconds", .gauge, .seconds, from: .milliseconds,
                labels: Self.labels,
                help: "Seconds since this Sentinel last read the master's INFO."
            )
        case .otherSentinels:
            field("num-other-sentinels", "other_sentinels", "Other Sentinels that this one knows for the master.")
        case .wellSentinels:
            field("", "ok_sentinels", "Sentinels that are not thought to be down, this one included.")
        case .wellReplicas:
            field("", "ok_slaves", "Replicas that are not thought to be down.")
        case .peer:
            MetricRow(
                "", "redis_sentinel_peer_info", .gauge, labels: Self.labels + ["name", "ip", "port", "runid", "flags"],
                help: "One, with what this Sentinel knows of another one."
            )
        case .subjectivelyDown:
            field("", "subjectively_down", "Whether this Sentinel thinks that the master is down.")
        case .objectivelyDown:
            field("", "objectively_down", "Whether enough Sentinels agree that the master is down.")
        case .failoverInProgress:
            field("", "failover_in_progress", "Whether this Sentinel leads a failover of the master.")
        case .replicaLink:
            MetricRow(
                "master-link-status", "redis_sentinel_replica_link_up", .gauge,
                labels: Self.labels + ["replica_address"],
                help: "Whether a replica's link to its master is up, as this Sentinel knows it."
            )
        case .configText:
            MetricRow(
                "", "redis_sentinel_config_key_value", .gauge, labels: ["key", "value"],
                help: "One, with the name and the value of a parameter of the Sentinel."
            )
        case .configNumber:
            MetricRow(
                "", "redis_sentinel_config_value", .gauge, labels: ["key"],
                help: "Values of the parameters of the Sentinel that are numbers."
            )
        }
    }

    private func field(_ field: String, _ name: String, _ help: String, unit: MetricUnit = .none) -> MetricRow {
        MetricRow(field, "redis_sentinel_master_" + name, .gauge, unit, labels: Self.labels, help: help)
    }
}

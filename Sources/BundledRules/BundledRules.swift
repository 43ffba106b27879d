/// The rules and runbooks of the folder `rules`, as they were when the program was built.
public enum BundledRules {
    /// The rule files, by name: `availability.rules.yml`.
    public static let files: [(name: String, bytes: [UInt8])] = [
        ("availability.rules.yml", PackageResources.availability_rules_yml),
        ("cache.rules.yml", PackageResources.cache_rules_yml),
        ("cluster.rules.yml", PackageResources.cluster_rules_yml),
        ("connections.rules.yml", PackageResources.connections_rules_yml),
        ("memory.rules.yml", PackageResources.memory_rules_yml),
        ("persistence.rules.yml", PackageResources.persistence_rules_yml),
        ("replication.rules.yml", PackageResources.replication_rules_yml),
    ]

    /// The runbook of each alert, in Markdown, by the alert's name.
    public static let runbooks: [String: [UInt8]] = [
        "RedisCacheHitRateLow": PackageResources.RedisCacheHitRateLow_md,
        "RedisClusterStateFailure": PackageResources.RedisClusterStateFailure_md,
        "RedisConnectionsHigh": PackageResources.RedisConnectionsHigh_md,
        "RedisDown": PackageResources.RedisDown_md,
        "RedisEvictingKeys": PackageResources.RedisEvictingKeys_md,
        "RedisFragmentationHigh": PackageResources.RedisFragmentationHigh_md,
        "RedisMemoryCritical": PackageResources.RedisMemoryCritical_md,
        "RedisMemoryHigh": PackageResources.RedisMemoryHigh_md,
        "RedisRDBSaveDelayed": PackageResources.RedisRDBSaveDelayed_md,
        "RedisRejectedConnections": PackageResources.RedisRejectedConnections_md,
        "RedisReplicaDisconnected": PackageResources.RedisReplicaDisconnected_md,
        "RedisReplicationLagHigh": PackageResources.RedisReplicationLagHigh_md,
        "RedisRestarted": PackageResources.RedisRestarted_md,
        "RedisSaveFailed": PackageResources.RedisSaveFailed_md,
        "RedisSwapping": PackageResources.RedisSwapping_md,
    ]
}

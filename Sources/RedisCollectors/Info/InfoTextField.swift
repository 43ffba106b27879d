/// INFO fields whose text is needed beyond one sample: for labels, or for `ServerFacts`.
enum InfoTextField: Int, CaseIterable {
    case role, redisVersion, buildID, redisMode, serverMode, os, maxmemoryPolicy, tcpPort, runID, processID
    case masterReplicationID, valkeyVersion, valkeyReleaseStage, availabilityZone, pausedReason, allocator
    case masterHost, masterPort, masterLinkStatus, masterLastIO, masterSyncInProgress, slaveReplicationOffset
    case slaveReadOnly, failoverState, replicationOffset
    case uptime, maxClients, maxMemory, loading, clusterEnabled, sentinelMasters

    /// The name in the reply.
    var field: String {
        switch self {
        case .role: "role"
        case .redisVersion: "redis_version"
        case .buildID: "redis_build_id"
        case .redisMode: "redis_mode"
        case .serverMode: "server_mode"
        case .os: "os"
        case .maxmemoryPolicy: "maxmemory_policy"
        case .tcpPort: "tcp_port"
        case .runID: "run_id"
        case .processID: "process_id"
        case .masterReplicationID: "master_replid"
        case .valkeyVersion: "valkey_version"
        case .valkeyReleaseStage: "valkey_release_stage"
        case .availabilityZone: "availability_zone"
        case .pausedReason: "paused_reason"
        case .allocator: "mem_allocator"
        case .masterHost: "master_host"
        case .masterPort: "master_port"
        case .masterLinkStatus: "master_link_status"
        case .masterLastIO: "master_last_io_seconds_ago"
        case .masterSyncInProgress: "master_sync_in_progress"
        case .slaveReplicationOffset: "slave_repl_offset"
        case .slaveReadOnly: "slave_read_only"
        case .failoverState: "master_failover_state"
        case .replicationOffset: "master_repl_offset"
        case .uptime: "uptime_in_seconds"
        case .maxClients: "maxclients"
        case .maxMemory: "maxmemory"
        case .loading: "loading"
        case .clusterEnabled: "cluster_enabled"
        case .sentinelMasters: "sentinel_masters"
        }
    }
}

/// Where the text fields of one reply are.
struct InfoTexts {
    private var ranges = [Range<Int>?](repeating: nil, count: InfoTextField.allCases.count)

    /// The place of a field's text, empty where the reply does not have the field.
    subscript(field: InfoTextField) -> Range<Int> {
        ranges[field.rawValue] ?? 0..<0
    }

    /// Whether the reply has the field.
    func has(_ field: InfoTextField) -> Bool {
        ranges[field.rawValue] != nil
    }

    /// Remembers the first place of a field; a second one cannot replace it.
    mutating func note(_ field: InfoTextField, at range: Range<Int>) {
        if ranges[field.rawValue] == nil { ranges[field.rawValue] = range }
    }
}

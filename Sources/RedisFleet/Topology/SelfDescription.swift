public import RedisClient
public import RedisCollectors

/// What a node says about itself and its replication in INFO: who it is, whom it follows, who follows it.
///
/// Reads the whole of INFO as well as `INFO replication` alone; what is not there keeps its default.
public struct SelfDescription: Sendable, Hashable {
    /// A replica as its master lists it.
    public struct Replica: Sendable, Hashable {
        /// The address the replica announces.
        public let endpoint: Endpoint
        /// How far the replica is: `online`, `wait_bgsave`, `send_bulk`.
        public let state: String
        /// The offset the replica has acknowledged.
        public let offset: Int64
    }

    /// The link from a replica to its master.
    public struct MasterLink: Sendable, Hashable {
        /// The address of the master, as configured.
        public let master: Endpoint
        /// Whether the link is up.
        public let isUp: Bool
        /// Whether a full synchronisation is under way.
        public let isSyncing: Bool
        /// For how long a link is down, in whole seconds; `nil` for one that is up, or was never up.
        public let downSeconds: Int64?
    }

    /// What part the server plays.
    public private(set) var role = ServerFacts.Role.unknown
    /// The version of the program; Valkey's own, not the one it is compatible with.
    public private(set) var version = ""
    /// Changes with each start of the server; empty where INFO was asked for replication alone.
    public private(set) var runID = ""
    /// Whether the server is a node of a cluster.
    public private(set) var isClusterEnabled = false
    /// Whether a Sentinel has stopped to act because its clock jumped.
    public private(set) var isInTilt = false
    /// The identifier of the data set's history.
    public private(set) var replicationID = ""
    /// The identifier of the history before the last failover; zeros for none.
    public private(set) var secondReplicationID = ""
    /// The replication offset of this server, of a replica the one it has processed.
    public private(set) var offset: Int64 = 0
    /// Whether a replica refuses writes; `nil` for a master.
    public private(set) var isReadOnly: Bool?
    /// The link of a replica; `nil` for a master.
    public private(set) var masterLink: MasterLink?
    /// The replicas connected to this server, in its order.
    public private(set) var replicas: [Replica] = []
    /// Lines that should have been readable and were not.
    public private(set) var skipped = 0

    /// Replicas beyond this number are left out and counted as skipped.
    private static let replicaLimit = 1024
    /// Versions and identifiers are cut to this length; those of a real server are shorter.
    private static let textLimit = 64

    /// Nothing is known.
    public init() {}

    /// Reads the reply to INFO; `nil` where it is not a text with fields.
    public init?(_ reply: Reply) {
        guard reply.kind == .string || reply.kind == .status else { return nil }
        var fields = Fields()
        var isValkey = false
        let text = reply.text
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = Substring(line[..<colon])
            let value = Substring(line[line.index(after: colon)...])
            if name == "valkey_version" { isValkey = true }
            if name == "redis_version", isValkey { continue }
            read(name, value, &fields)
        }
        guard fields.hasRead else { return nil }
        finish(fields)
    }

    /// What is put together from several lines.
    private struct Fields {
        var hasRead = false
        var role: Substring?
        var isSentinel = false
        var masterHost = ""
        var masterPort: Int?
        var isLinkUp = false
        var isSyncing = false
        var downSeconds: Int64?
        var ownOffset: Int64?
    }

    private mutating func read(_ name: Substring, _ value: Substring, _ fields: inout Fields) {
        switch name {
        case "role": fields.role = value
        case "redis_mode", "server_mode": fields.isSentinel = value == "sentinel"
        case "redis_version", "valkey_version": version = String(value.prefix(Self.textLimit))
        case "run_id": runID = String(value.prefix(Self.textLimit))
        case "cluster_enabled": isClusterEnabled = value == "1"
        case "sentinel_tilt": isInTilt = value == "1"
        case "master_replid": replicationID = String(value.prefix(Self.textLimit))
        case "master_replid2": secondReplicationID = String(value.prefix(Self.textLimit))
        case "master_repl_offset": offset = integer(value) ?? 0
        case "slave_repl_offset": fields.ownOffset = integer(value)
        case "slave_read_only": isReadOnly = value == "1"
        case "master_host": fields.masterHost = String(value)
        case "master_port": fields.masterPort = Int(value)
        case "master_link_status": fields.isLinkUp = value == "up"
        case "master_link_down_since_seconds": fields.downSeconds = Int64(value)
        case "master_sync_in_progress": fields.isSyncing = value == "1"
        default:
            guard isReplicaName(name) else { return }
            readReplica(value)
        }
        fields.hasRead = true
    }

    private mutating func integer(_ text: Substring) -> Int64? {
        let number = Int64(text)
        if number == nil { skipped += 1 }
        return number
    }

    private func isReplicaName(_ name: Substring) -> Bool {
        guard name.hasPrefix("slave") else { return false }
        let digits = name.dropFirst("slave".utf8.count).utf8
        return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    private mutating func readReplica(_ value: Substring) {
        var host = ""
        var port: Int?
        var state = ""
        var offset: Int64 = 0
        for pair in value.split(separator: ",") {
            let name = pair.prefix { $0 != "=" }
            let text = pair.dropFirst(name.count + 1)
            switch name {
            case "ip": host = String(text)
            case "port": port = Int(text)
            case "state": state = String(text)
            case "offset": offset = Int64(text) ?? 0
            default: break
            }
        }
        guard let endpoint = Endpoint(announcedHost: host, port: port), replicas.count < Self.replicaLimit else {
            skipped += 1
            return
        }
        replicas.append(Replica(endpoint: endpoint, state: state, offset: offset))
    }

    private mutating func finish(_ fields: Fields) {
        if fields.isSentinel {
            role = .sentinel
        } else if let text = fields.role {
            role = text == "slave" ? .replica : .master
        }
        guard role == .replica else {
            isReadOnly = nil
            return
        }
        offset = fields.ownOffset ?? offset
        guard let master = Endpoint(announcedHost: fields.masterHost, port: fields.masterPort) else {
            skipped += 1
            return
        }
        masterLink = MasterLink(
            master: master,
            isUp: fields.isLinkUp,
            isSyncing: fields.isSyncing,
            downSeconds: fields.isLinkUp ? nil : fields.downSeconds.flatMap { $0 >= 0 ? $0 : nil }
        )
    }
}

extension Endpoint {
    /// An address that a server announces; `nil` for one that cannot be connected to.
    init?(announcedHost host: String, port: Int?) {
        // What a server says goes into labels and connections, so it is held to what an address may be.
        guard let port, (1...65535).contains(port), !host.isEmpty, host != "?", host.utf8.count <= 255,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") })
        else { return nil }
        self = .tcp(host: host, port: port)
    }

    /// The host; the path of a socket.
    var host: String {
        switch self {
        case .tcp(let host, _): host
        case .unix(let path): path
        }
    }
}

/// What a server says about itself in INFO, for those who decide by it.
public struct ServerFacts: Sendable, Equatable {
    /// What part the server plays.
    public enum Role: String, Sendable {
        /// INFO does not say it, or was not read yet.
        case unknown
        /// It takes writes.
        case master
        /// It follows a master.
        case replica
        /// It watches masters.
        case sentinel
    }

    /// Which program the server is.
    public enum Product: String, Sendable {
        /// Redis, or something that says it is.
        case redis
        /// Valkey.
        case valkey
    }

    /// A replica as its master lists it.
    public struct Replica: Sendable, Equatable {
        /// The address the replica announces.
        public internal(set) var ip = ""
        /// The port the replica announces.
        public internal(set) var port = 0
        /// How far the replica is, for example `online` or `wait_bgsave`.
        public internal(set) var state = ""
        /// The offset the replica has acknowledged.
        public internal(set) var offset: Int64 = 0
        /// Whole seconds since the replica's last acknowledgement, where the server says so.
        public internal(set) var lagSeconds: Int64?
    }

    /// The link from a replica to its master.
    public struct MasterLink: Sendable, Equatable {
        /// The host of the master, as configured.
        public internal(set) var host = ""
        /// The port of the master.
        public internal(set) var port = 0
        /// Whether the link is up.
        public internal(set) var isUp = false
    }

    /// A master as a Sentinel lists it.
    public struct SentinelMaster: Sendable, Equatable {
        /// The name in the Sentinel's configuration.
        public internal(set) var name = ""
        /// The present address, `host:port`.
        public internal(set) var address = ""
        /// `ok`, `sdown` or `odown`.
        public internal(set) var status = ""
        /// The replicas that the Sentinel knows.
        public internal(set) var replicas = 0
        /// The Sentinels that watch the master, this one included.
        public internal(set) var sentinels = 0
    }

    /// Whether an INFO reply was read.
    public internal(set) var isKnown = false
    /// What part the server plays; `unknown` where INFO does not say it.
    public internal(set) var role = Role.unknown
    /// Which program it is.
    public internal(set) var product = Product.redis
    /// The version of the program, for example `8.0.6`; Valkey's own, not the one it is compatible with.
    public internal(set) var version = ""
    /// The first two parts of the version as a number that compares: 802 for 8.2.
    public internal(set) var versionNumber = 0
    /// `standalone`, `sentinel` or `cluster`.
    public internal(set) var mode = ""
    /// Changes with each start of the server.
    public internal(set) var runID = ""
    /// Seconds since the start.
    public internal(set) var uptimeSeconds: Int64 = 0
    /// Whether the server is a node of a cluster.
    public internal(set) var isClusterEnabled = false
    /// Whether it is loading its data and refuses most commands.
    public internal(set) var isLoading = false
    /// The limit of clients, where INFO has it.
    public internal(set) var maxClients: Int64?
    /// The limit of memory in bytes, zero for none, where INFO has it.
    public internal(set) var maxMemory: Int64?
    /// The number of databases, where CONFIG was readable.
    public internal(set) var databases: Int?
    /// The identifier of the data set's history.
    public internal(set) var masterReplicationID = ""
    /// The replication offset of this server.
    public internal(set) var replicationOffset: Int64 = 0
    /// The master that a replica follows; `nil` for a master.
    public internal(set) var masterLink: MasterLink?
    /// The replicas connected to this server, in its order.
    public internal(set) var replicas: [Replica] = []
    /// The masters that a Sentinel watches, in its order.
    public internal(set) var sentinelMasters: [SentinelMaster] = []

    /// Nothing is known.
    public init() {}

    /// Whether the server is a Sentinel.
    public var isSentinel: Bool {
        role == .sentinel
    }

    /// Whether the server is at least this Redis release, or a Valkey, which began as Redis 7.2.
    func isAtLeastRedis(_ major: Int, _ minor: Int) -> Bool {
        product == .valkey ? major * 100 + minor <= 702 : versionNumber >= major * 100 + minor
    }

    /// Whether the server is at least this Valkey release.
    func isAtLeastValkey(_ major: Int, _ minor: Int) -> Bool {
        product == .valkey && versionNumber >= major * 100 + minor
    }
}

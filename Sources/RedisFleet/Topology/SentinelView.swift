public import RedisClient

/// What one Sentinel says: the masters it watches, their replicas, its peers, and whether a quorum can be reached.
public struct SentinelView: Sendable, Hashable {
    /// A server as a Sentinel describes it.
    public struct Entry: Sendable, Hashable {
        /// Where the server is.
        public let endpoint: Endpoint
        /// Of a master its name, else the address or the run ID.
        public let name: String
        /// The run ID; empty until the Sentinel has learned it.
        public let runID: String
        /// The flags: `master`, `s_down`, `o_down`, `failover_in_progress`, `disconnected`.
        public let flags: Set<String>
        /// Whether a replica's link to its master is up, as the Sentinel sees it.
        public let isLinkUp: Bool
        /// The Sentinels that must agree that a master is down; zero for other servers.
        public let quorum: Int
        /// The replicas of a master that the Sentinel counts; zero for other servers.
        public let replicaCount: Int
        /// The other Sentinels that watch a master; zero for other servers.
        public let otherSentinels: Int
        /// The configuration epoch of a master; zero for other servers.
        public let configurationEpoch: Int64

        /// Whether the Sentinel does not think that it is down.
        public var isWell: Bool {
            !flags.contains("s_down") && !flags.contains("o_down")
        }

        /// Whether the Sentinel leads a failover of this master.
        public var isFailingOver: Bool {
            flags.contains("failover_in_progress")
        }
    }

    /// The answer to `SENTINEL CKQUORUM`.
    public struct QuorumCheck: Sendable, Hashable {
        /// Whether the quorum and the majority for a failover can be reached.
        public let isReachable: Bool
        /// What the Sentinel says about it.
        public let text: String
    }

    /// One watched master with what belongs to it.
    public struct Master: Sendable, Hashable {
        /// The master itself.
        public let entry: Entry
        /// The replicas that the Sentinel knows.
        public internal(set) var replicas: [Entry] = []
        /// The other Sentinels that watch this master.
        public internal(set) var peers: [Entry] = []
        /// Whether a failover could be decided; `nil` where it was not asked.
        public internal(set) var quorumCheck: QuorumCheck?

        /// The name in the Sentinel's configuration.
        public var name: String {
            entry.name
        }
    }

    /// The watched masters, in the Sentinel's order.
    public private(set) var masters: [Master] = []
    /// Parts of replies that could not be read.
    public private(set) var skipped = 0

    /// Entries of one reply beyond this number are left out.
    private static let entryLimit = 1024
    /// Fields of an entry beyond this number make it unreadable.
    private static let fieldLimit = 128
    /// So does a name that is longer than this: it becomes a label.
    private static let nameLimit = 256

    /// Reads the reply to `SENTINEL MASTERS`, of one master or of all; `nil` where it is no list.
    public init?(masters reply: Reply, named name: String? = nil) {
        guard reply.kind == .array else { return nil }
        masters = readEntries(reply).filter { !$0.name.isEmpty && (name ?? $0.name) == $0.name }.map {
            Master(entry: $0)
        }
    }

    /// Adds the replies to `SENTINEL REPLICAS`, `SENTINEL SENTINELS` and `SENTINEL CKQUORUM` about a master.
    ///
    /// A reply that is `nil` or an error of another kind than `NOQUORUM` says nothing.
    public mutating func add(toMaster name: String, replicas: Reply?, peers: Reply?, quorum: Reply?) {
        guard let position = masters.firstIndex(where: { $0.name == name }) else { return }
        if let replicas { masters[position].replicas = readEntries(replicas) }
        if let peers { masters[position].peers = readEntries(peers) }
        masters[position].quorumCheck = quorum.flatMap(Self.quorumCheck)
    }

    /// Reads the reply to `SENTINEL CKQUORUM`; `nil` where it says nothing about the quorum.
    public static func quorumCheck(_ reply: Reply) -> QuorumCheck? {
        switch reply.kind {
        case .status, .string: QuorumCheck(isReachable: true, text: reply.text)
        case .error where reply.text.hasPrefix("NOQUORUM"): QuorumCheck(isReachable: false, text: reply.text)
        case .error, .integer, .null, .array: nil
        }
    }

    private mutating func readEntries(_ reply: Reply) -> [Entry] {
        guard reply.kind == .array else { return [] }
        var entries: [Entry] = []
        for element in reply.elements {
            guard entries.count < Self.entryLimit, let entry = Self.entry(element) else {
                skipped += 1
                continue
            }
            entries.append(entry)
        }
        return entries
    }

    private static func entry(_ reply: Reply) -> Entry? {
        guard reply.kind == .array, reply.count <= fieldLimit * 2 else { return nil }
        var fields: [String: String] = [:]
        var elements = reply.elements
        while let name = elements.next(), let value = elements.next() {
            guard name.kind == .string, value.kind == .string else { return nil }
            fields[name.text] = value.text
        }
        guard let host = fields["ip"],
            let endpoint = Endpoint(announcedHost: host, port: fields["port"].flatMap { Int($0) }),
            (fields["name"] ?? "").utf8.count <= nameLimit
        else { return nil }
        return Entry(
            endpoint: endpoint,
            name: fields["name"] ?? "",
            runID: fields["runid"] ?? "",
            flags: Set((fields["flags"] ?? "").split(separator: ",").map(String.init)),
            isLinkUp: fields["master-link-status"] == "ok",
            quorum: fields["quorum"].flatMap { Int($0) } ?? 0,
            replicaCount: fields["num-slaves"].flatMap { Int($0) } ?? 0,
            otherSentinels: fields["num-other-sentinels"].flatMap { Int($0) } ?? 0,
            configurationEpoch: fields["config-epoch"].flatMap { Int64($0) } ?? 0
        )
    }
}

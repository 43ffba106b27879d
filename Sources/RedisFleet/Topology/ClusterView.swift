public import RedisClient

/// What one cluster node says about the cluster: `CLUSTER NODES`, with the addresses of `CLUSTER SHARDS` or
/// `CLUSTER SLOTS` where the server has them.
public struct ClusterView: Sendable, Hashable {
    /// A member of the cluster.
    public struct Member: Sendable, Hashable {
        /// The node's identifier.
        public let id: String
        /// Where clients reach it; `nil` while the cluster does not know that.
        public internal(set) var endpoint: Endpoint?
        /// The name it announces; `nil` for none.
        public internal(set) var hostname: String?
        /// What the asked node says of it in one word each.
        public let flags: Flags
        /// The identifier of the master that a replica follows.
        public let masterID: String?
        /// Whether the link of the cluster bus is up.
        public let isConnected: Bool
        /// The configuration epoch.
        public let epoch: Int64
        /// The identifier of the shard, which a failover does not change; `nil` before Redis 7.2.
        public internal(set) var shardID: String?
        /// The slots that it serves.
        public internal(set) var slots = SlotSet()
        /// The slots that leave it; known of the asked node only.
        public internal(set) var migrating = 0
        /// The slots that come to it; known of the asked node only.
        public internal(set) var importing = 0

        /// Whether it is a master, serving slots or not.
        public var isMaster: Bool {
            flags.contains(.master)
        }

        /// What the asked node thinks of it; `nil` where it finds it well.
        public var failure: Failure? {
            if flags.contains(.failed) { return .failed }
            return flags.contains(.suspected) ? .suspected : nil
        }
    }

    /// The flags of a member that are of interest.
    public struct Flags: OptionSet, Sendable, Hashable {
        /// The bits.
        public let rawValue: UInt8

        /// A set of bits.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The asked node itself.
        public static let myself = Flags(rawValue: 1)
        /// A master.
        public static let master = Flags(rawValue: 2)
        /// A node that does not answer the asked one.
        public static let suspected = Flags(rawValue: 4)
        /// A node that has failed.
        public static let failed = Flags(rawValue: 8)
        /// A node that is just being met.
        public static let handshake = Flags(rawValue: 16)
        /// A node whose address is not known.
        public static let withoutAddress = Flags(rawValue: 32)

        fileprivate init(_ words: Substring) {
            self = []
            for word in words.utf8.split(separator: UInt8(ascii: ",")) {
                switch Substring(word) {
                case "myself": insert(.myself)
                case "master": insert(.master)
                case "fail?": insert(.suspected)
                case "fail": insert(.failed)
                case "handshake": insert(.handshake)
                case "noaddr": insert(.withoutAddress)
                default: break
                }
            }
        }
    }

    /// What nodes of a cluster think of another one.
    public enum Failure: String, Sendable, Hashable {
        /// It does not answer at least one of them.
        case suspected = "pfail"
        /// Most masters have agreed that it has failed.
        case failed = "fail"
    }

    /// All members in the order of the reply.
    public private(set) var members: [Member] = []
    /// Lines and parts that could not be read.
    public private(set) var skipped = 0

    /// Members beyond this number are left out; Redis itself recommends no more than 1000.
    private static let memberLimit = 4096

    /// Reads the reply to `CLUSTER NODES`; `nil` where it is no text or has no line about a node.
    public init?(nodes reply: Reply) {
        guard reply.kind == .string || reply.kind == .status else { return nil }
        let text = reply.text
        for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            guard members.count < Self.memberLimit, let member = readMember(Substring(line)) else {
                skipped += 1
                continue
            }
            members.append(member)
        }
        guard !members.isEmpty else { return nil }
    }

    /// The asked node itself; `nil` where the reply does not say which it is.
    public var myself: Member? {
        members.first { $0.flags.contains(.myself) }
    }

    /// Reads one line.
    ///
    /// `<id> <ip:port@cport[,hostname[,name=value]*]> <flags> <master> <ping> <pong> <epoch> <link> <slot>…`
    private mutating func readMember(_ line: Substring) -> Member? {
        let words = line.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
        guard words.count >= 8, isIdentifier(words[0]), words[3] == "-" || isIdentifier(words[3]) else { return nil }
        let address = words[1].utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { Substring($0) }
        let flags = Flags(words[2])
        var member = Member(
            id: String(words[0]),
            endpoint: flags.contains(.withoutAddress) ? nil : address.first.flatMap(endpoint),
            hostname: address.count > 1 ? Self.usableHostname(address[1]) : nil,
            flags: flags,
            masterID: words[3] == "-" ? nil : String(words[3]),
            isConnected: words[7] == "connected",
            epoch: Int64(words[6]) ?? 0
        )
        for field in address.dropFirst(2) where field.hasPrefix("shard-id=") {
            let id = field.dropFirst("shard-id=".utf8.count)
            // It becomes a label.
            if isIdentifier(id) { member.shardID = String(id) } else { skipped += 1 }
        }
        for word in words.dropFirst(8) {
            readSlots(word, of: &member)
        }
        return member
    }

    private static func usableHostname(_ text: Substring) -> String? {
        text.isEmpty || text.utf8.count > 255 ? nil : String(text)
    }

    private func isIdentifier(_ text: Substring) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// `127.0.0.1:20020@20040`; IPv6 addresses come without brackets.
    private func endpoint(_ text: Substring) -> Endpoint? {
        let hostAndPort = text.prefix { $0 != "@" }
        guard let colon = hostAndPort.lastIndex(of: ":") else { return nil }
        let port = hostAndPort[hostAndPort.index(after: colon)...]
        return Endpoint(announcedHost: String(hostAndPort[..<colon]), port: Int(port))
    }

    /// `5461-10922`, `100`, `[100->-id]` for a slot that leaves, `[100-<-id]` for one that comes.
    private mutating func readSlots(_ word: Substring, of member: inout Member) {
        if word.hasPrefix("["), word.hasSuffix("]") {
            if word.contains("->-") {
                member.migrating += 1
            } else if word.contains("-<-") {
                member.importing += 1
            } else {
                skipped += 1
            }
            return
        }
        let dash = word.utf8.firstIndex(of: UInt8(ascii: "-"))
        let first = dash.map { word[..<$0] } ?? word
        let last = dash.map { word[word.utf8.index(after: $0)...] } ?? word
        guard let from = Int64(first), let to = Int64(last), member.slots.insert(from, to) else {
            skipped += 1
            return
        }
    }

    // MARK: Addresses for clients

    /// Takes over from the reply to `CLUSTER SHARDS` where clients are to connect, which `CLUSTER NODES` does not say
    /// for clusters with TLS or preferred host names.
    ///
    /// - Parameter usesTLS: Whether the ports for TLS are the ones to use.
    public mutating func add(shards reply: Reply, usesTLS: Bool) {
        guard reply.kind == .array else { return }
        for shard in reply.elements {
            let fields = PairedReply(shard)
            guard let nodes = fields["nodes"], nodes.kind == .array else {
                skipped += 1
                continue
            }
            for node in nodes.elements {
                let fields = PairedReply(node)
                let port = (usesTLS ? fields["tls-port"] : nil) ?? fields["port"] ?? fields["tls-port"]
                take(
                    id: fields["id"]?.text,
                    host: fields["endpoint"].flatMap(Self.usableHost) ?? fields["ip"]?.text,
                    port: port?.integer,
                    hostname: fields["hostname"]?.text
                )
            }
        }
    }

    /// Takes over from the reply to `CLUSTER SLOTS` where clients are to connect; for servers without `SHARDS`.
    public mutating func add(slots reply: Reply) {
        guard reply.kind == .array else { return }
        for range in reply.elements {
            for node in range.elements.dropFirst(2) {
                var parts = node.elements
                guard let host = parts.next(), let port = parts.next()?.integer, let id = parts.next() else {
                    skipped += 1
                    continue
                }
                let hostname = parts.next().map(PairedReply.init)?["hostname"]?.text
                take(id: id.text, host: Self.usableHost(host), port: port, hostname: hostname)
            }
        }
    }

    /// A null or empty endpoint means: the address that was asked.
    private static func usableHost(_ reply: Reply) -> String? {
        reply.kind == .null || reply.text.isEmpty || reply.text == "?" ? nil : reply.text
    }

    private mutating func take(id: String?, host: String?, port: Int64?, hostname: String?) {
        guard let id, let position = members.firstIndex(where: { $0.id == id }) else {
            skipped += 1
            return
        }
        if let hostname, members[position].hostname == nil {
            members[position].hostname = Self.usableHostname(hostname[...])
        }
        if let host, let port, let endpoint = Endpoint(announcedHost: host, port: Int(exactly: port)) {
            members[position].endpoint = endpoint
        }
    }
}

/// A list of names and values; the value of each name.
struct PairedReply {
    private var fields: [String: Reply] = [:]

    /// Further fields are not looked at.
    private static let limit = 64

    init(_ reply: Reply) {
        var elements = reply.elements
        while fields.count < Self.limit, let name = elements.next(), let value = elements.next() {
            fields[name.text] = value
        }
    }

    subscript(name: String) -> Reply? {
        fields[name]
    }
}

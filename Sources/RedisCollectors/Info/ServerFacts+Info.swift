extension String {
    /// Becomes the text of a range, and allocates nothing if it is that already.
    mutating func assign(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        if !bytes.equals(text: self, in: range) { self = bytes.text(in: range) }
    }
}

extension ServerFacts {
    /// Takes over the text fields of a whole INFO reply.
    mutating func read(_ bytes: Span<UInt8>, _ texts: InfoTexts) {
        isKnown = true
        readIdentity(bytes, texts)
        if texts.has(.sentinelMasters) || mode == "sentinel" {
            role = .sentinel
        } else if texts.has(.role) {
            role = Self.role(bytes, texts[.role])
        } else {
            role = .unknown
        }
        uptimeSeconds = bytes.integer(in: texts[.uptime]) ?? 0
        isClusterEnabled = bytes.equals("1", in: texts[.clusterEnabled])
        isLoading = bytes.equals("1", in: texts[.loading])
        maxClients = bytes.integer(in: texts[.maxClients])
        maxMemory = bytes.integer(in: texts[.maxMemory])
        replicationOffset = bytes.integer(in: texts[.replicationOffset]) ?? 0
        masterReplicationID.assign(bytes, texts[.masterReplicationID])
        readMasterLink(bytes, texts)
    }

    /// The server's word; a replica of KeyDB that takes writes is a master.
    private static func role(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Role {
        if bytes.equals("slave", in: range) { return .replica }
        return bytes.equals("master", in: range) || bytes.equals("active-replica", in: range) ? .master : .unknown
    }

    private mutating func readIdentity(_ bytes: Span<UInt8>, _ texts: InfoTexts) {
        product = texts.has(.valkeyVersion) ? .valkey : .redis
        let versionRange = texts[texts.has(.valkeyVersion) ? .valkeyVersion : .redisVersion]
        if !bytes.equals(text: version, in: versionRange) {
            version = bytes.text(in: versionRange)
            versionNumber = Self.number(of: version)
        }
        mode.assign(bytes, texts[texts.has(.redisMode) ? .redisMode : .serverMode])
        if !bytes.equals(text: runID, in: texts[.runID]) {
            runID = bytes.text(in: texts[.runID])
            databases = nil
        }
    }

    private mutating func readMasterLink(_ bytes: Span<UInt8>, _ texts: InfoTexts) {
        guard role == .replica, texts.has(.masterHost) else {
            masterLink = nil
            return
        }
        var link = masterLink ?? MasterLink()
        link.host.assign(bytes, texts[.masterHost])
        link.port = bytes.integer(in: texts[.masterPort]).flatMap { Int(exactly: $0) } ?? 0
        link.isUp = bytes.equals("up", in: texts[.masterLinkStatus])
        masterLink = link
    }

    /// 802 for `8.2.1`; zero for what is no version.
    private static func number(of version: String) -> Int {
        let parts = version.split(separator: ".", maxSplits: 2)
        guard let major = parts.first.flatMap({ Int($0) }), (0...10_000).contains(major) else { return 0 }
        let minor = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return major * 100 + min(max(minor, 0), 99)
    }
}

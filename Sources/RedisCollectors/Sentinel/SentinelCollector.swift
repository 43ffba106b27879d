public import Metrics
public import RedisClient

/// SENTINEL: what one Sentinel thinks of its masters, of their replicas and of its peers.
///
/// Commands: `SENTINEL MASTERS`; for each master that INFO lists `SENTINEL CKQUORUM`, `SENTINEL SENTINELS`,
/// `SENTINEL SLAVES`; with `includeConfigMetrics` `SENTINEL CONFIG GET *`. ACL: `+sentinel`. Cost: some microseconds a
/// master. All versions of a Sentinel.
public struct SentinelCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "sentinel"

    /// Every row, in order.
    public static var rows: [MetricRow] {
        SentinelFamilies.rows
    }

    /// Further masters are not asked about in detail.
    private static let detailLimit = 256

    private let families: FamilyTable<SentinelFamilies>

    /// Adds the rows to the catalogue.
    public init(catalog: inout MetricCatalog) {
        families = FamilyTable(catalog: &catalog)
    }

    /// The masters and, for each that INFO listed, its quorum, Sentinels and replicas.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        guard state.facts.isSentinel else { return [] }
        state.askedMasters = state.facts.sentinelMasters.prefix(Self.detailLimit).map(\.name)
        var commands = [["SENTINEL", "MASTERS"]]
        for master in state.askedMasters {
            commands.append(["SENTINEL", "CKQUORUM", master])
            commands.append(["SENTINEL", "SENTINELS", master])
            commands.append(["SENTINEL", "SLAVES", master])
        }
        if context.options.includeConfigMetrics {
            commands.append(["SENTINEL", "CONFIG", "GET", "*"])
        }
        return commands
    }

    /// Reads the replies in the order of the commands.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        let before = buffer.count
        guard let masters = outcome.list(replies.first ?? nil) else { return outcome }
        var addresses: [String: String] = [:]
        for entry in SentinelEntry.entries(masters, &outcome.skips) {
            guard let name = entry["name"], let ip = entry["ip"], let port = entry["port"] else {
                outcome.skips.add(.malformed)
                continue
            }
            addresses[name] = ip + ":" + port
            addMaster(entry, SentinelMasterLabels(name: name, address: ip + ":" + port), to: &buffer, &outcome.skips)
        }
        for (position, name) in state.askedMasters.enumerated() where position * 3 + 3 < replies.count {
            let labels = SentinelMasterLabels(name: name, address: addresses[name] ?? "")
            addQuorum(replies[position * 3 + 1], name, to: &buffer, &outcome)
            addPeers(replies[position * 3 + 2], labels, context.options, to: &buffer, &outcome)
            addReplicas(replies[position * 3 + 3], labels, to: &buffer, &outcome)
        }
        let configuration = 1 + state.askedMasters.count * 3
        if context.options.includeConfigMetrics, configuration < replies.count, let reply = replies[configuration] {
            addConfiguration(reply, to: &buffer, &outcome)
        }
        outcome.samples = buffer.count - before
        return outcome
    }

    private func addMaster(
        _ entry: SentinelEntry,
        _ master: SentinelMasterLabels,
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        let labels = master.add(to: &buffer)
        for family in SentinelFamilies.masterFields {
            guard let text = entry[family.row.field] else { continue }
            guard let number = Double(text), number.isFinite else {
                skips.add(.notANumber)
                continue
            }
            let row = family.row
            buffer.append(families[family], labelsFrom: labels, row.sourceUnit.convert(number, to: row.unit))
        }
        if entry["flags"] != nil {
            buffer.append(families[.subjectivelyDown], labelsFrom: labels, entry.hasFlag("s_down") ? 1 : 0)
            buffer.append(families[.objectivelyDown], labelsFrom: labels, entry.hasFlag("o_down") ? 1 : 0)
            buffer.append(
                families[.failoverInProgress], labelsFrom: labels, entry.hasFlag("failover_in_progress") ? 1 : 0
            )
        }
    }

    /// CKQUORUM answers with an error when there is no quorum: then the text says why.
    private func addQuorum(
        _ reply: Reply?,
        _ name: String,
        to buffer: inout SampleBuffer,
        _ outcome: inout CollectorOutcome
    ) {
        guard let reply else { return }
        let isRefusal = reply.errorText?.hasPrefix("NOQUORUM") == false
        guard reply.kind == .status || reply.kind == .string || reply.kind == .error, !isRefusal else {
            outcome.noteNotExpected(reply)
            return
        }
        let labels = buffer.labelStart
        buffer.addLabel(name)
        buffer.addLabel(reply.text)
        buffer.append(families[.quorum], labelsFrom: labels, reply.kind == .error ? 0 : 1)
    }

    private func addPeers(
        _ reply: Reply?,
        _ master: SentinelMasterLabels,
        _ options: CollectorOptions,
        to buffer: inout SampleBuffer,
        _ outcome: inout CollectorOutcome
    ) {
        guard let reply = outcome.list(reply) else { return }
        // This Sentinel counts itself.
        var wellSentinels = 1
        for peer in SentinelEntry.entries(reply, &outcome.skips) {
            if peer.isWell { wellSentinels += 1 }
            guard options.includeSentinelPeerInfo else { continue }
            let labels = master.add(to: &buffer)
            for field in ["name", "ip", "port", "runid", "flags"] {
                buffer.addLabel(peer[field] ?? "")
            }
            buffer.append(families[.peer], labelsFrom: labels, 1)
        }
        let labels = master.add(to: &buffer)
        buffer.append(families[.wellSentinels], labelsFrom: labels, Double(wellSentinels))
    }

    private func addReplicas(
        _ reply: Reply?,
        _ master: SentinelMasterLabels,
        to buffer: inout SampleBuffer,
        _ outcome: inout CollectorOutcome
    ) {
        guard let reply = outcome.list(reply) else { return }
        var wellReplicas = 0
        for replica in SentinelEntry.entries(reply, &outcome.skips) {
            if replica.isWell { wellReplicas += 1 }
            guard let ip = replica["ip"], let port = replica["port"], let status = replica["master-link-status"] else {
                continue
            }
            let labels = master.add(to: &buffer)
            buffer.addLabel(ip + ":" + port)
            buffer.append(families[.replicaLink], labelsFrom: labels, status == "ok" ? 1 : 0)
        }
        let labels = master.add(to: &buffer)
        buffer.append(families[.wellReplicas], labelsFrom: labels, Double(wellReplicas))
    }

    private func addConfiguration(_ reply: Reply, to buffer: inout SampleBuffer, _ outcome: inout CollectorOutcome) {
        guard let reply = outcome.list(reply) else { return }
        for parameter in ConfigParameters.parse([reply], &outcome.skips) {
            families.add(parameter, .configText, .configNumber, to: &buffer)
        }
    }
}

/// The labels that most series about a master have.
struct SentinelMasterLabels {
    let name: String
    let address: String

    /// Adds the labels and returns where they start.
    func add(to buffer: inout SampleBuffer) -> Int {
        let start = buffer.labelStart
        buffer.addLabel(name)
        buffer.addLabel(address)
        return start
    }
}

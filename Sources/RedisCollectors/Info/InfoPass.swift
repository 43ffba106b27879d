import Metrics

/// One walk over the lines of an INFO reply.
struct InfoPass {
    /// The kinds of lines that a server has many of.
    private enum LineKind: Int, CaseIterable {
        case command, latency, error, thread, keySize, module

        /// Lines beyond this number are left out.
        var limit: Int {
            switch self {
            case .command, .latency: InfoCommandstatsSection.limit
            case .error: InfoErrorstatsSection.limit
            case .thread: InfoThreadsSection.limit
            case .keySize: InfoKeysizesSection.lineLimit
            case .module: InfoModuleLines.limit
            }
        }
    }

    /// No server runs for thirty thousand years.
    private static let uptimeLimit: Int64 = 1 << 40

    private(set) var skips: ParseSkips

    private let collector: InfoCollector
    private let options: CollectorOptions
    private var texts = InfoTexts()
    private var otherMasters: [InfoMasterLink.Fields] = []
    private var databases: Set<Int> = []
    private var replicaCount = 0
    private var sentinelMasterCount = 0
    private var hasCertificate = true
    /// Lines read so far, by kind.
    private var counts = [Int](repeating: 0, count: LineKind.allCases.count)

    init(collector: InfoCollector, options: CollectorOptions, skips: ParseSkips) {
        self.collector = collector
        self.options = options
        self.skips = skips
    }

    /// Sends one line to its place.
    mutating func read(
        _ line: InfoLine,
        of bytes: Span<UInt8>,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) {
        if let field = collector.fields.field(bytes, line.name) {
            read(field, line, of: bytes, into: &buffer)
        } else if !readGroup(line, of: bytes, &state, into: &buffer), options.includeUnknownInfo {
            collector.unknown.add(bytes, line, names: &state.unknownFields, to: &buffer, &skips)
        }
    }

    private mutating func read(
        _ field: InfoFieldIndex.Field,
        _ line: InfoLine,
        of bytes: Span<UInt8>,
        into buffer: inout SampleBuffer
    ) {
        if let text = field.text { texts.note(text, at: line.value) }
        if field.gate == .certificateSerial { hasCertificate = !bytes.equals("none", in: line.value) }
        guard let family = field.family, isOpen(field.gate) else { return }
        guard let number = bytes.decimal(in: line.value) ?? Self.flag(bytes, line.value) else {
            skips.add(.notANumber)
            return
        }
        buffer.append(family, field.exported(number))
    }

    /// `ok` and `err`, as the fields that end in `_status` have them.
    static func flag(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Double? {
        if bytes.equals("ok", in: value) || bytes.equals("true", in: value) { return 1 }
        if bytes.equals("err", in: value) || bytes.equals("fail", in: value) || bytes.equals("false", in: value) {
            return 0
        }
        return nil
    }

    private func isOpen(_ gate: InfoFieldIndex.Gate) -> Bool {
        switch gate {
        case .open: true
        case .system: options.includeSystemMetrics
        case .modules: options.includeModulesMetrics
        case .certificate: hasCertificate
        case .certificateSerial: false
        }
    }

    /// Reads a line of a kind that a server has many of; `false` where it is none.
    private mutating func readGroup(
        _ line: InfoLine,
        of bytes: Span<UInt8>,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> Bool {
        let name = line.name
        switch bytes[name.lowerBound] {
        case UInt8(ascii: "c") where bytes.hasPrefix(InfoCommandstatsSection.prefix, in: name):
            guard admits(.command) else { return true }
            collector.commands.add(bytes, line, to: &state.commandTimes, &state.commandSamples, &skips)
        case UInt8(ascii: "l") where bytes.hasPrefix(InfoLatencystatsSection.prefix, in: name):
            guard admits(.latency) else { return true }
            collector.latencies.add(
                bytes, line, &state.latencyPercentiles, times: state.commandTimes, to: &state.latencySamples, &skips)
        case UInt8(ascii: "l") where bytes.hasPrefix("listener", in: name):
            return true
        case UInt8(ascii: "e") where bytes.hasPrefix(InfoErrorstatsSection.prefix, in: name):
            guard admits(.error) else { return true }
            collector.errors.add(bytes, line, to: &buffer, &skips)
        case UInt8(ascii: "e") where bytes.hasPrefix("engine_", in: name):
            return true
        case UInt8(ascii: "d"):
            return readDatabase(line, of: bytes, into: &buffer)
        case UInt8(ascii: "i") where bytes.hasPrefix(InfoThreadsSection.prefix, in: name):
            guard admits(.thread) else { return true }
            collector.threads.add(bytes, line, to: &buffer, &skips)
        case UInt8(ascii: "u") where bytes.hasPrefix(InfoThreadsSection.activeTimePrefix, in: name):
            guard admits(.thread) else { return true }
            collector.threads.addActiveTime(bytes, line, to: &buffer, &skips)
        case UInt8(ascii: "s"), UInt8(ascii: "m"):
            return readPeer(line, of: bytes, &state, into: &buffer)
        default:
            return false
        }
        return true
    }

    private mutating func readDatabase(
        _ line: InfoLine,
        of bytes: Span<UInt8>,
        into buffer: inout SampleBuffer
    ) -> Bool {
        if let database = InfoKeyspaceSection.database(bytes, line.name) {
            databases.insert(database)
            collector.keyspace.add(bytes, line, to: &buffer, &skips)
            return true
        }
        guard let parts = InfoKeysizesSection.parts(bytes, line.name) else { return false }
        if admits(.keySize) {
            collector.keySizes.add(bytes, line, parts, to: &buffer, &skips)
        }
        return true
    }

    /// Reads `slave0`, `master0`, `master_1_…` and `module` lines.
    private mutating func readPeer(
        _ line: InfoLine,
        of bytes: Span<UInt8>,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> Bool {
        let name = line.name
        if bytes.hasPrefix("slave", in: name), bytes.integer(in: (name.lowerBound + 5)..<name.upperBound) != nil {
            guard replicaCount < InfoReplicas.limit else {
                skips.add(.overLimit)
                return true
            }
            if state.facts.replicas.count == replicaCount { state.facts.replicas.append(ServerFacts.Replica()) }
            if state.facts.replicas[replicaCount].read(bytes, line.value) {
                replicaCount += 1
            } else {
                skips.add(.malformed)
            }
            return true
        }
        if bytes.hasPrefix("master", in: name), bytes.integer(in: (name.lowerBound + 6)..<name.upperBound) != nil {
            guard sentinelMasterCount < InfoSentinelSection.limit else {
                skips.add(.overLimit)
                return true
            }
            if state.facts.sentinelMasters.count == sentinelMasterCount {
                state.facts.sentinelMasters.append(ServerFacts.SentinelMaster())
            }
            if state.facts.sentinelMasters[sentinelMasterCount].read(bytes, line.value) {
                sentinelMasterCount += 1
            } else {
                skips.add(.malformed)
            }
            return true
        }
        if bytes.equals("module", in: name) {
            if options.includeModulesMetrics, admits(.module) {
                collector.modules.add(bytes, line, to: &buffer, &skips)
            }
            return true
        }
        return InfoMasterLink.note(bytes, line, in: &otherMasters)
    }

    private mutating func admits(_ kind: LineKind) -> Bool {
        counts[kind.rawValue] += 1
        if counts[kind.rawValue] > kind.limit { skips.add(.overLimit) }
        return counts[kind.rawValue] <= kind.limit
    }

    // MARK: What needs several lines

    /// Settles the facts and adds the samples that need several lines.
    mutating func finish(
        _ bytes: Span<UInt8>,
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) {
        state.commandSamples.end(into: &buffer)
        state.latencySamples.end(into: &buffer)
        state.facts.read(bytes, texts)
        state.facts.replicas.removeSubrange(replicaCount...)
        state.facts.sentinelMasters.removeSubrange(sentinelMasterCount...)
        var start: Int64?
        if let uptime = bytes.integer(in: texts[.uptime]), (0..<Self.uptimeLimit).contains(uptime) {
            start = state.startTime.settle(nowMilliseconds: context.nowMilliseconds, uptimeSeconds: uptime)
        }
        collector.instance.add(bytes, texts, context, start: start, to: &buffer, &skips)
        addLinks(bytes, state.facts, into: &buffer)
        let offset = texts.has(.replicationOffset) ? state.facts.replicationOffset : nil
        collector.replicas.add(state.facts.replicas, masterOffset: offset, to: &buffer)
        collector.sentinel.add(state.facts.sentinelMasters, to: &buffer)
        if options.includeEmptyDatabases, !state.facts.isSentinel {
            // 16 is the server's default; a cluster has one database, or as many as it is configured for.
            let databaseCount = state.facts.isClusterEnabled ? 1 : state.facts.databases ?? 16
            collector.keyspace.pad(databaseCount, seen: databases, to: &buffer)
        }
    }

    private mutating func addLinks(_ bytes: Span<UInt8>, _ facts: ServerFacts, into buffer: inout SampleBuffer) {
        guard facts.role == .replica else { return }
        var first = InfoMasterLink.Fields()
        first.host = texts[.masterHost]
        first.port = texts[.masterPort]
        first.status = texts[.masterLinkStatus]
        first.lastIO = texts[.masterLastIO]
        first.syncInProgress = texts[.masterSyncInProgress]
        collector.masterLink.add(bytes, first, to: &buffer, &skips)
        for other in otherMasters {
            collector.masterLink.add(bytes, other, to: &buffer, &skips)
        }
        collector.masterLink.addReplica(bytes, texts, to: &buffer, &skips)
    }
}

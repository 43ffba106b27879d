public import Metrics
public import RedisClient

/// INFO: what every server answers, and the one reply without which a poll has failed.
///
/// Commands: `INFO ALL`, with modules `INFO EVERYTHING`. ACL: `+info`. Cost: about 150 µs of the server, constant in
/// the number of keys. All versions of Redis, Valkey, KeyDB; a Sentinel has fewer sections.
///
/// Each section has a file with its table and its line parsers; this one walks the lines and sends each to its place.
public struct InfoCollector: Collector {
    /// The name under which the collector reports.
    public static let name = "info"

    /// Every row of INFO, in the order in which `init(catalog:)` adds the tables.
    public static var rows: [MetricRow] {
        plainTables.flatMap(\.rows) + InfoSentinelSection.rows + InfoCommandstatsSection.rows
            + InfoLatencystatsSection.rows + InfoErrorstatsSection.rows + InfoKeyspaceSection.rows
            + InfoThreadsSection.rows + InfoKeysizesSection.rows + InfoReplicas.rows + InfoMasterLink.rows
            + InfoInstance.rows + InfoModuleLines.rows + InfoUnknownFields.rows
    }

    /// Tables of fields that are one number each, and what opens them.
    private static let plainTables: [(rows: [MetricRow], gate: InfoFieldIndex.Gate)] = [
        (InfoServerSection.rows, .open),
        (InfoTLSSection.rows, .certificate),
        (InfoClientsSection.rows, .open),
        (InfoMemorySection.rows, .open),
        (InfoMemorySection.systemRows, .system),
        (InfoPersistenceSection.rows, .open),
        (InfoStatsSection.rows, .open),
        (InfoReplicationSection.rows, .open),
        (InfoCPUSection.rows, .open),
        (InfoClusterSection.rows, .open),
        (InfoKeyDBSection.rows, .open),
        (InfoScriptingEnginesSection.rows, .open),
        (InfoSentinelSection.fieldRows, .open),
        (InfoModuleFields.gaugeRows, .modules),
        (InfoModuleFields.counterRows, .modules),
    ]

    let fields: InfoFieldIndex
    let sentinel: FamilyTable<InfoSentinelSection>
    let commands: FamilyTable<InfoCommandstatsSection>
    let latencies: FamilyTable<InfoLatencystatsSection>
    let errors: FamilyTable<InfoErrorstatsSection>
    let keyspace: FamilyTable<InfoKeyspaceSection>
    let threads: FamilyTable<InfoThreadsSection>
    let keySizes: FamilyTable<InfoKeysizesSection>
    let replicas: FamilyTable<InfoReplicas>
    let masterLink: FamilyTable<InfoMasterLink>
    let instance: FamilyTable<InfoInstance>
    let modules: FamilyTable<InfoModuleLines>
    let unknown: FamilyTable<InfoUnknownFields>

    /// Adds the rows of all sections to the catalogue.
    public init(catalog: inout MetricCatalog) {
        var fields = InfoFieldIndex()
        for table in Self.plainTables {
            fields.add(table.rows, first: catalog.add(table.rows), gate: table.gate)
        }
        fields.ignore(InfoIgnoredFields.all.flatMap(\.names))
        fields.ignore(InfoTLSSection.serialFields, gate: .certificateSerial)
        self.fields = fields
        sentinel = FamilyTable(catalog: &catalog)
        commands = FamilyTable(catalog: &catalog)
        latencies = FamilyTable(catalog: &catalog)
        errors = FamilyTable(catalog: &catalog)
        keyspace = FamilyTable(catalog: &catalog)
        threads = FamilyTable(catalog: &catalog)
        keySizes = FamilyTable(catalog: &catalog)
        replicas = FamilyTable(catalog: &catalog)
        masterLink = FamilyTable(catalog: &catalog)
        instance = FamilyTable(catalog: &catalog)
        modules = FamilyTable(catalog: &catalog)
        unknown = FamilyTable(catalog: &catalog)
    }

    private static let all = [["INFO", "ALL"]]
    private static let everything = [["INFO", "EVERYTHING"]]

    /// One INFO, whatever is known of the server.
    public func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]] {
        // A server that does not know `everything` answers it with nothing at all.
        context.options.includeModulesMetrics && state.facts.isAtLeastRedis(6, 0) ? Self.everything : Self.all
    }

    /// Reads the reply and replaces the facts.
    ///
    /// After an error reply, or one without a single line, the facts stay as they were.
    public func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome {
        var outcome = CollectorOutcome()
        guard let reply = replies.first ?? nil else { return outcome }
        guard reply.kind == .string || reply.kind == .status else {
            outcome.refusal = reply.errorText
            if outcome.refusal == nil { outcome.skips.add(.unexpectedReply) }
            return outcome
        }
        let before = buffer.count
        outcome.skips = reply.withBytes { bytes in
            collect(bytes, context, &state, into: &buffer)
        }
        outcome.samples = buffer.count - before
        return outcome
    }

    /// Reads the text of an INFO reply.
    func collect(
        _ bytes: Span<UInt8>,
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> ParseSkips {
        let lines = InfoLines(parsing: bytes)
        guard !lines.lines.isEmpty else {
            var skips = lines.skips
            skips.add(.unexpectedReply)
            return skips
        }
        state.commandTimes.removeAll()
        state.unknownFields.removeAll(keepingCapacity: true)
        var pass = InfoPass(collector: self, options: context.options, skips: lines.skips)
        for line in lines.lines {
            pass.read(line, of: bytes, &state, into: &buffer)
        }
        pass.finish(bytes, context, &state, into: &buffer)
        return pass.skips
    }
}

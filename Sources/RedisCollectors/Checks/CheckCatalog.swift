public import Metrics

/// All checks there are, made for one catalogue.
public struct CheckCatalog: Sendable {
    /// Every row of the checks, in order.
    public static let rows =
        KeyFamilies.rows + CountKeysFamilies.rows + StreamFamilies.rows + KeyGroupFamilies.rows + ScriptFamilies.rows
        + SearchIndexFamilies.rows + RDBFileFamilies.rows

    /// The name of the check whose duration `appendKeyGroupsDuration` is about.
    public static let keyGroupsName = KeyGroupsCheck.name

    private let keys: FamilyTable<KeyFamilies>
    private let counts: FamilyTable<CountKeysFamilies>
    private let streams: FamilyTable<StreamFamilies>
    private let keyGroups: FamilyTable<KeyGroupFamilies>
    private let scripts: FamilyTable<ScriptFamilies>
    private let searchIndexes: FamilyTable<SearchIndexFamilies>
    private let rdbFile: FamilyTable<RDBFileFamilies>

    /// Adds the rows of all checks to the catalogue.
    public init(catalog: inout MetricCatalog) {
        keys = FamilyTable(catalog: &catalog)
        counts = FamilyTable(catalog: &catalog)
        streams = FamilyTable(catalog: &catalog)
        keyGroups = FamilyTable(catalog: &catalog)
        scripts = FamilyTable(catalog: &catalog)
        searchIndexes = FamilyTable(catalog: &catalog)
        rdbFile = FamilyTable(catalog: &catalog)
    }

    /// The checks that the options ask for, as far as they make sense for the node; the cheap ones first.
    public func checks(_ context: CheckContext) -> [any Check] {
        let options = context.options
        guard context.facts.isKnown, !context.facts.isSentinel else { return [] }
        let readsKeys = !(options.skipsMasters && context.facts.role == .master)
        var checks: [any Check] = []
        if options.includesRDBFileSize {
            checks.append(RDBFileCheck(families: rdbFile))
        }
        if !options.scripts.isEmpty {
            checks.append(ScriptsCheck(families: scripts, context))
        }
        if let filter = options.searchIndexes {
            checks.append(SearchIndexesCheck(families: searchIndexes, filter: filter, context))
        }
        if readsKeys, !(options.keys.isEmpty && options.singleKeys.isEmpty) {
            checks.append(KeysCheck(families: keys, context))
        }
        if readsKeys, !(options.streams.isEmpty && options.singleStreams.isEmpty) {
            checks.append(StreamsCheck(families: streams, context))
        }
        if readsKeys, !options.countKeys.isEmpty {
            checks.append(CountKeysCheck(families: counts, context))
        }
        // As in redis_exporter, whose option to spare masters does not reach the groups.
        if !options.keyGroups.isEmpty {
            checks.append(KeyGroupsCheck(families: keyGroups, context))
        }
        return checks
    }

    /// Adds the time that the last sorting into groups took, which redis_exporter has even where there was none.
    public func appendKeyGroupsDuration(_ duration: Duration, to buffer: inout SampleBuffer) {
        let parts = duration.components
        let milliseconds = Double(parts.seconds) * 1000 + (Double(parts.attoseconds) / 1e15).rounded(.down)
        buffer.append(keyGroups[.duration], milliseconds)
    }
}

/// Turns the buffers of one node into samples with keys, and remembers the last one.
///
/// Polls of one node look alike, so the resolver compares a buffer with the one before: where they agree, nothing is
/// looked up and nothing allocated but the array of values.
public struct SeriesResolver: Sendable {
    /// Samples that were dropped since the start.
    public private(set) var dropped = SeriesDropCounts()

    private let table: SeriesKeyTable
    private let limits: SeriesLimits
    /// Families that no limit holds back: what is said of the watch itself, the dropping included.
    private let unlimited: Range<Int>
    private var previous = SampleBuffer.Outline()
    private var keys: [SeriesKey] = []
    /// The entries of `previous` that have a key; `nil` where all have.
    private var keptEntries: [UInt32]?
    private var layout = SampleLayout.empty
    /// Holds the keys.
    private var lease: KeyLease?
    /// What is dropped of each poll that looks like the last one.
    private var droppedPerPoll = SeriesDropCounts()

    /// A resolver for one node.
    ///
    /// - Parameter unlimited: Indices of families in the catalogue that no limit holds back.
    public init(table: SeriesKeyTable, limits: SeriesLimits = SeriesLimits(), unlimited: Range<Int> = 0..<0) {
        self.table = table
        self.limits = limits
        self.unlimited = unlimited
    }

    /// Resolves the samples of one poll.
    public mutating func resolve(_ buffer: SampleBuffer, at timestamp: Int64) -> PollSamples {
        if !previous.isOutline(of: buffer) {
            learn(buffer)
        }
        dropped += droppedPerPoll
        return PollSamples(
            timestamp: timestamp, keys: keys, values: buffer.values(of: keptEntries), layout: layout, lease: lease)
    }

    /// Gives all keys back.
    ///
    /// Call it when the node is watched no longer.
    public mutating func releaseAll() {
        self = SeriesResolver(table: table, limits: limits, unlimited: unlimited)
    }

    private mutating func learn(_ buffer: SampleBuffer) {
        let outline = SampleBuffer.Outline(buffer)
        let oldKeys = keysByEntry
        var newKeys: [SeriesKey] = []
        newKeys.reserveCapacity(buffer.count)
        var kept: [UInt32] = []
        kept.reserveCapacity(buffer.count)
        var seen = Set<SeriesKey>(minimumCapacity: buffer.count)
        droppedPerPoll = SeriesDropCounts()
        var room = SeriesRoom(limits, families: table.catalog.rows.count)
        var unused: [SeriesKey] = []
        var cursor = 0
        for (index, entry) in outline.entries.enumerated() {
            let key = key(of: entry, in: outline, oldKeys: oldKeys, cursor: &cursor)
            if let reason = seen.insert(key).inserted ? take(entry.family, of: &room) : .duplicate {
                droppedPerPoll[reason] += 1
                unused.append(key)
            } else {
                newKeys.append(key)
                kept.append(UInt32(truncatingIfNeeded: index))
            }
        }
        layout = table.layout(of: kept.map { outline.entries[Int($0)].family })
        previous = outline
        // Exactly as long as needed: the reserve was for what is dropped now.
        keys = unused.isEmpty ? newKeys : newKeys.map { $0 }
        keptEntries = unused.isEmpty ? nil : kept.map { $0 }
        // Not before all are known: a key that is given back may come again as the key of another series.
        lease = KeyLease(taking: keys, of: table)
        table.release(unused)
    }

    /// For each entry of the poll before its key; `nil` where the sample was dropped.
    private var keysByEntry: [SeriesKey?] {
        guard let keptEntries else { return keys }
        var all = [SeriesKey?](repeating: nil, count: previous.entries.count)
        for (entry, key) in zip(keptEntries, keys) { all[Int(entry)] = key }
        return all
    }

    /// Takes the place of a new series, or says why there is none.
    private func take(_ family: FamilyID, of room: inout SeriesRoom) -> SeriesDropReason? {
        unlimited.contains(family.index) ? nil : room.take(family)
    }

    /// Finds the entry in the poll before, at or shortly behind `cursor`, else makes its key anew.
    private func key(
        of entry: SampleBuffer.Entry,
        in outline: SampleBuffer.Outline,
        oldKeys: [SeriesKey?],
        cursor: inout Int
    ) -> SeriesKey {
        let searchLimit = min(cursor + 64, oldKeys.count)
        for candidate in cursor..<max(cursor, searchLimit) {
            let known = previous.entries[candidate]
            guard let key = oldKeys[candidate], known.isSameKind(as: entry),
                outline.labels(of: entry) == previous.labels(of: known)
            else { continue }
            cursor = candidate + 1
            table.retain(CollectionOfOne(key))
            return key
        }
        return makeKey(of: entry, in: outline)
    }

    private func makeKey(of entry: SampleBuffer.Entry, in outline: SampleBuffer.Outline) -> SeriesKey {
        let family = entry.family
        let row = table.catalog[family]
        var builder = LabelsBuilder()
        let extraName = entry.role == .bucket ? "le" : "quantile"
        for (position, value) in outline.labelValues(of: entry).enumerated() {
            builder.set(position < row.labels.count ? row.labels[position] : extraName, value)
        }
        builder.set(Labels.metricNameLabel, table.catalog.name(of: family) + entry.role.nameSuffix)
        return table.intern(builder.labels(), family: family, role: entry.role)
    }
}

/// How many series may still come in one poll.
private struct SeriesRoom {
    private var ofNode: Int
    private var ofFamilies: [Int]

    init(_ limits: SeriesLimits, families: Int) {
        ofNode = limits.perNode
        ofFamilies = [Int](repeating: limits.perFamily, count: families)
    }

    /// Takes the place of a series, or says why there is none.
    mutating func take(_ family: FamilyID) -> SeriesDropReason? {
        guard ofFamilies[family.index] > 0 else { return .familyLimit }
        guard ofNode > 0 else { return .nodeLimit }
        ofFamilies[family.index] -= 1
        ofNode -= 1
        return nil
    }
}

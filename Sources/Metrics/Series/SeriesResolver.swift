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
    private var previous = SampleBuffer()
    /// For each entry of `previous` its key; `nil` where the sample was dropped.
    private var entryKeys: [SeriesKey?] = []
    private var keys: [SeriesKey] = []
    private var keptEntries: [Int] = []
    private var layout = SampleLayout()
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
        if !buffer.hasSameSeries(as: previous) {
            learn(buffer)
        }
        let values =
            keptEntries.count == buffer.count ? buffer.values : keptEntries.map { buffer.values[$0] }
        dropped += droppedPerPoll
        return PollSamples(timestamp: timestamp, keys: keys, values: values, layout: layout, lease: lease)
    }

    /// Gives all keys back.
    ///
    /// Call it when the node is watched no longer.
    public mutating func releaseAll() {
        table.release(entryKeys.compactMap { $0 })
        self = SeriesResolver(table: table, limits: limits, unlimited: unlimited)
    }

    private mutating func learn(_ buffer: SampleBuffer) {
        let oldKeys = entryKeys
        var newKeys: [SeriesKey?] = []
        newKeys.reserveCapacity(buffer.count)
        var seen = Set<SeriesKey>(minimumCapacity: buffer.count)
        keys = []
        keptEntries = []
        droppedPerPoll = SeriesDropCounts()
        var room = SeriesRoom(limits, families: table.catalog.rows.count)
        var unused: [SeriesKey] = []
        var families: [FamilyID] = []
        var cursor = 0
        for index in 0..<buffer.count {
            let key = key(of: index, in: buffer, oldKeys: oldKeys, cursor: &cursor)
            let family = buffer.entries[index].family
            if let reason = seen.insert(key).inserted ? take(family, of: &room) : .duplicate {
                droppedPerPoll[reason] += 1
                unused.append(key)
                newKeys.append(nil)
                continue
            }
            newKeys.append(key)
            keys.append(key)
            keptEntries.append(index)
            families.append(family)
        }
        // Not before all are known: a key that is given back may come again as the key of another series.
        table.release(unused)
        table.release(oldKeys.compactMap { $0 })
        entryKeys = newKeys
        previous = buffer
        layout = SampleLayout(families: families, ranks: table.ranks)
        lease = KeyLease(keys, of: table)
    }

    /// Takes the place of a new series, or says why there is none.
    private func take(_ family: FamilyID, of room: inout SeriesRoom) -> SeriesDropReason? {
        unlimited.contains(family.index) ? nil : room.take(family)
    }

    /// Finds the entry in the poll before, at or shortly behind `cursor`, else makes its key anew.
    private func key(
        of index: Int,
        in buffer: SampleBuffer,
        oldKeys: [SeriesKey?],
        cursor: inout Int
    ) -> SeriesKey {
        let searchLimit = min(cursor + 64, oldKeys.count)
        var candidate = cursor
        while candidate < searchLimit {
            if let key = oldKeys[candidate], buffer.hasSameSeries(at: index, as: previous, at: candidate) {
                cursor = candidate + 1
                table.retain(CollectionOfOne(key))
                return key
            }
            candidate += 1
        }
        return makeKey(of: buffer.entries[index], in: buffer)
    }

    private func makeKey(of entry: SampleBuffer.Entry, in buffer: SampleBuffer) -> SeriesKey {
        let family = entry.family
        let row = table.catalog[family]
        var builder = LabelsBuilder()
        let extraName = entry.role == .bucket ? "le" : "quantile"
        for (position, value) in buffer.labelValues(of: entry).enumerated() {
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

extension SampleBuffer {
    fileprivate func hasSameSeries(as other: SampleBuffer) -> Bool {
        entries.count == other.entries.count
            && labelBytes.count == other.labelBytes.count
            && entries.withUnsafeBytes { left in
                other.entries.withUnsafeBytes { right in left.equals(right) }
            }
            && labelBytes.withUnsafeBytes { left in
                other.labelBytes.withUnsafeBytes { right in left.equals(right) }
            }
    }

    fileprivate func hasSameSeries(at index: Int, as other: SampleBuffer, at otherIndex: Int) -> Bool {
        let left = entries[index]
        let right = other.entries[otherIndex]
        return left.isSameKind(as: right)
            && labelBytes[left.labelRange] == other.labelBytes[right.labelRange]
    }
}

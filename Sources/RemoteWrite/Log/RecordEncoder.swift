import Bytes
import Metrics
import TimeSeriesStore

/// The kinds of records in the log; each begins with this byte.
enum RecordTag: UInt8 {
    /// A number and the labels of a series within its group.
    case key = 1
    /// A number and the labels that all series of the group share.
    case group
    /// The keys of the group's rows from here on.
    case layout
    /// A time and the group's values.
    case row
    /// Series of the group that have ended.
    case stale
}

/// Turns what is appended to the store into records of the log.
///
/// A row has only the values that differ from the row before, so that a poll of a server that does nothing costs
/// hardly a hundred bytes. A segment of the log is complete in itself: at its start everything is said anew.
struct RecordEncoder {
    private struct Group {
        /// Held, so that no other group gets its identity.
        let group: SeriesGroup
        let number: UInt64
        var layout: [SeriesKey] = []
        /// The bits of the latest values.
        var values: [UInt64] = []
        var isDefined = false
    }

    private struct Key {
        let number: UInt64
        var isDefined = false
    }

    private let table: SeriesKeyTable
    private var groups: [ObjectIdentifier: Group] = [:]
    /// One reference to each is held.
    private var keys: [SeriesKey: Key] = [:]
    private var lastNumber: UInt64 = 0

    init(table: SeriesKeyTable) {
        self.table = table
    }

    /// Adds one append: staleness markers for series that are gone, then the row.
    ///
    /// Returns the number of samples in it.
    mutating func append(
        keys newKeys: [SeriesKey],
        values: [Double],
        at timestamp: Int64,
        to seriesGroup: SeriesGroup,
        into output: inout [UInt8]
    ) -> Int {
        let identity = ObjectIdentifier(seriesGroup)
        var group = groups.removeValue(forKey: identity) ?? Group(group: seriesGroup, number: newNumber())
        defer { groups[identity] = group }
        var samples = 0
        if !group.isDefined || group.layout != newKeys {
            define(&group, &output)
            samples += encodeStale(group, keeping: newKeys, at: timestamp, &output)
            if group.layout != newKeys { take(newKeys, &group) }
            encodeLayout(&group, &output)
        }
        guard !newKeys.isEmpty else { return samples }
        encodeRow(values, at: timestamp, &group, &output)
        return samples + values.count
    }

    /// Ends a group: all its series get staleness markers, where a time is given.
    ///
    /// Returns the number of samples in it.
    mutating func end(_ seriesGroup: SeriesGroup, at timestamp: Int64?, into output: inout [UInt8]) -> Int {
        guard var group = groups.removeValue(forKey: ObjectIdentifier(seriesGroup)), let timestamp else { return 0 }
        define(&group, &output)
        return encodeStale(group, keeping: [], at: timestamp, &output)
    }

    /// What comes next stands in a new segment.
    mutating func beginSegment() {
        var used = Set<SeriesKey>()
        for identity in groups.keys {
            groups[identity]?.isDefined = false
            groups[identity]?.values.removeAll(keepingCapacity: true)
            used.formUnion(groups[identity]?.layout ?? [])
        }
        table.release(keys.keys.filter { !used.contains($0) })
        keys = keys.filter { used.contains($0.key) }.mapValues { Key(number: $0.number) }
    }

    /// Forgets all groups and gives the keys back.
    mutating func removeAll() {
        table.release(Array(keys.keys))
        keys = [:]
        groups = [:]
    }

    private mutating func newNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    private func define(_ group: inout Group, _ output: inout [UInt8]) {
        guard !group.isDefined else { return }
        group.isDefined = true
        output.append(RecordTag.group.rawValue)
        output.appendVarint(group.number)
        Self.append(group.group.labels, to: &output)
    }

    private mutating func take(_ layout: [SeriesKey], _ group: inout Group) {
        group.layout = layout
        let new = layout.filter { keys[$0] == nil }
        guard !new.isEmpty else { return }
        table.retain(new)
        for key in new { keys[key] = Key(number: newNumber()) }
    }

    private mutating func encodeLayout(_ group: inout Group, _ output: inout [UInt8]) {
        group.values = [UInt64](repeating: 0, count: group.layout.count)
        for key in group.layout { define(key, &output) }
        output.append(RecordTag.layout.rawValue)
        output.appendVarint(group.number)
        encodeKeys(group.layout, &output)
    }

    private mutating func encodeStale(
        _ group: Group,
        keeping kept: [SeriesKey],
        at timestamp: Int64,
        _ output: inout [UInt8]
    ) -> Int {
        guard group.layout != kept else { return 0 }
        let kept = Set(kept)
        let gone = group.layout.filter { !kept.contains($0) }
        guard !gone.isEmpty else { return 0 }
        for key in gone { define(key, &output) }
        output.append(RecordTag.stale.rawValue)
        output.appendVarint(group.number)
        output.appendInteger(timestamp)
        encodeKeys(gone, &output)
        return gone.count
    }

    private mutating func define(_ key: SeriesKey, _ output: inout [UInt8]) {
        guard let known = keys[key], !known.isDefined else { return }
        keys[key]?.isDefined = true
        output.append(RecordTag.key.rawValue)
        output.appendVarint(known.number)
        Self.append(table.labels(of: key), to: &output)
    }

    /// Numbers of keys that follow each other are mostly neighbours.
    private func encodeKeys(_ list: [SeriesKey], _ output: inout [UInt8]) {
        output.appendVarint(UInt64(list.count))
        var before: Int64 = 0
        for key in list {
            let number = Int64(clamping: keys[key]?.number ?? 0)
            output.appendSignedVarint(number - before)
            before = number
        }
    }

    private func encodeRow(_ values: [Double], at timestamp: Int64, _ group: inout Group, _ output: inout [UInt8]) {
        output.append(RecordTag.row.rawValue)
        output.appendVarint(group.number)
        output.appendInteger(timestamp)
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: (values.count + 7) / 8))
        for index in values.indices {
            let bits = values[index].bitPattern
            let change = bits ^ group.values[index]
            guard change != 0 else { continue }
            output[start + index / 8] |= 1 << UInt8(index % 8)
            // The low bytes of most numbers are zero: turned round, few bytes are left.
            output.appendVarint(change.byteSwapped)
            group.values[index] = bits
        }
    }

    private static func append(_ labels: Labels, to output: inout [UInt8]) {
        labels.withEncodedBytes { output.appendRun($0) }
    }
}

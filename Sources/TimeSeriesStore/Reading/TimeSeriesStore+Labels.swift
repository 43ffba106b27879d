import Metrics
import Synchronization

extension TimeSeriesStore {
    /// The names of all labels that series matching one of `selectors` have, sorted; without selectors, those of all
    /// series, whatever the time.
    public func labelNames(
        matching selectors: [SeriesSelector] = [],
        from first: Int64 = .min,
        through last: Int64 = .max
    ) -> [String] {
        var found = DistinctTexts()
        forEachLabelSet(matching: selectors, from: first, through: last) { labels in
            labels.withEachPair { name, _ in found.insert(name) }
        }
        return found.sorted()
    }

    /// The values of one label in the series that match one of `selectors`, sorted; without selectors, in all series,
    /// whatever the time.
    public func labelValues(
        of name: String,
        matching selectors: [SeriesSelector] = [],
        from first: Int64 = .min,
        through last: Int64 = .max
    ) -> [String] {
        let wanted = Array(name.utf8)
        var found = DistinctTexts()
        forEachLabelSet(matching: selectors, from: first, through: last) { labels in
            wanted.withUnsafeBytes { _ = labels.withValueBytes(of: $0) { found.insert($0) } }
        }
        return found.sorted()
    }

    /// Without selectors no series is looked at: keys and groups have all labels between them.
    private func forEachLabelSet(
        matching selectors: [SeriesSelector],
        from first: Int64,
        through last: Int64,
        _ body: (Labels) -> Void
    ) {
        guard selectors.isEmpty else {
            for selector in selectors {
                forEachSeriesLabels(selector, from: first, through: last, body)
            }
            return
        }
        let index = index.withLock { $0 }
        var slots = Set<UInt32>()
        for case let entry? in index.entries {
            body(entry.labels)
            slots.formUnion(entry.groups)
        }
        for slot in slots {
            if let group = index.groups[Int(slot)] { body(group.labels) }
        }
    }

    /// What there is most of, for whoever wonders where the memory goes.
    ///
    /// Looks at every key once a group.
    public func cardinality(limit: Int) -> CardinalityReport {
        let index = index.withLock { $0 }
        var seriesByMetric: [String: Int] = [:]
        var seriesByPair: [String: Int] = [:]
        var valuesByLabel: [String: [String: Int]] = [:]
        var seriesByGroup = [Int](repeating: 0, count: index.groups.count)
        for case let entry? in index.entries {
            seriesByMetric[entry.metricName, default: 0] += entry.groups.count
            for (name, value) in entry.labels.pairs {
                seriesByPair["\(name)=\(value)", default: 0] += entry.groups.count
                valuesByLabel[name, default: [:]][value] = value.utf8.count
            }
            for slot in entry.groups {
                seriesByGroup[Int(slot)] += 1
            }
        }
        for (slot, count) in seriesByGroup.enumerated() where count > 0 {
            for (name, value) in index.groups[slot]?.labels.pairs ?? [] {
                seriesByPair["\(name)=\(value)", default: 0] += count
                valuesByLabel[name, default: [:]][value] = value.utf8.count
            }
        }
        return CardinalityReport(
            seriesByMetricName: CardinalityReport.top(limit, of: seriesByMetric),
            valuesByLabelName: CardinalityReport.top(limit, of: valuesByLabel.mapValues(\.count)),
            bytesByLabelName: CardinalityReport.top(limit, of: valuesByLabel.mapValues { $0.values.reduce(0, +) }),
            seriesByLabelPair: CardinalityReport.top(limit, of: seriesByPair),
            labelPairs: valuesByLabel.values.reduce(0) { $0 + $1.count }
        )
    }
}

/// The largest contributors to the number of series, each list in descending order.
public struct CardinalityReport: Sendable, Hashable {
    /// A name and how many there are of it.
    public struct Entry: Sendable, Hashable {
        /// What was counted; `name=value` for a label pair.
        public let name: String
        /// How many.
        public let count: Int
    }

    /// Series per metric name.
    public let seriesByMetricName: [Entry]
    /// Different values per label name.
    public let valuesByLabelName: [Entry]
    /// Bytes of the different values per label name.
    public let bytesByLabelName: [Entry]
    /// Series per pair of label and value.
    public let seriesByLabelPair: [Entry]
    /// The number of different pairs of label and value.
    public let labelPairs: Int

    fileprivate static func top(_ limit: Int, of counts: [String: Int]) -> [Entry] {
        let sorted = counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
        return sorted.prefix(max(limit, 0)).map { Entry(name: $0.key, count: $0.value) }
    }
}

/// Texts, each once.
///
/// Most come again and again, so a text is made into a `String` only when its bytes are new.
private struct DistinctTexts {
    private var texts: Set<[UInt8]> = []
    private var latest: [UInt8] = []

    mutating func insert(_ bytes: UnsafeRawBufferPointer) {
        if bytes.elementsEqual(latest) { return }
        latest = Array(bytes)
        texts.insert(latest)
    }

    /// In the order of their bytes.
    func sorted() -> [String] {
        texts.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}

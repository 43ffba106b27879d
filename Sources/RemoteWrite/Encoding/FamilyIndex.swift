public import Metrics

/// What is known of families, by the names of their series.
public struct FamilyIndex: Sendable {
    /// What is known of a series by its name.
    struct Entry {
        let row: MetricRow
        /// Whether its value is a sum that only grows.
        let isCumulative: Bool
    }

    let entries: [Entry]
    private let places: [String: Int]

    /// Indexes a catalogue.
    public init(_ catalog: MetricCatalog) {
        var entries: [Entry] = []
        var places: [String: Int] = [:]
        func add(_ row: MetricRow, _ suffix: String, isCumulative: Bool) {
            places[row.name + suffix] = entries.count
            entries.append(Entry(row: row, isCumulative: isCumulative))
        }
        for row in catalog.rows {
            switch row.kind {
            case .counter: add(row, "", isCumulative: true)
            case .gauge, .unknown: add(row, "", isCumulative: false)
            case .histogram: for suffix in ["_bucket", "_sum", "_count"] { add(row, suffix, isCumulative: true) }
            case .summary:
                add(row, "", isCumulative: false)
                for suffix in ["_sum", "_count"] { add(row, suffix, isCumulative: true) }
            }
        }
        self.entries = entries
        self.places = places
    }

    /// The place of a series' name in `entries`; -1 where it is none of the catalogue's, as those of recording rules.
    func index(of name: String) -> Int {
        places[name] ?? -1
    }
}

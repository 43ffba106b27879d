import Synchronization

/// The name of a series within its node or rule group: an index into a `SeriesKeyTable`.
public struct SeriesKey: Hashable, Sendable {
    /// Half a word: there is one of these per series of each node.
    private let number: UInt32

    init(index: Int) {
        number = UInt32(index)
    }

    /// The index of the entry.
    public var index: Int {
        Int(number)
    }
}

/// Every series key in use, each stored once however many nodes have it.
///
/// A key is what distinguishes a series within its group: the metric name and the metric's own labels, without what
/// all series of the group share (`instance`, `job`, a target's labels). A thousand nodes of one kind have the same
/// few hundred keys, so labels cost memory once, not a thousand times.
///
/// Keys are counted: who holds one has got it from `intern` or has called `retain`, and calls `release` when done.
public final class SeriesKeyTable: Sendable {
    struct Entry: Sendable {
        var labels: Labels
        var family: FamilyID?
        /// What the series is within its family.
        let role: SampleRole
        var references: Int
    }

    private struct State {
        var entries: [Entry] = []
        var keys: [Labels: Int] = [:]
        var free: [Int] = []
        /// Made when an exposition asks for them, and again after keys have come or gone.
        var linePrefixes: LinePrefixes?
    }

    /// The families that keys may belong to.
    public let catalog: MetricCatalog
    /// The position of each family when families are sorted by name.
    let ranks: [Int]
    private let state = Mutex(State())
    private let layouts = Mutex(SampleLayouts())

    /// Makes an empty table for the families of a catalogue.
    public init(catalog: MetricCatalog) {
        self.catalog = catalog
        let byName = catalog.rows.indices.sorted {
            catalog.name(of: FamilyID(index: $0)) < catalog.name(of: FamilyID(index: $1))
        }
        var ranks = [Int](repeating: 0, count: byName.count)
        for (rank, index) in byName.enumerated() {
            ranks[index] = rank
        }
        self.ranks = ranks
    }

    /// The number of keys in use.
    public var count: Int {
        state.withLock { $0.keys.count }
    }

    /// The key of a label set that includes `__name__`; the caller holds one reference to it.
    public func intern(_ labels: Labels, family: FamilyID? = nil, role: SampleRole = .value) -> SeriesKey {
        state.withLock { state in
            if let index = state.keys[labels] {
                state.entries[index].references += 1
                if state.entries[index].family == nil {
                    state.entries[index].family = family
                }
                return SeriesKey(index: index)
            }
            let entry = Entry(labels: labels, family: family, role: role, references: 1)
            state.linePrefixes = nil
            let index: Int
            if let reused = state.free.popLast() {
                index = reused
                state.entries[index] = entry
            } else {
                index = state.entries.count
                state.entries.append(entry)
            }
            state.keys[labels] = index
            return SeriesKey(index: index)
        }
    }

    /// Adds a reference to each key.
    public func retain(_ keys: some Sequence<SeriesKey>) {
        state.withLock { state in
            for key in keys {
                state.entries[key.index].references += 1
            }
        }
    }

    /// Gives a reference to each key back; a key without references is forgotten.
    public func release(_ keys: some Sequence<SeriesKey>) {
        state.withLock { state in
            for key in keys {
                state.entries[key.index].references -= 1
                if state.entries[key.index].references == 0 {
                    state.keys[state.entries[key.index].labels] = nil
                    state.entries[key.index].labels = Labels()
                    state.free.append(key.index)
                }
            }
        }
    }

    /// The labels of a key that the caller holds.
    public func labels(of key: SeriesKey) -> Labels {
        state.withLock { $0.entries[key.index].labels }
    }

    /// What the lines of an exposition start with, for all keys as they are now; to be read without the lock.
    func linePrefixes() -> LinePrefixes {
        state.withLock { state in
            if let prefixes = state.linePrefixes { return prefixes }
            let prefixes = LinePrefixes(state.entries)
            state.linePrefixes = prefixes
            return prefixes
        }
    }

    /// In which order samples of these families are exposed; one layout for all who have the same.
    func layout(of families: [FamilyID]) -> SampleLayout {
        layouts.withLock { $0.layout(of: families, ranks: ranks) }
    }
}

import Metrics

/// What a selector matches: for each group the keys it has.
struct SeriesSelection {
    /// The keys of one group.
    struct Part {
        let group: SeriesGroup
        /// Ascending indices of keys.
        let keys: ArraySlice<UInt32>
    }

    /// A series that several groups with the same labels have.
    struct SharedSeries {
        let key: UInt32
        var groups: [SeriesGroup]
    }

    private let index: SeriesIndex
    private(set) var parts: [Part] = []
    private(set) var shared: [SharedSeries] = []

    /// How many keys had been released when the selection was made.
    var keyReleases: Int {
        index.keyReleases
    }

    func labels(of key: UInt32) -> Labels {
        index.labels(of: key) ?? Labels()
    }

    init(_ selector: SeriesSelector, in index: SeriesIndex) {
        self.index = index
        var matching = SelectorMatching(selector, groupCount: index.groups.count)
        var pairs: [(slot: UInt32, key: UInt32)] = []
        var sharedByPlace: [SharedPlace: Int] = [:]
        for key in Self.candidates(selector, in: index) {
            guard let entry = index.entries[Int(key)], let undecided = matching.undecided(entry.labels) else {
                continue
            }
            for slot in entry.groups {
                guard let group = index.groups[Int(slot)],
                    undecided.isEmpty || matching.matches(group, undecided: undecided)
                else { continue }
                guard let twin = matching.twin(of: group, in: index) else {
                    pairs.append((slot, key))
                    continue
                }
                let place = SharedPlace(twin: twin, key: key)
                if let known = sharedByPlace[place] {
                    shared[known].groups.append(group)
                } else {
                    sharedByPlace[place] = shared.count
                    shared.append(SharedSeries(key: key, groups: [group]))
                }
            }
        }
        addLonely(to: &pairs)
        parts = Self.parts(of: pairs, in: index)
    }

    private struct SharedPlace: Hashable {
        let twin: UInt32
        let key: UInt32
    }

    /// A series of one group only is no shared one, even where other groups have the same labels.
    private mutating func addLonely(to pairs: inout [(slot: UInt32, key: UInt32)]) {
        for series in shared where series.groups.count == 1 {
            pairs.append((series.groups[0].slot, series.key))
        }
        shared.removeAll { $0.groups.count == 1 }
    }

    private static func candidates(_ selector: SeriesSelector, in index: SeriesIndex) -> [UInt32] {
        if let name = selector.metricName { return index.keysByName[name] ?? [] }
        return index.entries.indices.lazy.filter { index.entries[$0] != nil }.map { UInt32($0) }
    }

    private static func parts(of pairs: [(slot: UInt32, key: UInt32)], in index: SeriesIndex) -> [Part] {
        guard let first = pairs.first else { return [] }
        // So it is with one node, and with what a rule has recorded.
        if pairs.allSatisfy({ $0.slot == first.slot }) {
            return index.groups[Int(first.slot)].map { [Part(group: $0, keys: pairs.map(\.key)[...])] } ?? []
        }
        var starts = [Int](repeating: 0, count: index.groups.count + 1)
        for pair in pairs {
            starts[Int(pair.slot) + 1] += 1
        }
        for slot in index.groups.indices {
            starts[slot + 1] += starts[slot]
        }
        var keys = [UInt32](repeating: 0, count: pairs.count)
        var next = starts
        for pair in pairs {
            keys[next[Int(pair.slot)]] = pair.key
            next[Int(pair.slot)] += 1
        }
        var result: [Part] = []
        // Most groups have none of the keys, and are not even looked at.
        for slot in index.groups.indices where starts[slot] < starts[slot + 1] {
            guard let group = index.groups[slot] else { continue }
            result.append(Part(group: group, keys: keys[starts[slot]..<starts[slot + 1]]))
        }
        return result
    }
}

/// Asks each predicate once a key and once a group.
private struct SelectorMatching {
    private enum Answer: UInt8 {
        case unknown, yes, no
    }

    private let predicates: [SeriesSelector.Predicate]
    /// For each group and predicate what the group's own label says.
    private var answers: [Answer]
    /// For each group one more than the first group with the same labels, `alone` where there is no other; 0: unknown.
    ///
    /// Made when the first group with a twin comes.
    private var twins: [UInt32] = []
    private static let alone = UInt32.max

    init(_ selector: SeriesSelector, groupCount: Int) {
        predicates = selector.predicates
        answers = [Answer](repeating: .unknown, count: groupCount * predicates.count)
    }

    /// The predicates on labels that the key has not, `nil` where one on a label it has fails.
    func undecided(_ labels: Labels) -> [Int]? {
        var result: [Int] = []
        for (position, predicate) in predicates.enumerated() {
            switch predicate.answer(for: labels) {
            case true?: continue
            case false?: return nil
            case nil: result.append(position)
            }
        }
        return result
    }

    mutating func matches(_ group: SeriesGroup, undecided: [Int]) -> Bool {
        for position in undecided {
            let place = Int(group.slot) * predicates.count + position
            if answers[place] == .unknown {
                let predicate = predicates[position]
                let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
                answers[place] = predicate.answer(for: group.labels) ?? predicate.matches(nothing) ? .yes : .no
            }
            if answers[place] == .no { return false }
        }
        return true
    }

    /// The slot that stands for all groups with the labels of this one, `nil` where it is the only one.
    mutating func twin(of group: SeriesGroup, in index: SeriesIndex) -> UInt32? {
        let slot = Int(group.slot)
        guard index.hasTwin[slot] else { return nil }
        if twins.isEmpty { twins = [UInt32](repeating: 0, count: index.groups.count) }
        if twins[slot] == 0 {
            let same = index.slotsByLabels[group.labels] ?? []
            twins[slot] = same.count > 1 ? same[0] + 1 : Self.alone
        }
        return twins[slot] == Self.alone ? nil : twins[slot]
    }
}

extension SeriesSelector.Predicate {
    fileprivate func answer(for labels: Labels) -> Bool? {
        label.withUnsafeBytes { name in
            var answer: Bool?
            labels.withValueBytes(of: name) { answer = matches($0) }
            return answer
        }
    }
}

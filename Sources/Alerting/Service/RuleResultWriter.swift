import Metrics
import TimeSeriesStore

/// Puts the results of a rule group into the store: each rule's series are a group of their own there.
struct RuleResultWriter: Sendable {
    private struct Target {
        var group: SeriesGroup?
        /// The keys of the last result, so that a rule whose series stay the same looks none of them up.
        var labels: [Labels] = []
        var keys: [SeriesKey] = []
    }

    private let store: TimeSeriesStore
    private var targets: [Target]

    init(store: TimeSeriesStore, ruleCount: Int) {
        self.store = store
        targets = Array(repeating: Target(), count: ruleCount)
    }

    /// Stores a result; series that are not in it any more end.
    ///
    /// Returns why it could not be stored, if so.
    mutating func write(_ result: RuleResult) -> String? {
        let index = result.ruleIndex
        if targets[index].group == nil, result.samples.isEmpty { return nil }
        var group = targets[index].group ?? store.addGroup(labels: Labels())
        defer { targets[index].group = group }
        if !targets[index].labels.elementsEqual(result.samples.lazy.map(\.labels)) {
            let earlier = targets[index].keys
            targets[index].labels = result.samples.map(\.labels)
            targets[index].keys = targets[index].labels.map { store.keys.intern($0) }
            store.keys.release(earlier)
        }
        do throws(StoreError) {
            try store.append(
                keys: targets[index].keys,
                values: result.samples.map(\.value),
                at: result.timestampMilliseconds,
                continuing: &group
            )
            return nil
        } catch {
            return error.description
        }
    }

    /// The writer of the group that comes after this one; the series of rules that are gone end.
    mutating func replaced(origins: [Int?], at now: Int64) -> RuleResultWriter {
        var result = RuleResultWriter(store: store, ruleCount: origins.count)
        for (index, origin) in origins.enumerated() {
            guard let origin else { continue }
            result.targets[index] = targets[origin]
            targets[origin] = Target()
        }
        end(at: now)
        return result
    }

    /// Ends all series.
    mutating func end(at now: Int64) {
        for index in targets.indices {
            if let group = targets[index].group { store.end(group, at: now) }
            store.keys.release(targets[index].keys)
            targets[index] = Target()
        }
    }
}

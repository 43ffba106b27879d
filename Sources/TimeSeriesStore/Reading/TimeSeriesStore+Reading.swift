public import Metrics
import Synchronization

extension TimeSeriesStore {
    /// Calls `body` with every series that matches and has samples from `first` through `last`, both included, in
    /// milliseconds since 1970.
    ///
    /// `body` gets all labels, and the samples in the order of time; staleness markers are among them. The buffers are
    /// used again for the next series: copy what has to stay. No lock is held during the call. The series come group by
    /// group, in no order of labels; no two have the same labels, unless one group has a label that in another one
    /// belongs to the key.
    public func forEachSeries<Failure: Error>(
        _ selector: SeriesSelector,
        from first: Int64,
        through last: Int64,
        _ body: (
            _ labels: Labels,
            _ timestamps: UnsafeBufferPointer<Int64>,
            _ values: UnsafeBufferPointer<Double>
        ) throws(Failure) -> Void
    ) throws(Failure) {
        guard first <= last else { return }
        let selection = SeriesSelection(selector, in: index.withLock { $0 })
        var buffer = SeriesBuffer()
        for part in selection.parts {
            let reading = read(part.keys, of: part.group, from: first, through: last, selection)
            guard !reading.series.isEmpty else { continue }
            buffer.start(reading)
            for series in reading.series {
                try buffer.read(series, of: reading, from: first, through: last) {
                    (timestamps, values) throws(Failure) in
                    try body(part.group.labels.merging(selection.labels(of: series.key)), timestamps, values)
                }
            }
        }
        for shared in selection.shared {
            let merged = mergedSamples(of: shared, from: first, through: last, selection, &buffer)
            guard !merged.isEmpty else { continue }
            try merged.withBuffers { (timestamps, values) throws(Failure) in
                try body(shared.labels(in: selection), timestamps, values)
            }
        }
    }

    /// Calls `body` with the labels of every series that matches and has a sample from about `first` through about
    /// `last`: the blocks that overlap the range decide, so a series that began or ended shortly outside of it may be
    /// among them.
    ///
    /// Nothing is decompressed.
    public func forEachSeriesLabels<Failure: Error>(
        _ selector: SeriesSelector,
        from first: Int64,
        through last: Int64,
        _ body: (_ labels: Labels) throws(Failure) -> Void
    ) throws(Failure) {
        guard first <= last else { return }
        let selection = SeriesSelection(selector, in: index.withLock { $0 })
        for part in selection.parts {
            let reading = read(part.keys, of: part.group, from: first, through: last, selection)
            for series in reading.series where reading.hasSamples(series) {
                try body(part.group.labels.merging(selection.labels(of: series.key)))
            }
        }
        for shared in selection.shared {
            let hasSamples = shared.groups.contains { group in
                let reading = read([shared.key], of: group, from: first, through: last, selection)
                return reading.series.contains { reading.hasSamples($0) }
            }
            if hasSamples { try body(shared.labels(in: selection)) }
        }
    }

    private func read(
        _ keys: ArraySlice<UInt32>,
        of group: SeriesGroup,
        from first: Int64,
        through last: Int64,
        _ selection: SeriesSelection
    ) -> GroupReading {
        group.state.withLock { state in
            GroupReading(stillValid(keys, of: selection), from: first, through: last, in: state)
        }
    }

    /// The keys that stand for the same labels as when they were selected.
    ///
    /// A key that was released since may name another series by now. As a group's columns change under its lock only,
    /// and a key is released before it is used again, what this finds under the lock of the group holds for it.
    private func stillValid(_ keys: ArraySlice<UInt32>, of selection: SeriesSelection) -> ArraySlice<UInt32> {
        guard counters.keyReleases.load(ordering: .acquiring) != selection.keyReleases else { return keys }
        return index.withLock { index in
            keys.filter { index.labels(of: $0) == selection.labels(of: $0) }[...]
        }
    }

    private func mergedSamples(
        of shared: SeriesSelection.SharedSeries,
        from first: Int64,
        through last: Int64,
        _ selection: SeriesSelection,
        _ buffer: inout SeriesBuffer
    ) -> MergedSamples {
        var merged = MergedSamples()
        for group in shared.groups {
            let reading = read([shared.key], of: group, from: first, through: last, selection)
            guard let series = reading.series.first else { continue }
            buffer.start(reading)
            buffer.read(series, of: reading, from: first, through: last) { timestamps, values in
                merged.append(timestamps, values)
            }
        }
        merged.sort()
        return merged
    }
}

/// The samples of a series that went from one group to another.
private struct MergedSamples {
    private var timestamps: [Int64] = []
    private var values: [Double] = []
    private var isSorted = true

    var isEmpty: Bool {
        timestamps.isEmpty
    }

    mutating func append(_ newTimestamps: UnsafeBufferPointer<Int64>, _ newValues: UnsafeBufferPointer<Double>) {
        if let last = timestamps.last, let next = newTimestamps.first, next <= last { isSorted = false }
        timestamps.append(contentsOf: newTimestamps)
        values.append(contentsOf: newValues)
    }

    /// Puts the samples in the order of time.
    ///
    /// Of two at the same time a value goes before a staleness marker: one group's series may end in the very poll in
    /// which the other's begins.
    mutating func sort() {
        guard !isSorted else { return }
        let order = timestamps.indices.sorted { left, right in
            if timestamps[left] != timestamps[right] { return timestamps[left] < timestamps[right] }
            if values[left].isStaleMarker != values[right].isStaleMarker { return values[right].isStaleMarker }
            return left < right
        }
        var sorted = MergedSamples()
        for index in order where sorted.timestamps.last != timestamps[index] {
            sorted.timestamps.append(timestamps[index])
            sorted.values.append(values[index])
        }
        self = sorted
    }

    func withBuffers<Failure: Error>(
        _ body: (UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Double>) throws(Failure) -> Void
    ) throws(Failure) {
        try timestamps.withUnsafeBufferPointer { (timestamps) throws(Failure) in
            try values.withUnsafeBufferPointer { (values) throws(Failure) in
                try body(timestamps, values)
            }
        }
    }
}

extension SeriesSelection.SharedSeries {
    fileprivate func labels(in selection: SeriesSelection) -> Labels {
        groups[0].labels.merging(selection.labels(of: key))
    }
}

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

    /// Calls `body` with the last sample from `first` through `last` of every series that matches and has one there.
    ///
    /// As `forEachSeries`, but of a series whose newest sample is in the range nothing else is looked at.
    public func forEachLastSample<Failure: Error>(
        _ selector: SeriesSelector,
        from first: Int64,
        through last: Int64,
        _ body: (_ labels: Labels, _ timestamp: Int64, _ value: Double) throws(Failure) -> Void
    ) throws(Failure) {
        guard first <= last else { return }
        let selection = SeriesSelection(selector, in: index.withLock { $0 })
        var buffer = SeriesBuffer()
        var reading = LatestReading()
        for part in selection.parts {
            part.group.state.withLock { state in
                reading.take(stillValid(part.keys, of: selection), from: first, through: last, in: state)
            }
            for series in reading.series {
                let labels = part.group.labels.merging(selection.labels(of: series.key))
                try body(labels, reading.timestamp, Double(bitPattern: series.bits))
            }
            guard let older = reading.older, !older.series.isEmpty else { continue }
            buffer.start(older)
            for series in older.series {
                try buffer.read(series, of: older, from: first, through: last) {
                    (timestamps, values) throws(Failure) in
                    guard let timestamp = timestamps.last, let value = values.last else { return }
                    try body(part.group.labels.merging(selection.labels(of: series.key)), timestamp, value)
                }
            }
        }
        for shared in selection.shared {
            let newest =
                newestSample(of: shared, selection, from: first, through: last)
                ?? mergedSamples(of: shared, from: first, through: last, selection, &buffer).last
            guard let (timestamp, value) = newest else { continue }
            try body(shared.labels(in: selection), timestamp, value)
        }
    }

    /// The sample of the newest poll of all groups of a series, where that has the series and is in the range.
    private func newestSample(
        of shared: SeriesSelection.SharedSeries,
        _ selection: SeriesSelection,
        from first: Int64,
        through last: Int64
    ) -> (timestamp: Int64, value: Double)? {
        var newest: (timestamp: Int64, value: Double?) = (.min, nil)
        for group in shared.groups {
            group.state.withLock { state in
                guard let timestamp = state.newest, timestamp >= newest.timestamp,
                    let key = stillValid([shared.key], of: selection).first,
                    let index = state.byKey.column(of: key)
                else { return }
                let column = state.columns[Int(index)]
                // Two groups with a poll at the same time are left to the merge.
                let isAlone = timestamp > newest.timestamp
                newest = (timestamp, column.isLive && isAlone ? Double(bitPattern: column.last) : nil)
            }
        }
        guard newest.timestamp >= first, newest.timestamp <= last else { return nil }
        return newest.value.map { (newest.timestamp, $0) }
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

    var last: (timestamp: Int64, value: Double)? {
        guard let timestamp = timestamps.last, let value = values.last else { return nil }
        return (timestamp, value)
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

public import Metrics
import Synchronization

/// The samples of the last hour, compressed, in memory.
///
/// Series come in groups that share their timestamps: a node's series are polled together, a rule's come out of one
/// evaluation. A group has one column of timestamps and one compressed column of values per series.
///
/// Any number of threads may append, each to groups of its own, while others query. Nobody waits for longer than it
/// takes to write or copy one group's latest polls: queries decompress without a lock.
public final class TimeSeriesStore: Sendable {
    /// The table that the keys of all series belong to.
    public let keys: SeriesKeyTable
    /// How much is kept.
    public let configuration: StoreConfiguration
    let index = Mutex(SeriesIndex())
    let counters = StoreCounters()
    /// Held while blocks are evicted, so that one thread at a time does it: the bytes up to which there is no block to
    /// evict, as the last attempt has found.
    let eviction = Mutex(0)
    let observer = Mutex<StoreObserver?>(nil)
    let isObserved = Atomic(false)

    /// Makes an empty store for series whose keys are in `keys`.
    public init(keys: SeriesKeyTable, configuration: StoreConfiguration = StoreConfiguration()) {
        self.keys = keys
        self.configuration = configuration
    }

    /// Adds a group of series that share `labels`.
    ///
    /// Several groups may have the same labels: each recording rule has a group of its own without labels, and a node
    /// that comes back after `end` gets a new one. A query sees series with the same key in such groups as one.
    public func addGroup(labels: Labels) -> SeriesGroup {
        let group = changeIndex { index in
            index.addGroup(labels) { SeriesGroup(labels: labels, slot: $0) }
        }
        account(group)
        return group
    }

    /// Appends one poll: each key's sample.
    ///
    /// A series that was in the poll before and is not in this one is marked stale.
    ///
    /// The very same poll again is ignored. Microseconds as long as the keys stay the same, for they are compared as
    /// an array first.
    /// - Throws: `StoreError` when the samples are older than the newest of the group, or different ones for the same
    ///   time; the store is as it was then, and the samples are counted as dropped.
    public func append(_ samples: PollSamples, to group: SeriesGroup) throws(StoreError) {
        try append(keys: samples.keys, values: samples.values, at: samples.timestamp, to: group)
    }

    /// Appends one sample for each key, as `append(_:to:)` does.
    ///
    /// The caller holds a reference to each key during the call; the store takes its own. A value may be the staleness
    /// marker. Without keys, all series of the group are marked stale.
    public func append(
        keys newKeys: [SeriesKey],
        values: [Double],
        at timestamp: Int64,
        to group: SeriesGroup
    ) throws(StoreError) {
        guard newKeys.count == values.count else {
            throw .mismatchedCounts(keys: newKeys.count, values: values.count)
        }
        try group.state.withLock { (state) throws(StoreError) in
            if let refusal = state.refusal(of: newKeys, values, at: timestamp) {
                count(refusal, samples: values.count)
                throw refusal
            }
            guard state.newest != timestamp else {
                counters.duplicate.add(values.count)
                return
            }
            var stored = 0
            var isResized = false
            if !state.hasLayout(newKeys) {
                try checkDifferent(newKeys)
                stored += adopt(newKeys, values, in: &state, of: group)
                isResized = true
            }
            guard !values.isEmpty || stored > 0 else {
                state.newest = timestamp
                return
            }
            let slotsBefore = state.open.slotCapacity
            stored += state.appendRow(timestamp: timestamp, values: values)
            counters.appended.add(stored)
            counters.samples.add(stored)
            if state.open.rows == 0 {
                expire(before: timestamp.subtractingSaturating(configuration.historyMilliseconds), &state, of: group)
                isResized = true
            }
            if isResized || state.open.slotCapacity != slotsBefore { account(&state) }
            currentObserver?.appended(newKeys, values, timestamp, group)
        }
        if isOverMemoryLimit { evict() }
    }

    /// Appends to a group that goes on also after the clock was set back by hours.
    ///
    /// Samples dated further into the future than `WallClock` smooths were dated wrongly and would keep all others out:
    /// their group is removed, and an empty one with its labels takes its place.
    public func append(
        keys newKeys: [SeriesKey],
        values: [Double],
        at timestamp: Int64,
        continuing group: inout SeriesGroup
    ) throws(StoreError) {
        do throws(StoreError) {
            try append(keys: newKeys, values: values, at: timestamp, to: group)
        } catch .outOfOrder(let timestamp, let newest) where newest - timestamp > WallClock.largestStepBack {
            remove(group)
            group = addGroup(labels: group.labels)
            try append(keys: newKeys, values: values, at: timestamp, to: group)
        }
    }

    /// Appends one poll to a group that goes on also after the clock was set back by hours.
    public func append(_ samples: PollSamples, continuing group: inout SeriesGroup) throws(StoreError) {
        try append(keys: samples.keys, values: samples.values, at: samples.timestamp, continuing: &group)
    }

    /// Ends a group: all its series are marked stale, and nothing can be appended any more.
    ///
    /// What it holds can be queried until it is older than the history to keep; then the group goes. A time that is not
    /// behind the newest samples is moved there.
    public func end(_ group: SeriesGroup, at timestamp: Int64) {
        group.state.withLock { state in
            guard !state.isEnded else { return }
            let newest = state.newest ?? timestamp
            let time = timestamp > newest || state.newest == nil ? timestamp : newest.addingSaturating(1)
            if time > newest, !state.layoutColumns.isEmpty {
                let markers = adopt([], [], in: &state, of: group)
                _ = state.appendRow(timestamp: time, values: [])
                counters.appended.add(markers)
                counters.samples.add(markers)
            }
            state.seal()
            state.open.releaseMemory()
            state.isEnded = true
            finish(&state, of: group)
            currentObserver?.ended(group, time)
        }
    }

    /// Forgets a group and all its samples at once.
    public func remove(_ group: SeriesGroup) {
        group.state.withLock { state in
            let held = state.columns.map(\.key).filter { $0 != Column.noKey }
            changeIndex { index in
                index.remove(held, group: group.slot, table: keys)
                index.removeGroup(group)
            }
            counters.samples.add(-state.sampleCount)
            counters.bytes.add(-state.accountedBytes)
            state = GroupState()
            state.isEnded = true
            currentObserver?.ended(group, nil)
        }
    }

    private func count(_ refusal: StoreError, samples: Int) {
        switch refusal {
        case .outOfOrder: counters.outOfOrder.add(samples)
        case .conflictingDuplicate: counters.conflicting.add(samples)
        default: break
        }
    }

    private func checkDifferent(_ keys: [SeriesKey]) throws(StoreError) {
        let largest = keys.reduce(0) { max($0, $1.index) }
        var seen = [UInt64](repeating: 0, count: largest / 64 + 1)
        for key in keys {
            let bit = UInt64(1) << UInt64(key.index % 64)
            guard seen[key.index / 64] & bit == 0 else { throw .repeatedKey(key) }
            seen[key.index / 64] |= bit
        }
    }

    /// Changes the layout of a group and notes its new keys in the index.
    ///
    /// Returns the number of staleness markers.
    private func adopt(
        _ newKeys: [SeriesKey],
        _ values: [Double],
        in state: inout GroupState,
        of group: SeriesGroup
    ) -> Int {
        let change = state.adopt(newKeys, values: values, takesNewSeries: !isOverMemoryLimit)
        if !change.added.isEmpty {
            changeIndex { $0.add(change.added, group: group.slot, table: keys) }
        }
        if state.refusedInLayout > 0 {
            counters.overMemoryLimit.add(state.refusedInLayout)
        }
        return change.markers
    }

    /// Drops what is older than `cutoff` and whatever has no sample left.
    func expire(before cutoff: Int64, _ state: inout GroupState, of group: SeriesGroup) {
        let dropped = state.dropBlocks(before: cutoff)
        counters.expired.add(dropped)
        counters.samples.add(-dropped)
        removeEmptyColumns(&state, of: group)
    }

    func removeEmptyColumns(_ state: inout GroupState, of group: SeriesGroup) {
        let gone = state.removeEmptyColumns()
        if !gone.isEmpty {
            changeIndex { $0.remove(gone, group: group.slot, table: keys) }
        }
    }

    /// Changes the index and keeps the sum of bytes right.
    func changeIndex<Result>(_ body: (inout SeriesIndex) -> sending Result) -> sending Result {
        index.withLock { index in
            let before = index.byteCount
            let result = body(&index)
            counters.bytes.add(index.byteCount - before)
            counters.keyReleases.store(index.keyReleases, ordering: .releasing)
            return result
        }
    }

    private func account(_ group: SeriesGroup) {
        group.state.withLock { account(&$0) }
    }

    /// Tells the store's sum what a group uses now.
    func account(_ state: inout GroupState) {
        let bytes = state.byteCount
        counters.bytes.add(bytes - state.accountedBytes)
        state.accountedBytes = bytes
    }
}

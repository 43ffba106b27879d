import Metrics
import Synchronization

extension TimeSeriesStore {
    /// Calls `body` with a snapshot of all samples, piece by piece; `restore` takes the same pieces in the same order.
    ///
    /// Each group is as it was at one moment. No lock is held during the calls, and appends go on meanwhile. A piece is
    /// as large as the samples of one group and has a checksum of its own.
    public func encodeSnapshot<Failure: Error>(_ body: (_ piece: [UInt8]) throws(Failure) -> Void) throws(Failure) {
        var writer = SnapshotWriter()
        try body(writer.start())
        for case let group? in index.withLock({ $0.groups }) {
            // Both under the lock of the group, so that the index has every key of the state.
            let (state, index) = group.state.withLock { state in (state, self.index.withLock { $0 }) }
            if let piece = writer.piece(of: group, state: state, index: index) { try body(piece) }
        }
        try body(writer.end())
    }

    /// Adds the groups of a snapshot.
    ///
    /// They are ended: what is sampled from now on goes to new groups, and queries see series of the same labels as
    /// one.
    ///
    /// Call `removeExpired(now:)` afterwards, for the snapshot may be old.
    /// - Throws: `StoreError.badSnapshot` for pieces that were not written by `encodeSnapshot`, were damaged, are
    ///   missing or in another order; nothing is restored then.
    public func restore(from pieces: some Sequence<[UInt8]>) throws(StoreError) {
        var reader = SnapshotReader()
        var number = 0
        for piece in pieces {
            do {
                try reader.read(piece)
            } catch {
                throw .badSnapshot(piece: number, problem: error.problem)
            }
            number += 1
        }
        guard reader.isEnded else { throw .badSnapshot(piece: number, problem: .incomplete) }
        for group in reader.groups {
            install(group)
        }
        if isOverMemoryLimit { evict() }
    }

    private func install(_ restored: SnapshotReader.Group) {
        let group = addGroup(labels: restored.labels)
        let heldKeys = restored.columns.map { labels in labels.map { keys.intern($0) } }
        group.state.withLock { state in
            let added = state.install(restored.blocks, keys: heldKeys)
            changeIndex { $0.add(added, group: group.slot, table: keys) }
            removeEmptyColumns(&state, of: group)
            counters.samples.add(state.sampleCount)
            account(&state)
        }
        keys.release(heldKeys.compactMap { $0 })
    }
}

extension GroupState {
    /// Fills a new state with sealed blocks and ends it.
    ///
    /// Returns the keys of its columns.
    fileprivate mutating func install(_ restored: [SealedBlock], keys: [SeriesKey?]) -> [SeriesKey] {
        var pairs: [(key: UInt32, column: UInt32)] = []
        var used: [SeriesKey] = []
        for (index, key) in keys.enumerated() {
            var column = Column(key: Column.noKey)
            if let key {
                column = Column(key: UInt32(truncatingIfNeeded: key.index))
                column.blockEnd = UInt32((restored.lastIndex { $0.has(index) } ?? -1) + 1)
                pairs.append((column.key, UInt32(index)))
                used.append(key)
            } else {
                freeColumns.append(UInt32(index))
            }
            columns.append(column)
        }
        byKey.insert(pairs)
        blocks = restored
        blockBytes = restored.reduce(0) { $0 + $1.byteCount }
        newest = restored.last?.lastTimestamp
        isEnded = true
        return used
    }
}

import Synchronization

extension TimeSeriesStore {
    /// Forgets what is older than the history to keep.
    ///
    /// Groups that are appended to do this themselves; for those that have ended or fallen silent, call this from time
    /// to time, once a minute say. `now` is in milliseconds since 1970.
    public func removeExpired(now: Int64) {
        let cutoff = now.subtractingSaturating(configuration.historyMilliseconds)
        for case let group? in index.withLock({ $0.groups }) {
            group.state.withLock { state in
                guard let oldest = state.oldest, oldest < cutoff else { return }
                let dropped = state.dropOpenBlock(before: cutoff)
                counters.expired.add(dropped)
                counters.samples.add(-dropped)
                expire(before: cutoff, &state, of: group)
                finish(&state, of: group)
            }
        }
    }

    var isOverMemoryLimit: Bool {
        guard let limit = configuration.maxBytes else { return false }
        return counters.bytes.load(ordering: .relaxed) > limit
    }

    /// Drops the oldest blocks of all groups until a twentieth of the limit is free.
    ///
    /// More than asked for, so that the search for the oldest ones is worth its time.
    func evict() {
        guard let limit = configuration.maxBytes else { return }
        eviction.withLockIfAvailable { nothingUpTo in
            guard counters.bytes.load(ordering: .relaxed) > nothingUpTo else { return }
            nothingUpTo = 0
            let groups = index.withLock { $0.groups.compactMap { $0 } }
            var candidates: [(last: Int64, bytes: Int, group: SeriesGroup)] = []
            for group in groups {
                group.state.withLock { state in
                    for block in state.blocks {
                        candidates.append((block.lastTimestamp, block.byteCount, group))
                    }
                }
            }
            candidates.sort { $0.last < $1.last }
            let goal = limit - limit / 20
            for candidate in candidates {
                guard counters.bytes.load(ordering: .relaxed) > goal else { return }
                evictBlocks(through: candidate.last, of: candidate.group)
            }
            nothingUpTo = counters.bytes.load(ordering: .relaxed) + limit / 50
        }
    }

    private func evictBlocks(through time: Int64, of group: SeriesGroup) {
        group.state.withLock { state in
            let dropped = state.dropBlocks(before: time.addingSaturating(1))
            guard dropped > 0 else { return }
            counters.evicted.add(dropped)
            counters.samples.add(-dropped)
            removeEmptyColumns(&state, of: group)
            finish(&state, of: group)
        }
    }

    /// Brings the sums up to date, and lets an ended group go when nothing is left of it.
    func finish(_ state: inout GroupState, of group: SeriesGroup) {
        if state.isEnded, state.seriesCount == 0 {
            changeIndex { $0.removeGroup(group) }
            counters.bytes.add(-state.accountedBytes)
            state = GroupState()
            state.isEnded = true
        } else {
            account(&state)
        }
    }

    /// What the store holds and has refused.
    ///
    /// Looks at every group, so not for each poll.
    public func statistics() -> StoreStatistics {
        let index = index.withLock { $0 }
        var result = StoreStatistics()
        result.keys = index.keyCount
        result.totals = counters.totals
        result.samples = counters.samples.load(ordering: .relaxed)
        result.bytes = counters.bytes.load(ordering: .relaxed)
        for case let group? in index.groups {
            group.state.withLock { state in
                result.groups += 1
                result.series += state.seriesCount
                result.blocks += state.blocks.count
                guard let oldest = state.oldest, let newest = state.newest else { return }
                result.oldest = min(result.oldest ?? oldest, oldest)
                result.newest = max(result.newest ?? newest, newest)
            }
        }
        return result
    }
}

import Synchronization

/// The counts that appends from many threads share.
struct StoreCounters: ~Copyable, Sendable {
    /// Mirrors the index, to be read without its lock.
    let keyReleases = Atomic<Int>(0)
    let bytes = Atomic<Int>(0)
    let samples = Atomic<Int>(0)
    let appended = Atomic<Int>(0)
    let outOfOrder = Atomic<Int>(0)
    let duplicate = Atomic<Int>(0)
    let conflicting = Atomic<Int>(0)
    let overMemoryLimit = Atomic<Int>(0)
    let expired = Atomic<Int>(0)
    let evicted = Atomic<Int>(0)

    var totals: StoreTotals {
        StoreTotals(
            samplesAppended: appended.load(ordering: .relaxed),
            samplesOutOfOrder: outOfOrder.load(ordering: .relaxed),
            samplesDuplicate: duplicate.load(ordering: .relaxed),
            samplesConflicting: conflicting.load(ordering: .relaxed),
            samplesOverMemoryLimit: overMemoryLimit.load(ordering: .relaxed),
            samplesExpired: expired.load(ordering: .relaxed),
            samplesEvicted: evicted.load(ordering: .relaxed)
        )
    }
}

extension Atomic<Int> {
    func add(_ amount: Int) {
        add(amount, ordering: .relaxed)
    }
}

/// Finds the column of a series key: pairs sorted by key, eight bytes each.
struct ColumnsByKey {
    private var pairs: [UInt64] = []

    var byteCount: Int {
        pairs.capacity * 8
    }

    func column(of key: UInt32) -> UInt32? {
        let position = position(of: key)
        guard position < pairs.count, pairs[position] >> 32 == UInt64(key) else { return nil }
        return UInt32(truncatingIfNeeded: pairs[position])
    }

    /// Adds keys that are not there yet.
    ///
    /// They need not be sorted.
    mutating func insert(_ added: [(key: UInt32, column: UInt32)]) {
        pairs.reserveCapacity(pairs.count + added.count)
        for (key, column) in added {
            pairs.append(UInt64(key) << 32 | UInt64(column))
        }
        pairs.sort()
    }

    mutating func removeAll(where isGone: (_ column: UInt32) -> Bool) {
        pairs.removeAll { isGone(UInt32(truncatingIfNeeded: $0)) }
    }

    private func position(of key: UInt32) -> Int {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if pairs[middle] >> 32 < UInt64(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

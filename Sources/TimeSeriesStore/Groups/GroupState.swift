import Metrics

/// The samples of one group.
///
/// A value: who holds the lock of its `SeriesGroup` changes it.
struct GroupState {
    var columns: [Column] = []
    var freeColumns: [UInt32] = []
    var byKey = ColumnsByKey()
    /// The keys of the latest poll; the array is shared with whoever polls.
    var layoutKeys: [SeriesKey] = []
    /// For each key of the latest poll its column, or `noColumn` where a new series was refused.
    var layoutColumns: [UInt32] = []
    var refusedInLayout = 0
    var open = OpenBlock()
    /// Sealed blocks, the oldest first.
    var blocks: [SealedBlock] = []
    /// The number of the first of `blocks`, counted since the group began.
    var firstBlock: UInt32 = 0
    var blockBytes = 0
    /// Samples in the open block.
    var openSamples = 0
    var newest: Int64?
    /// No poll comes any more.
    var isEnded = false
    /// What the store was last told that this group uses.
    var accountedBytes = 0

    static let noColumn = UInt32.max

    /// Bytes of memory, an estimate of what the allocations take.
    var byteCount: Int {
        columns.capacity * MemoryLayout<Column>.stride + byKey.byteCount + layoutColumns.capacity * 4
            + open.slotCapacity * OpenBlock.rowLimit * 8 + blockBytes + 512
    }

    var oldest: Int64? {
        blocks.first?.firstTimestamp ?? open.timestamps.first
    }

    var seriesCount: Int {
        columns.count - freeColumns.count
    }

    var sampleCount: Int {
        blocks.reduce(openSamples) { $0 + $1.sampleCount }
    }

    /// Whether the poll has the same keys in the same order as the one before: usually the very same array.
    func hasLayout(_ keys: [SeriesKey]) -> Bool {
        guard keys.count == layoutKeys.count, refusedInLayout == 0 else { return false }
        return keys.withUnsafeBufferPointer { new in
            layoutKeys.withUnsafeBufferPointer { old in
                new.baseAddress == old.baseAddress || new.elementsEqual(old)
            }
        }
    }

    /// Why a poll cannot be appended, `nil` where it can or where it is the latest one again.
    func refusal(of keys: [SeriesKey], _ values: [Double], at timestamp: Int64) -> StoreError? {
        if isEnded { return .groupEnded }
        guard let newest, timestamp <= newest else { return nil }
        if timestamp < newest { return .outOfOrder(timestamp: timestamp, newest: newest) }
        return isLatest(keys: keys, values: values) ? nil : .conflictingDuplicate(timestamp: timestamp)
    }

    /// Whether the latest poll had these very values for these keys.
    private func isLatest(keys: [SeriesKey], values: [Double]) -> Bool {
        guard hasLayout(keys) else { return false }
        return layoutColumns.indices.allSatisfy {
            columns[Int(layoutColumns[$0])].last == values[$0].bitPattern
        }
    }

    /// Adds a poll that has the layout of the one before.
    ///
    /// Returns the number of samples stored.
    mutating func appendRow(timestamp: Int64, values: [Double]) -> Int {
        let row = open.rows
        newest = timestamp
        let stored = layoutColumns.count - refusedInLayout
        if row == 0 {
            setFirstRow(values)
        } else {
            setRow(row, values)
        }
        open.timestamps.append(timestamp)
        openSamples += stored
        if open.rows == OpenBlock.rowLimit { seal() }
        return stored
    }

    /// In the first row no series has cells: its value is the latest one.
    private mutating func setFirstRow(_ values: [Double]) {
        columns.withUnsafeMutableBufferPointer { columns in
            for index in values.indices where layoutColumns[index] != Self.noColumn {
                columns[Int(layoutColumns[index])].last = values[index].bitPattern
            }
        }
    }

    private mutating func setRow(_ row: Int, _ values: [Double]) {
        var changed: [Int] = []
        open.withCells { cells in
            columns.withUnsafeMutableBufferPointer { columns in
                for index in values.indices {
                    let column = Int(layoutColumns[index])
                    guard column < columns.count else { continue }
                    let bits = values[index].bitPattern
                    let slot = columns[column].slot
                    if slot != Column.noSlot {
                        cells?[Int(slot) &* OpenBlock.rowLimit &+ row] = bits
                        columns[column].last = bits
                    } else if columns[column].last != bits {
                        changed.append(index)
                    }
                }
            }
        }
        for index in changed {
            let column = Int(layoutColumns[index])
            setChanged(column, values[index].bitPattern, row: row)
        }
    }

    /// Sets the value of a series without cells that differs from the one before.
    mutating func setChanged(_ column: Int, _ bits: UInt64, row: Int) {
        let before = columns[column].presence(rows: row)
        if before != 0 {
            let slot = open.allocateSlot(filledWith: columns[column].last)
            open.set(bits, slot: slot, row: row)
            columns[column].slot = slot
        }
        columns[column].last = bits
    }
}

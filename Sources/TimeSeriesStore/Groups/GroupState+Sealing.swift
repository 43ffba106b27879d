extension GroupState {
    /// Compresses the open block and starts a new one.
    ///
    /// Where the latest sealed block has room for its rows, the two become one.
    mutating func seal() {
        guard open.rows > 0 else { return }
        let earlier = blocks.last.flatMap { $0.rows + open.rows <= ColumnFormat.rowLimit ? $0 : nil }
        if let earlier {
            blocks.removeLast()
            blockBytes -= earlier.byteCount
        }
        if let block = sealed(after: earlier) {
            blocks.append(block)
            blockBytes += block.byteCount
        }
        startOpenBlock()
        open.removeAll()
    }

    /// Makes the columns ready for the first row of a new open block.
    mutating func startOpenBlock() {
        for index in columns.indices {
            columns[index].slot = Column.noSlot
            columns[index].since = 0
            columns[index].earlierRows = 0
        }
        openSamples = 0
    }

    private mutating func sealed(after earlier: SealedBlock?) -> SealedBlock? {
        let earlierRows = earlier?.rows ?? 0
        let rows = open.rows
        var builder = BlockBuilder(rows: earlierRows + rows, columnCount: columns.count)
        let blockEnd = firstBlock + UInt32(blocks.count) + 1
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: ColumnFormat.rowLimit) { cells in
            guard let base = cells.baseAddress else { return }
            columns.withUnsafeMutableBufferPointer { columns in
                for index in columns.indices {
                    let earlierPresence = earlier?.expand(index, into: base) ?? 0
                    let presence = earlierPresence | columns[index].presence(rows: rows) << UInt32(earlierRows)
                    guard presence != 0 else { continue }
                    if columns[index].slot == Column.noSlot {
                        (base + earlierRows).update(repeating: columns[index].last, count: rows)
                    } else {
                        open.copyCells(of: columns[index].slot, to: base + earlierRows)
                    }
                    builder.add(index, cells: base, presence: presence)
                    columns[index].blockEnd = blockEnd
                }
            }
        }
        var timestamps = earlier?.timestamps ?? []
        timestamps += open.timestamps
        return builder.seal(timestamps: timestamps)
    }
}

extension SealedBlock {
    fileprivate var timestamps: [Int64] {
        [Int64](unsafeUninitializedCapacity: rows) { buffer, count in
            guard let base = buffer.baseAddress, decodeTimestamps(into: base) else { return }
            count = rows
        }
    }

    /// Writes the values of a column each to the place of its row, and returns in which rows there is one.
    fileprivate func expand(_ column: Int, into cells: UnsafeMutablePointer<UInt64>) -> UInt32 {
        let presence = cells.withMemoryRebound(to: Double.self, capacity: ColumnFormat.rowLimit) {
            decode(column, into: $0)
        }
        guard presence != ColumnFormat.allRows(rows) else { return presence }
        // From the last to the first, as a value's row is never before its place among the present ones.
        var place = presence.nonzeroBitCount
        for row in stride(from: rows - 1, through: 0, by: -1) where presence & (1 << UInt32(row)) != 0 {
            place -= 1
            cells[row] = cells[place]
        }
        return presence
    }
}

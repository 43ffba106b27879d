import Metrics

extension GroupState {
    /// What a change of the layout did.
    struct LayoutChange {
        /// Keys that had no column before.
        var added: [SeriesKey] = []
        /// Staleness markers written.
        var markers = 0
    }

    /// Prepares the next row for a poll with other keys: series that are gone get a staleness marker in it, new ones
    /// a column.
    ///
    /// The keys must be different from each other. The row has to be written right after this. New series are refused
    /// where `takesNewSeries` is false.
    mutating func adopt(_ keys: [SeriesKey], values: [Double], takesNewSeries: Bool) -> LayoutChange {
        var change = LayoutChange()
        let newColumns = columns(of: keys, takesNewSeries: takesNewSeries, added: &change.added)
        var stays = [Bool](repeating: false, count: columns.count)
        for column in newColumns where column != Self.noColumn {
            stays[Int(column)] = true
        }
        let row = open.rows
        for column in layoutColumns where column != Self.noColumn && !stays[Int(column)] {
            change.markers += leave(Int(column), row: row)
        }
        for (index, column) in newColumns.enumerated() where column != Self.noColumn {
            let column = Int(column)
            guard !columns[column].isLive else { continue }
            columns[column].isLive = true
            columns[column].since = UInt8(row)
            if columns[column].slot == Column.noSlot, columns[column].earlierRows == 0 {
                columns[column].last = values[index].bitPattern
            }
        }
        openSamples += change.markers
        layoutKeys = keys
        layoutColumns = newColumns
        refusedInLayout = newColumns.count { $0 == Self.noColumn }
        return change
    }

    /// Ends a series with a staleness marker, unless its latest value is one.
    ///
    /// Returns the number of markers.
    private mutating func leave(_ column: Int, row: Int) -> Int {
        let marker = Double.staleMarker.bitPattern
        let before = columns[column].presence(rows: row)
        let needsMarker = columns[column].last != marker
        if needsMarker {
            if columns[column].slot == Column.noSlot {
                setChanged(column, marker, row: row)
            } else {
                open.set(marker, slot: columns[column].slot, row: row)
                columns[column].last = marker
            }
        }
        columns[column].isLive = false
        columns[column].earlierRows = needsMarker ? before | 1 << UInt32(row) : before
        return needsMarker ? 1 : 0
    }

    private mutating func columns(
        of keys: [SeriesKey],
        takesNewSeries: Bool,
        added: inout [SeriesKey]
    ) -> [UInt32] {
        var addedColumns: [(key: UInt32, column: UInt32)] = []
        if columns.isEmpty { columns.reserveCapacity(keys.count) }
        let result = keys.map { key in
            let index = UInt32(truncatingIfNeeded: key.index)
            if let column = byKey.column(of: index) { return column }
            guard takesNewSeries else { return Self.noColumn }
            let column = makeColumn(index)
            addedColumns.append((index, column))
            added.append(key)
            return column
        }
        if !addedColumns.isEmpty { byKey.insert(addedColumns) }
        return result
    }

    private mutating func makeColumn(_ key: UInt32) -> UInt32 {
        if let reused = freeColumns.popLast() {
            columns[Int(reused)] = Column(key: key)
            return reused
        }
        // As with the open block's cells: doubling would waste half of the memory in a thousand groups.
        if columns.count == columns.capacity { columns.reserveCapacity(columns.count + max(columns.count / 8, 8)) }
        columns.append(Column(key: key))
        return UInt32(columns.count - 1)
    }

    /// Drops blocks that end before a time.
    ///
    /// Returns the number of samples dropped.
    mutating func dropBlocks(before cutoff: Int64) -> Int {
        var dropped = 0
        var samples = 0
        while dropped < blocks.count, blocks[dropped].lastTimestamp < cutoff {
            samples += blocks[dropped].sampleCount
            blockBytes -= blocks[dropped].byteCount
            dropped += 1
        }
        if dropped > 0 {
            blocks.removeFirst(dropped)
            firstBlock += UInt32(dropped)
        }
        return samples
    }

    /// Drops the polls of the open block where the newest of them is older than a time.
    ///
    /// Only for groups that nobody appends to any more or has not for the whole history.
    mutating func dropOpenBlock(before cutoff: Int64) -> Int {
        guard let last = open.timestamps.last, last < cutoff else { return 0 }
        let samples = openSamples
        startOpenBlock()
        open.releaseMemory()
        return samples
    }

    /// Frees the columns of series that are gone and have no sample left.
    ///
    /// Returns their keys.
    mutating func removeEmptyColumns() -> [UInt32] {
        var removed: [UInt32] = []
        for index in columns.indices {
            let column = columns[index]
            guard column.key != Column.noKey, !column.isLive, column.earlierRows == 0, column.blockEnd <= firstBlock
            else { continue }
            removed.append(column.key)
            columns[index] = Column(key: Column.noKey)
            freeColumns.append(UInt32(index))
        }
        if !removed.isEmpty {
            byKey.removeAll { columns[Int($0)].key == Column.noKey }
        }
        return removed
    }
}

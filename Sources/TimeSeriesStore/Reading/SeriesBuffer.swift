import Metrics

/// Memory in which one series after the other is decompressed.
struct SeriesBuffer: ~Copyable {
    /// The number of polls in the group's reading.
    private var rowCount = 0
    private var capacity = 0
    /// The timestamps of all polls of the group's reading.
    private var groupTimestamps = UnsafeMutablePointer<Int64>.allocate(capacity: 0)
    /// The timestamps of a series that was not in every poll.
    private var ownTimestamps = UnsafeMutablePointer<Int64>.allocate(capacity: 0)
    private var values = UnsafeMutablePointer<Double>.allocate(capacity: 0)

    deinit {
        groupTimestamps.deallocate()
        ownTimestamps.deallocate()
        values.deallocate()
    }

    /// Prepares for the series of a group.
    mutating func start(_ reading: GroupReading) {
        rowCount = reading.blocks.reduce(reading.openTimestamps.count) { $0 + $1.rows }
        reserve(rowCount + ColumnFormat.rowLimit)
        var row = 0
        for block in reading.blocks {
            block.decodeTimestamps(into: groupTimestamps + row)
            row += block.rows
        }
        for timestamp in reading.openTimestamps {
            groupTimestamps[row] = timestamp
            row += 1
        }
    }

    private mutating func reserve(_ count: Int) {
        guard capacity < count else { return }
        groupTimestamps.deallocate()
        ownTimestamps.deallocate()
        values.deallocate()
        // Twice as much, for the next group may have a few more.
        capacity = count * 2
        groupTimestamps = .allocate(capacity: capacity)
        ownTimestamps = .allocate(capacity: capacity)
        values = .allocate(capacity: capacity)
    }

    /// Decompresses a series and calls `body` with its samples from `first` through `last`, if there are any.
    func read<Failure: Error>(
        _ series: GroupReading.Series,
        of reading: GroupReading,
        from first: Int64,
        through last: Int64,
        _ body: (UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Double>) throws(Failure) -> Void
    ) throws(Failure) {
        let count = decode(series, of: reading)
        // In every poll, as usual: then the group's timestamps are those of the series.
        let timestamps = count == rowCount ? groupTimestamps : ownTimestamps
        let all = UnsafeBufferPointer(start: timestamps, count: count)
        let start = all.lowerBound(of: first)
        let end = last == .max ? count : all.lowerBound(of: last + 1)
        guard start < end else { return }
        try body(
            UnsafeBufferPointer(rebasing: all[start..<end]),
            UnsafeBufferPointer(start: values + start, count: end - start))
    }

    /// Writes all values to `values`, and where the series is not in every poll, its timestamps to `ownTimestamps`.
    private func decode(_ series: GroupReading.Series, of reading: GroupReading) -> Int {
        var count = 0
        var row = 0
        for block in reading.blocks {
            let presence = block.decode(series.column, into: values + count)
            count = take(presence, rows: block.rows, from: row, count: count)
            row += block.rows
        }
        var present = series.openPresence
        var position = count
        while present != 0 {
            let openRow = present.trailingZeroBitCount
            present &= present &- 1
            let isConstant = series.openStart < 0
            values[position] = Double(
                bitPattern: isConstant ? series.openConstant : reading.openCells[series.openStart + openRow])
            position += 1
        }
        return take(series.openPresence, rows: reading.openTimestamps.count, from: row, count: count)
    }

    /// Notes the timestamps of present rows, once it turns out that some are missing.
    ///
    /// Returns the new count.
    private func take(_ presence: UInt32, rows: Int, from row: Int, count: Int) -> Int {
        let present = presence.nonzeroBitCount
        if count == row, present == rows { return count + present }
        if count == row {
            // The first gap: up to here the timestamps were those of the group.
            ownTimestamps.update(from: groupTimestamps, count: count)
        }
        var position = count
        var remaining = presence
        while remaining != 0 {
            ownTimestamps[position] = groupTimestamps[row + remaining.trailingZeroBitCount]
            remaining &= remaining &- 1
            position += 1
        }
        return position
    }
}

import Metrics

/// The state of one series of a group; the samples themselves lie in the open block and in the sealed ones.
struct Column {
    static let noSlot = UInt32.max
    static let noKey = UInt32.max

    /// The bit pattern of the latest value.
    var last: UInt64
    /// The index of the series key; `noKey` while the column is free.
    var key: UInt32
    /// Rows of the open block in which the series was present before it went away.
    var earlierRows: UInt32 = 0
    /// The place of its values in the open block; `noSlot` as long as every one of them equals `last`.
    var slot = Column.noSlot
    /// One more than the number of the last sealed block that has the series; 0 for none.
    var blockEnd: UInt32 = 0
    /// The row of the open block since which a live series is present.
    var since: UInt8 = 0
    /// Whether the latest poll had the series.
    var isLive = false

    init(key: UInt32) {
        self.key = key
        last = 0
    }

    /// In which of the first `rows` rows of the open block the series is present.
    func presence(rows: Int) -> UInt32 {
        guard isLive else { return earlierRows }
        return earlierRows | (ColumnFormat.allRows(rows) & ~ColumnFormat.allRows(Int(since)))
    }
}

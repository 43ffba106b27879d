import Metrics

/// What a query has taken from one group under its lock: shared sealed blocks, and copies of the open one's values.
struct GroupReading {
    /// A series of the reading.
    struct Series {
        let key: UInt32
        let column: Int
        /// In which rows of the open block it is present.
        let openPresence: UInt32
        /// Where its values of the open block start in `openCells`; they are all `openConstant` where this is negative.
        let openStart: Int
        let openConstant: UInt64
    }

    let blocks: ArraySlice<SealedBlock>
    let openTimestamps: [Int64]
    private(set) var openCells: [UInt64] = []
    private(set) var series: [Series] = []

    /// Takes what may have samples from `first` to `last`, both included.
    init(_ keys: some Collection<UInt32>, from first: Int64, through last: Int64, in state: GroupState) {
        let start = state.blocks.firstIndex { $0.lastTimestamp >= first } ?? state.blocks.count
        let end = state.blocks[start...].firstIndex { $0.firstTimestamp > last } ?? state.blocks.count
        blocks = state.blocks[start..<end]
        let timestamps = state.open.timestamps
        let overlaps = (timestamps.first ?? .max) <= last && (timestamps.last ?? .min) >= first
        openTimestamps = overlaps && !timestamps.isEmpty ? timestamps : []
        guard !blocks.isEmpty || !openTimestamps.isEmpty else { return }
        series.reserveCapacity(keys.count)
        let rows = openTimestamps.count
        for key in keys {
            guard let index = state.byKey.column(of: key) else { continue }
            let column = state.columns[Int(index)]
            let presence = rows == 0 ? 0 : column.presence(rows: rows)
            guard presence != 0 || !blocks.isEmpty else { continue }
            let hasCells = presence != 0 && column.slot != Column.noSlot
            let start = hasCells ? openCells.count : -1
            if hasCells {
                openCells.append(contentsOf: state.open.cells(of: column.slot))
            }
            series.append(
                Series(
                    key: key, column: Int(index), openPresence: presence, openStart: start,
                    openConstant: column.last))
        }
    }

    /// Whether a series has a sample in what was taken.
    func hasSamples(_ series: Series) -> Bool {
        series.openPresence != 0 || blocks.contains { $0.has(series.column) }
    }
}

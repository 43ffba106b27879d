/// The polls of a group since the last sealed block, not compressed.
///
/// Only series whose value has changed within the block have cells here, one a row; for the others the latest value in
/// their `Column` says it all.
struct OpenBlock {
    /// Half of a sealed block, which takes two of these: what is open costs eight bytes a sample, what is sealed less
    /// than one, but many short blocks cost more than a few long ones.
    static let rowLimit = ColumnFormat.rowLimit / 2

    var timestamps: [Int64] = []
    /// For each slot one value a row.
    private(set) var cells: [UInt64] = []
    private(set) var usedSlots = 0

    var rows: Int {
        timestamps.count
    }

    /// The slots there is memory for.
    var slotCapacity: Int {
        cells.count / Self.rowLimit
    }

    /// Gives a series its cells and fills those of the rows so far with the value it had in all of them.
    mutating func allocateSlot(filledWith value: UInt64) -> UInt32 {
        let start = usedSlots * Self.rowLimit
        if start == cells.count { grow() }
        for row in 0..<rows {
            cells[start + row] = value
        }
        usedSlots += 1
        return UInt32(usedSlots - 1)
    }

    /// Grows by an eighth and not to the double: with a thousand groups the difference is tens of megabytes.
    private mutating func grow() {
        let slots = usedSlots + max(usedSlots / 8, 8)
        cells.reserveCapacity(slots * Self.rowLimit)
        cells.append(contentsOf: repeatElement(0, count: (slots - usedSlots) * Self.rowLimit))
    }

    mutating func set(_ value: UInt64, slot: UInt32, row: Int) {
        cells[Int(slot) * Self.rowLimit + row] = value
    }

    mutating func withCells(_ body: (UnsafeMutablePointer<UInt64>?) -> Void) {
        cells.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }

    /// Copies the values of a slot, one for each row so far.
    func copyCells(of slot: UInt32, to output: UnsafeMutablePointer<UInt64>) {
        let start = Int(slot) * Self.rowLimit
        for row in 0..<rows {
            output[row] = cells[start + row]
        }
    }

    /// The values of a slot, one for each row so far.
    func cells(of slot: UInt32) -> ArraySlice<UInt64> {
        let start = Int(slot) * Self.rowLimit
        return cells[start..<(start + rows)]
    }

    /// Forgets the polls and keeps the memory, unless most of it was not needed.
    mutating func removeAll() {
        timestamps.removeAll(keepingCapacity: true)
        if usedSlots * 2 + 16 < slotCapacity { cells = [] }
        usedSlots = 0
    }

    mutating func releaseMemory() {
        self = OpenBlock()
    }
}

import Metrics

/// Writes the values of one series in one block, by whatever way is the shortest.
struct ColumnEncoder: ~Copyable {
    /// The values without repetitions of the one before; `changes` says where each begins.
    private let runs = UnsafeMutablePointer<UInt64>.allocate(capacity: ColumnFormat.rowLimit)
    private let integers = UnsafeMutablePointer<Int64>.allocate(capacity: ColumnFormat.rowLimit)
    private let packed = UnsafeMutablePointer<UInt64>.allocate(capacity: ColumnFormat.rowLimit)

    init() {
        runs.initialize(repeating: 0, count: ColumnFormat.rowLimit)
        integers.initialize(repeating: 0, count: ColumnFormat.rowLimit)
        packed.initialize(repeating: 0, count: ColumnFormat.rowLimit)
    }

    deinit {
        runs.deallocate()
        integers.deallocate()
        packed.deallocate()
    }

    /// How the values of a series repeat themselves.
    private struct Repetition {
        /// How many values there are, without a staleness marker at the end.
        var values = 0
        /// How many of them differ from the one before, the first one included.
        var runs = 0
        /// Which ones these are.
        var changes: UInt32 = 0
        var endsStale = false

        /// Whether it pays to write a mask of changes and a number a run, and not a number a value.
        func paysOff(bitsOfRuns: Int, bitsOfValues: Int) -> Bool {
            runs < values && 32 + bitsOfRuns < bitsOfValues
        }
    }

    /// Appends the entry of a series.
    ///
    /// `cells` has a value for each row; those of rows not in `presence` do not count. At least one is in there.
    func append(_ cells: UnsafePointer<UInt64>, presence: UInt32, rows: Int, to output: inout EntryBuffer) {
        let repetition = findRuns(cells, presence: presence)
        var header: UInt8 = repetition.endsStale ? ColumnFormat.endsStale : 0
        if presence != ColumnFormat.allRows(rows) { header |= ColumnFormat.hasPresence }
        if repetition.runs > 1 { header |= ColumnFormat.hasSeveral }
        if let scale = DecimalScale.integers(of: runs, count: repetition.runs, into: integers) {
            header |= UInt8(scale)
            appendIntegers(repetition, header: header, presence: presence, to: &output)
        } else {
            header |= ColumnFormat.rawScale
            appendRaw(repetition, header: header, presence: presence, to: &output)
        }
    }

    private func findRuns(_ cells: UnsafePointer<UInt64>, presence: UInt32) -> Repetition {
        var result = Repetition()
        var last: UInt64 = 0
        var remaining = presence
        while remaining != 0 {
            let value = cells[remaining.trailingZeroBitCount]
            remaining &= remaining &- 1
            if remaining == 0, result.values > 0, Double(bitPattern: value).isStaleMarker {
                result.endsStale = true
                break
            }
            if result.values == 0 || value != last {
                runs[result.runs] = value
                result.runs += 1
                result.changes |= 1 << UInt32(result.values)
            }
            last = value
            result.values += 1
        }
        return result
    }

    private func appendHeader(_ header: UInt8, presence: UInt32, changes: UInt32?, to output: inout EntryBuffer) {
        output.append(changes == nil ? header : header | ColumnFormat.hasChanges)
        if header & ColumnFormat.hasPresence != 0 { output.append(presence) }
        if let changes { output.append(changes) }
    }

    private func appendIntegers(
        _ repetition: Repetition,
        header: UInt8,
        presence: UInt32,
        to output: inout EntryBuffer
    ) {
        guard repetition.runs > 1 else {
            appendHeader(header, presence: presence, changes: nil, to: &output)
            output.appendSignedVarint(integers[0])
            return
        }
        let ofRuns = IntegerWidths(integers, count: repetition.runs)
        let ofValues = ofRuns.withRepetitions
        let count: Int
        let widths: IntegerWidths
        if repetition.paysOff(
            bitsOfRuns: ofRuns.bits(repetition.runs), bitsOfValues: ofValues.bits(repetition.values))
        {
            appendHeader(header, presence: presence, changes: repetition.changes, to: &output)
            (count, widths) = (repetition.runs, ofRuns)
        } else {
            appendHeader(header, presence: presence, changes: nil, to: &output)
            repeatRuns(integers, repetition)
            (count, widths) = (repetition.values, repetition.runs < repetition.values ? ofValues : ofRuns)
        }
        if widths.prefersDistances(count) {
            for index in 0..<count {
                packed[index] = UInt64(bitPattern: integers[index] &- widths.lowest)
            }
            output.appendSignedVarint(widths.lowest)
            output.append(UInt8(widths.distance) | ColumnFormat.distancesFromBase)
            output.appendPacked(packed, count: count, width: widths.distance)
        } else {
            for index in 1..<count {
                packed[index &- 1] = UInt64(bitPattern: integers[index] &- integers[index &- 1] &- widths.lowestDelta)
            }
            output.appendSignedVarint(integers[0])
            output.append(UInt8(widths.delta))
            output.appendSignedVarint(widths.lowestDelta)
            output.appendPacked(packed, count: count - 1, width: widths.delta)
        }
    }

    private func appendRaw(_ repetition: Repetition, header: UInt8, presence: UInt32, to output: inout EntryBuffer) {
        guard repetition.runs > 1 else {
            appendHeader(header, presence: presence, changes: nil, to: &output)
            output.append(runs[0])
            return
        }
        var union: UInt64 = 0
        for index in 1..<repetition.runs {
            union |= runs[index] ^ runs[index &- 1]
        }
        let shift = union.trailingZeroBitCount
        let width = BitPacking.width(of: union >> UInt64(shift))
        var count = repetition.runs
        if repetition.paysOff(bitsOfRuns: width * (count - 1), bitsOfValues: width * (repetition.values - 1)) {
            appendHeader(header, presence: presence, changes: repetition.changes, to: &output)
        } else {
            appendHeader(header, presence: presence, changes: nil, to: &output)
            repeatRuns(runs, repetition)
            count = repetition.values
        }
        for index in 1..<count {
            packed[index &- 1] = (runs[index] ^ runs[index &- 1]) >> UInt64(shift)
        }
        output.append(runs[0])
        output.append(UInt8(shift))
        output.append(UInt8(width))
        output.appendPacked(packed, count: count - 1, width: width)
    }

    /// Spreads runs over the values they stand for, from the last to the first as they share the memory.
    private func repeatRuns<Number>(_ numbers: UnsafeMutablePointer<Number>, _ repetition: Repetition) {
        guard repetition.runs < repetition.values else { return }
        var run = repetition.runs - 1
        for index in stride(from: repetition.values - 1, through: 0, by: -1) {
            numbers[index] = numbers[run]
            if repetition.changes & (1 << UInt32(index)) != 0 { run -= 1 }
        }
    }
}

/// How many bits the integers of an entry take in each of the two ways.
private struct IntegerWidths {
    let lowest: Int64
    let distance: Int
    private(set) var lowestDelta: Int64
    private var highestDelta: Int64

    init(_ integers: UnsafePointer<Int64>, count: Int) {
        var lowest = integers[0]
        var highest = integers[0]
        lowestDelta = .max
        highestDelta = .min
        for index in 1..<count {
            let delta = integers[index] &- integers[index &- 1]
            lowest = min(lowest, integers[index])
            highest = max(highest, integers[index])
            lowestDelta = min(lowestDelta, delta)
            highestDelta = max(highestDelta, delta)
        }
        self.lowest = lowest
        distance = BitPacking.width(of: UInt64(bitPattern: highest &- lowest))
    }

    var delta: Int {
        BitPacking.width(of: UInt64(bitPattern: highestDelta &- lowestDelta))
    }

    /// The same when some values come several times in a row: the smallest and the largest stay.
    var withRepetitions: IntegerWidths {
        var result = self
        result.lowestDelta = min(lowestDelta, 0)
        result.highestDelta = max(highestDelta, 0)
        return result
    }

    func prefersDistances(_ count: Int) -> Bool {
        distance * count <= delta * (count - 1)
    }

    func bits(_ count: Int) -> Int {
        min(distance * count, delta * (count - 1))
    }
}

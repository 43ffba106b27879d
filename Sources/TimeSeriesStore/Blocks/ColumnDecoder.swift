import Bytes
import Metrics

/// Reads what `ColumnEncoder` wrote.
///
/// Damaged bytes give `nil`, whatever they are.
enum ColumnDecoder {
    /// Writes the present values in the order of their rows to `output`, which has room for `rowLimit` of them, and
    /// returns in which rows they are.
    ///
    /// Behind the entry there must be `BitPacking.overread` more bytes of readable memory.
    static func decode(
        _ entry: UnsafeRawBufferPointer,
        rows: Int,
        into output: UnsafeMutablePointer<Double>
    ) -> UInt32? {
        var reader = ByteReader(entry)
        guard let header = reader.byte() else { return nil }
        var presence = ColumnFormat.allRows(rows)
        if header & ColumnFormat.hasPresence != 0 {
            guard let mask = reader.integer(UInt32.self), mask != 0, mask & ~presence == 0 else { return nil }
            presence = mask
        }
        let present = presence.nonzeroBitCount
        let encoded = header & ColumnFormat.endsStale == 0 ? present : present - 1
        guard encoded > 0 else { return nil }
        var count = header & ColumnFormat.hasSeveral == 0 ? 1 : encoded
        var changes: UInt32?
        if header & ColumnFormat.hasChanges != 0 {
            guard let mask = reader.integer(UInt32.self), mask & 1 == 1, mask & ~ColumnFormat.allRows(encoded) == 0
            else { return nil }
            changes = mask
            count = mask.nonzeroBitCount
            guard (count > 1) == (header & ColumnFormat.hasSeveral != 0) else { return nil }
        }
        guard decodeNumbers(&reader, scale: header & ColumnFormat.scaleBits, count: count, into: output) else {
            return nil
        }
        if let changes {
            repeatRuns(changes, runs: count, values: encoded, in: output)
        } else if count < encoded {
            (output + 1).update(repeating: output[0], count: encoded - 1)
        }
        if encoded < present { output[encoded] = .staleMarker }
        return presence
    }

    private static func decodeNumbers(
        _ reader: inout ByteReader,
        scale: UInt8,
        count: Int,
        into output: UnsafeMutablePointer<Double>
    ) -> Bool {
        if scale == ColumnFormat.rawScale {
            return decodeRaw(&reader, count: count, into: output)
        }
        guard scale <= DecimalScale.maximum, let base = reader.signedVarint() else { return false }
        guard count > 1 else {
            output[0] = Double(base)
            if scale > 0 { output[0] /= DecimalScale.powers[Int(scale)] }
            return reader.remaining == 0
        }
        guard let widthByte = reader.byte() else { return false }
        if widthByte & ColumnFormat.distancesFromBase != 0 {
            let width = Int(widthByte & ~ColumnFormat.distancesFromBase)
            guard let packed = packed(&reader, count, width: width) else { return false }
            for index in 0..<count {
                let distance = BitPacking.number(at: index, width: width, in: packed)
                output[index] = Double(base &+ Int64(bitPattern: distance))
            }
        } else {
            let width = Int(widthByte)
            guard let lowest = reader.signedVarint(), let packed = packed(&reader, count - 1, width: width) else {
                return false
            }
            var integer = base
            output[0] = Double(integer)
            for index in 1..<count {
                let number = BitPacking.number(at: index &- 1, width: width, in: packed)
                integer = integer &+ lowest &+ Int64(bitPattern: number)
                output[index] = Double(integer)
            }
        }
        if scale > 0 {
            let power = DecimalScale.powers[Int(scale)]
            for index in 0..<count {
                output[index] /= power
            }
        }
        return true
    }

    private static func decodeRaw(
        _ reader: inout ByteReader,
        count: Int,
        into output: UnsafeMutablePointer<Double>
    ) -> Bool {
        guard var bits = reader.integer(UInt64.self) else { return false }
        output[0] = Double(bitPattern: bits)
        guard count > 1 else { return reader.remaining == 0 }
        guard let shift = reader.byte(), shift < 64, let width = reader.byte(),
            let packed = packed(&reader, count - 1, width: Int(width))
        else { return false }
        for index in 1..<count {
            bits ^= BitPacking.number(at: index &- 1, width: Int(width), in: packed) << UInt64(shift)
            output[index] = Double(bitPattern: bits)
        }
        return true
    }

    /// The packed numbers, which must be all that is left of the entry.
    private static func packed(_ reader: inout ByteReader, _ count: Int, width: Int) -> UnsafeRawPointer? {
        guard width <= 64, reader.remaining == BitPacking.byteCount(count, width: width),
            let bytes = reader.slice(reader.remaining)
        else { return nil }
        return bytes.baseAddress
    }

    /// Spreads runs over the values they stand for, from the last to the first as they share the memory.
    private static func repeatRuns(
        _ changes: UInt32,
        runs: Int,
        values: Int,
        in output: UnsafeMutablePointer<Double>
    ) {
        var run = runs - 1
        var index = values - 1
        while index >= 0 {
            output[index] = output[run]
            if changes & (1 << UInt32(index)) != 0 { run -= 1 }
            index -= 1
        }
    }
}

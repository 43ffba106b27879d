import Metrics

/// The section Keysizes of INFO: `db0_distrib_strings_sizes:0=1,1=649,4K=1`, keys by the power of two at or below
/// their size.
enum InfoKeysizesSection: Int, MetricFamilies {
    case keys

    /// Six types in sixteen databases with some bins each.
    static let lineLimit = 256
    /// Bins are powers of two.
    static let binLimit = 64

    var row: MetricRow {
        MetricRow(
            "", "redis_db_keys_by_size", .gauge, labels: ["db", "type", "size_at_least"], since: "Redis 8.0",
            help: "Keys by database, type and size, the size as a power of two of bytes (strings) or elements."
        )
    }

    /// Where the parts of a name such as `db0_distrib_lists_items` are, `nil` for any other name.
    static func parts(_ bytes: Span<UInt8>, _ name: Range<Int>) -> (database: Range<Int>, type: Range<Int>)? {
        guard bytes.hasPrefix("db", in: name),
            let underscore = bytes.firstOffset(of: UInt8(ascii: "_"), in: name),
            bytes.integer(in: (name.lowerBound + 2)..<underscore) != nil,
            bytes.hasPrefix("_distrib_", in: underscore..<name.upperBound)
        else { return nil }
        let typeStart = underscore + 9
        guard let typeEnd = bytes.firstOffset(of: UInt8(ascii: "_"), in: typeStart..<name.upperBound) else {
            return nil
        }
        return (name.lowerBound..<underscore, typeStart..<typeEnd)
    }

    /// The number that `4K` or `512` stands for.
    static func bound(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        let shift: Int64
        switch range.isEmpty ? 0 : bytes[range.upperBound - 1] {
        case UInt8(ascii: "K"): shift = 10
        case UInt8(ascii: "M"): shift = 20
        case UInt8(ascii: "G"): shift = 30
        case UInt8(ascii: "T"): shift = 40
        case UInt8(ascii: "P"): shift = 50
        case UInt8(ascii: "E"): shift = 60
        default: return bytes.integer(in: range)
        }
        let digits = range.lowerBound..<(range.upperBound - 1)
        guard let number = bytes.integer(in: digits), number >= 0, number <= Int64.max >> shift else { return nil }
        return number << shift
    }
}

extension FamilyTable<InfoKeysizesSection> {
    /// Adds the samples of one line.
    func add(
        _ bytes: Span<UInt8>,
        _ line: InfoLine,
        _ parts: (database: Range<Int>, type: Range<Int>),
        to buffer: inout SampleBuffer,
        _ skips: inout ParseSkips
    ) {
        var pairs = PairWalker(line.value)
        var bins = 0
        while let pair = pairs.next(in: bytes) {
            guard let bound = InfoKeysizesSection.bound(bytes, pair.name), let keys = bytes.decimal(in: pair.value)
            else {
                skips.add(.notANumber)
                continue
            }
            bins += 1
            guard bins <= InfoKeysizesSection.binLimit else {
                skips.add(.overLimit)
                return
            }
            let labels = buffer.labelStart
            buffer.addLabel(bytes.extracting(parts.database))
            buffer.addLabel(bytes.extracting(parts.type))
            buffer.addLabel("\(bound)")
            buffer.append(self[.keys], labelsFrom: labels, keys)
        }
    }
}

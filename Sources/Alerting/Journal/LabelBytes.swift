import Metrics

extension Labels {
    /// The labels as bytes: for each the name and the value, each a length in four bytes, low byte first, and UTF-8.
    ///
    /// The same labels are the same bytes, for labels are sorted.
    var journalBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount + 8 * count)
        withEachPair { name, value in
            for text in [name, value] {
                let size = UInt32(truncatingIfNeeded: text.count)
                for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
                bytes.append(contentsOf: text)
            }
        }
        return bytes
    }

    /// Reads what `journalBytes` wrote; what follows damage is left out.
    init(journalBytes bytes: [UInt8]) {
        var texts: [String] = []
        var rest = bytes[...]
        while rest.count >= 4 {
            let size = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard size <= rest.count else { break }
            texts.append(String(decoding: rest.prefix(size), as: UTF8.self))
            rest = rest.dropFirst(size)
        }
        self.init(stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) })
    }
}

import Bytes
import RedisCollectors

/// The newest entries of one node's logs, of which neither the number nor the memory grows beyond a limit.
///
/// They are in chunks of one size, so that a chunk that is given back is room for another one, of whatever node.
struct SlowLogRing {
    /// Some entries one after the other, each behind its length.
    private struct Chunk {
        var bytes: [UInt8] = []
        var count = 0
    }

    /// The most entries that are told.
    static let capacity = 256
    /// The most bytes they take; with arguments of commands an entry may be of some thousand.
    static let byteCapacity = 64 << 10
    private static let chunkSize = 992

    /// Oldest first.
    private var chunks: [Chunk] = []
    private var count = 0
    private var byteCount = 0

    /// The newest entries that match, oldest first.
    func entries(limit: Int = SlowLogRing.capacity, where matches: (SlowLogEntry) -> Bool = { _ in true })
        -> [SlowLogEntry]
    {
        var found: [SlowLogEntry] = []
        var left = Self.capacity
        for chunk in chunks.reversed() {
            guard found.count < limit, left > 0 else { break }
            found += Self.entries(of: chunk).suffix(left).filter(matches).reversed()
            left -= chunk.count
        }
        return found.prefix(limit).reversed()
    }

    private static func entries(of chunk: Chunk) -> [SlowLogEntry] {
        chunk.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var entries: [SlowLogEntry] = []
            entries.reserveCapacity(chunk.count)
            while let bytes = reader.run() {
                var reader = ByteReader(bytes)
                if let entry = SlowLogEntry(from: &reader) { entries.append(entry) }
            }
            return entries
        }
    }

    /// Adds an entry, for which the oldest go where there is no room; one that is larger than all room is not kept.
    mutating func append(_ entry: SlowLogEntry) {
        var encoded: [UInt8] = []
        entry.append(to: &encoded)
        var added: [UInt8] = []
        encoded.withUnsafeBytes { added.appendRun($0) }
        guard added.count <= Self.byteCapacity else { return }
        if chunks.isEmpty || chunks[chunks.count - 1].bytes.count + added.count > Self.chunkSize {
            chunks.append(Chunk())
            chunks[chunks.count - 1].bytes.reserveCapacity(max(added.count, Self.chunkSize))
        }
        chunks[chunks.count - 1].bytes += added
        chunks[chunks.count - 1].count += 1
        count += 1
        byteCount += added.count
        while let oldest = chunks.first, count - oldest.count >= Self.capacity || byteCount > Self.byteCapacity {
            count -= oldest.count
            byteCount -= oldest.bytes.count
            chunks.removeFirst()
        }
    }
}

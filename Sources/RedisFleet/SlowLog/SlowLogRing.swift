import Bytes
import RedisCollectors

/// The newest entries of one node's logs, of which neither the number nor the memory grows beyond a limit.
struct SlowLogRing {
    /// The most entries that are kept.
    static let capacity = 256
    /// The most bytes they take; with arguments of commands an entry may be of some thousand.
    static let byteCapacity = 64 << 10
    /// By how many bytes the room for them grows: doubling it would take as much again of every node.
    private static let step = 512

    /// Oldest first, each behind its length.
    private var bytes: [UInt8] = []
    private var count = 0

    /// The entries, oldest first.
    var entries: [SlowLogEntry] {
        bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var entries: [SlowLogEntry] = []
            entries.reserveCapacity(count)
            while let entry = reader.run() {
                var reader = ByteReader(entry)
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
        dropOldest(toAdd: added.count)
        let needed = bytes.count + added.count
        if bytes.capacity < needed { bytes.reserveCapacity(min(needed + Self.step, Self.byteCapacity)) }
        bytes += added
        count += 1
    }

    private mutating func dropOldest(toAdd added: Int) {
        let end = bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            while count >= Self.capacity || reader.remaining + added > Self.byteCapacity, reader.run() != nil {
                count -= 1
            }
            return bytes.count - reader.remaining
        }
        bytes.removeFirst(end)
    }
}

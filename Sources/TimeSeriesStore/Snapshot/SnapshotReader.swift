import Bytes
import Metrics

/// Reads the pieces of a snapshot and believes nothing in them.
struct SnapshotReader {
    /// A group as it was written.
    struct Group {
        let labels: Labels
        /// The key of each column, `nil` for a free one.
        let columns: [Labels?]
        let blocks: [SealedBlock]
    }

    private var keys: [Labels] = []
    private var knownKeys: Set<Labels> = []
    private(set) var groups: [Group] = []
    private var sampleCount = 0
    private var isStarted = false
    private(set) var isEnded = false

    /// Takes the next piece.
    mutating func read(_ piece: [UInt8]) throws(SnapshotFailure) {
        try piece.withUnsafeBufferPointer { (buffer) throws(SnapshotFailure) in
            let bytes = UnsafeRawBufferPointer(buffer)
            guard isStarted else { return try readStart(bytes) }
            guard !isEnded else { throw SnapshotFailure(.wrongLength) }
            var reader = ByteReader(try Self.checked(bytes))
            switch reader.byte() {
            case SnapshotFormat.group?: try readGroup(&reader)
            case SnapshotFormat.end?: try readEnd(&reader)
            default: throw SnapshotFailure(.malformed)
            }
            guard reader.remaining == 0 else { throw SnapshotFailure(.wrongLength) }
        }
    }

    /// What is before the checksum, which must be right.
    private static func checked(_ bytes: UnsafeRawBufferPointer) throws(SnapshotFailure) -> UnsafeRawBufferPointer {
        guard bytes.count > SnapshotFormat.checksumSize else { throw SnapshotFailure(.wrongLength) }
        let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(SnapshotFormat.checksumSize))
        var tail = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[content.count...]))
        guard tail.integer(UInt32.self) == Checksum.crc32(content) else { throw SnapshotFailure(.wrongChecksum) }
        return content
    }

    private mutating func readStart(_ bytes: UnsafeRawBufferPointer) throws(SnapshotFailure) {
        guard bytes.count > SnapshotFormat.magic.count, bytes.starts(with: SnapshotFormat.magic) else {
            throw SnapshotFailure(.notASnapshot)
        }
        let version = bytes[SnapshotFormat.magic.count]
        guard version == SnapshotFormat.version else { throw SnapshotFailure(.unknownVersion(version)) }
        guard try Self.checked(bytes).count == SnapshotFormat.magic.count + 1 else {
            throw SnapshotFailure(.wrongLength)
        }
        isStarted = true
    }

    private mutating func readEnd(_ reader: inout ByteReader) throws(SnapshotFailure) {
        guard reader.varint() == UInt64(groups.count), reader.varint() == UInt64(sampleCount) else {
            throw SnapshotFailure(.incomplete)
        }
        isEnded = true
    }

    private mutating func readGroup(_ reader: inout ByteReader) throws(SnapshotFailure) {
        guard let keyCount = reader.count(atLeastBytesEach: 1) else { throw SnapshotFailure(.malformed) }
        for _ in 0..<keyCount {
            let key = try Self.labels(&reader)
            guard knownKeys.insert(key).inserted else { throw SnapshotFailure(.malformed) }
            keys.append(key)
        }
        let labels = try Self.labels(&reader)
        let columns = try readColumns(&reader)
        guard let blockCount = reader.count(atLeastBytesEach: SealedBlock.headerSize) else {
            throw SnapshotFailure(.malformed)
        }
        var blocks: [SealedBlock] = []
        for _ in 0..<blockCount {
            guard let size = reader.count(atLeastBytesEach: 1), let bytes = reader.slice(size),
                let block = SealedBlock(checking: bytes),
                block.columnCount <= columns.count,
                blocks.last.map({ $0.lastTimestamp < block.firstTimestamp }) ?? true,
                columns[..<block.columnCount].indices.allSatisfy({ columns[$0] != nil || !block.has($0) })
            else { throw SnapshotFailure(.malformed) }
            sampleCount += block.sampleCount
            blocks.append(block)
        }
        guard !blocks.isEmpty else { throw SnapshotFailure(.malformed) }
        groups.append(Group(labels: labels, columns: columns, blocks: blocks))
    }

    private func readColumns(_ reader: inout ByteReader) throws(SnapshotFailure) -> [Labels?] {
        guard let count = reader.count(atLeastBytesEach: 1) else { throw SnapshotFailure(.malformed) }
        var columns: [Labels?] = []
        var seen = Set<UInt64>(minimumCapacity: count)
        for _ in 0..<count {
            guard let number = reader.varint(), number <= UInt64(keys.count) else { throw SnapshotFailure(.malformed) }
            if number == 0 {
                columns.append(nil)
            } else {
                guard seen.insert(number).inserted else { throw SnapshotFailure(.malformed) }
                columns.append(keys[Int(number) - 1])
            }
        }
        return columns
    }

    private static func labels(_ reader: inout ByteReader) throws(SnapshotFailure) -> Labels {
        guard let count = reader.count(atLeastBytesEach: 2) else { throw SnapshotFailure(.malformed) }
        var pairs: [(String, String)] = []
        for _ in 0..<count {
            guard let name = text(&reader), let value = text(&reader) else { throw SnapshotFailure(.malformed) }
            pairs.append((name, value))
        }
        return Labels(pairs)
    }

    private static func text(_ reader: inout ByteReader) -> String? {
        guard let size = reader.count(atLeastBytesEach: 1), let bytes = reader.slice(size) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What is wrong with a piece; who knows its number makes a `StoreError` of it.
struct SnapshotFailure: Error {
    let problem: SnapshotProblem

    init(_ problem: SnapshotProblem) {
        self.problem = problem
    }
}

import Bytes
import CZlib
import Glibc

/// How far an endpoint has got.
struct WriteProgress: Sendable, Equatable {
    /// All before this is done with.
    var position: LogPosition
    /// What is from `position` up to here may be there or not: it was being sent.
    var roundEnd: LogPosition?
    /// In how many parts it was sent.
    var parts = 0
}

/// The file in which the progress of one endpoint is kept: one short record, overwritten in place.
final class ProgressFile: Sendable {
    private static let magic = Array("RSRWPOS1".utf8)
    private static let size = 64

    private let file: OpenFile

    /// The file for an endpoint, by its name.
    init(folder: SegmentFolder, endpoint: String) throws(QueueProblem) {
        file = try OpenFile("\(folder.path)/\(Self.fileName(endpoint))", O_RDWR | O_CREAT)
    }

    private static let suffix = ".position"

    private static func fileName(_ endpoint: String) -> String {
        let hash = endpoint.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + suffix
    }

    /// Forgets endpoints that are not among these, so that nothing is kept for them.
    static func removeOthers(than endpoints: [String], in folder: SegmentFolder) throws(QueueProblem) {
        let kept = Set(endpoints.map(fileName))
        for name in try folder.files() where name.hasSuffix(suffix) && !kept.contains(name) {
            unlink("\(folder.path)/\(name)")
        }
    }

    /// What was written last; `nil` where there is nothing.
    ///
    /// - Throws: `QueueProblem` where it cannot be read.
    func read() throws(QueueProblem) -> Content? {
        let bytes = try file.read(Self.size, at: 0)
        if bytes.isEmpty { return nil }
        return bytes.withUnsafeBytes { Content(Self.decode($0)) }
    }

    /// What stands in the file.
    enum Content: Equatable {
        case progress(WriteProgress)
        /// Nothing that can be read.
        case damaged

        init(_ progress: WriteProgress?) {
            self = progress.map { .progress($0) } ?? .damaged
        }
    }

    func write(_ progress: WriteProgress) throws(QueueProblem) {
        var bytes = Self.magic
        for place in [progress.position, progress.roundEnd ?? progress.position] {
            bytes.appendInteger(Int64(place.segment))
            bytes.appendInteger(Int64(place.offset))
        }
        bytes.appendInteger(Int64(progress.roundEnd == nil ? 0 : progress.parts))
        bytes += [UInt8](repeating: 0, count: Self.size - 4 - bytes.count)
        bytes.appendInteger(Self.checksum(bytes))
        try file.write(bytes, at: 0)
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> WriteProgress? {
        guard bytes.count == size else { return nil }
        var reader = ByteReader(bytes)
        guard let magic = reader.slice(magic.count), magic.elementsEqual(Self.magic) else { return nil }
        var numbers: [Int] = []
        for _ in 0..<5 {
            guard let number = reader.integer(Int64.self), number >= 0 else { return nil }
            numbers.append(Int(number))
        }
        let covered = Array(bytes[..<(size - 4)])
        var end = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[(size - 4)...]))
        guard end.integer(UInt32.self) == checksum(covered) else { return nil }
        var progress = WriteProgress(position: LogPosition(segment: numbers[0], offset: numbers[1]))
        if numbers[4] > 0 {
            progress.roundEnd = LogPosition(segment: numbers[2], offset: numbers[3])
            progress.parts = numbers[4]
        }
        return progress
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes, uInt(clamping: bytes.count)))
    }
}

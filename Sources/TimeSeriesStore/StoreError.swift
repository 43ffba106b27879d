public import Metrics

/// Why the store refused an append or a snapshot.
public enum StoreError: Error, Hashable, Sendable {
    /// The samples are older than the newest of their group. Times are in milliseconds since 1970.
    case outOfOrder(timestamp: Int64, newest: Int64)
    /// The group has other samples at the very same time. Times are in milliseconds since 1970.
    case conflictingDuplicate(timestamp: Int64)
    /// The group was ended or removed before.
    case groupEnded
    /// There are not as many values as keys.
    case mismatchedCounts(keys: Int, values: Int)
    /// A key is there twice in one append.
    case repeatedKey(SeriesKey)
    /// A snapshot cannot be read; `piece` counts from 0.
    case badSnapshot(piece: Int, problem: SnapshotProblem)
}

/// What is wrong with a snapshot.
public enum SnapshotProblem: Hashable, Sendable {
    /// The first piece is not the start of a snapshot of this program.
    case notASnapshot
    /// The snapshot was written in a format that this version does not read.
    case unknownVersion(UInt8)
    /// The bytes are not those that were written.
    case wrongChecksum
    /// The piece ends too early or has bytes left over.
    case wrongLength
    /// The checksum is right but the content makes no sense.
    case malformed
    /// Pieces at the end are missing.
    case incomplete
}

extension StoreError: CustomStringConvertible {
    /// The error as a sentence.
    public var description: String {
        switch self {
        case .outOfOrder(let timestamp, let newest):
            "samples at \(timestamp) ms are older than the newest of their group (\(newest) ms) and were refused. "
                + "Was the clock set back? Samples are taken again once it has passed that time"
        case .conflictingDuplicate(let timestamp):
            "the group has other samples at \(timestamp) ms already; the later ones were refused"
        case .groupEnded:
            "the group of series was ended; add a new one"
        case .mismatchedCounts(let keys, let values):
            "\(keys) keys but \(values) values; each key needs one value"
        case .repeatedKey(let key):
            "key \(key.index) is there twice in one append; each key may have one value"
        case .badSnapshot(let piece, let problem):
            "cannot restore the history: piece \(piece) of the snapshot \(problem.text). Nothing was restored"
        }
    }
}

extension SnapshotProblem {
    fileprivate var text: String {
        switch self {
        case .notASnapshot: "is not the start of a snapshot"
        case .unknownVersion(let version): "has format version \(version), which this program does not know"
        case .wrongChecksum: "is damaged: its checksum differs"
        case .wrongLength: "is cut off or too long"
        case .malformed: "holds impossible data"
        case .incomplete: "is missing"
        }
    }
}

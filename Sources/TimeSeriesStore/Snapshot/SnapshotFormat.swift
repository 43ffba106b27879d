import Bytes

/// How a snapshot is written.
///
/// A snapshot is a run of pieces. Each ends with the CRC-32 of what is before it, in four bytes. Numbers are LEB128,
/// texts a length and bytes.
/// ```
/// start  "RSTSTORE", version
/// group  1, keys that are new: count and labels of each, labels of the group,
///        columns: count and for each 0 or one more than the number of its key, blocks: count and bytes of each
/// …
/// end    2, number of groups, number of samples
/// ```
/// Labels are a count, and for each the name and the value. Keys are numbered in the order in which they appear.
enum SnapshotFormat {
    static let magic = Array("RSTSTORE".utf8)
    /// To be raised with every change of this format or that of `SealedBlock`.
    static let version: UInt8 = 1
    static let group: UInt8 = 1
    static let end: UInt8 = 2
    static let checksumSize = 4

    static func closed(_ piece: consuming [UInt8]) -> [UInt8] {
        let checksum = piece.withUnsafeBytes { Checksum.crc32($0) }
        piece.appendInteger(checksum)
        return piece
    }
}

import Bytes
import CZlib

/// What a segment begins with.
struct SegmentHead {
    static let size = 24
    private static let magic = Array("RSRWLOG1".utf8)

    /// The same for all segments of one process: numbers of groups and keys mean the same in them.
    let epoch: UInt64
    let number: Int

    init(epoch: UInt64, number: Int) {
        self.epoch = epoch
        self.number = number
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let magic = reader.slice(Self.magic.count), magic.elementsEqual(Self.magic),
            let epoch = reader.integer(UInt64.self), let number = reader.integer(Int64.self), number >= 0
        else { return nil }
        self.init(epoch: epoch, number: Int(number))
    }

    var bytes: [UInt8] {
        var output = Self.magic
        output.appendInteger(epoch)
        output.appendInteger(Int64(number))
        return output
    }
}

/// What stands before the records of a frame: the unit that is written, checked and read as a whole.
struct FrameHead {
    static let size = 24
    /// A frame that says it is larger is damaged.
    static let longestPayload = 64 << 20

    let payloadLength: Int
    let checksum: UInt32
    /// The samples in it.
    let samples: Int
    /// The latest time in it, milliseconds since 1970.
    let newest: Int64

    /// `nil` where the bytes cannot be such a head.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let length = reader.integer(UInt32.self), let checksum = reader.integer(UInt32.self),
            let samples = reader.integer(UInt32.self), reader.integer(UInt32.self) == 0,
            let newest = reader.integer(Int64.self), length > 0, length <= Self.longestPayload
        else { return nil }
        payloadLength = Int(length)
        self.checksum = checksum
        self.samples = Int(samples)
        self.newest = newest
    }

    /// The whole frame: this head and the records.
    static func frame(_ payload: [UInt8], samples: Int, newest: Int64) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(size + payload.count)
        output.appendInteger(UInt32(clamping: payload.count))
        output.appendInteger(UInt32(0))
        output.appendInteger(UInt32(clamping: samples))
        output.appendInteger(UInt32(0))
        output.appendInteger(newest)
        output.append(contentsOf: payload)
        let checksum = output.withUnsafeBytes { Self.checksum($0) }
        withUnsafeBytes(of: checksum.littleEndian) { output.replaceSubrange(4..<8, with: $0) }
        return output
    }

    /// CRC-32 of a frame without the place of the checksum itself.
    static func checksum(_ frame: UnsafeRawBufferPointer) -> UInt32 {
        guard frame.count >= size else { return 0 }
        let first = add(0, UnsafeRawBufferPointer(rebasing: frame[..<4]))
        return UInt32(truncatingIfNeeded: add(first, UnsafeRawBufferPointer(rebasing: frame[8...])))
    }

    private static func add(_ value: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
        UInt(crc32(CUnsignedLong(value), bytes.bindMemory(to: UInt8.self).baseAddress, uInt(clamping: bytes.count)))
    }
}

internal import CZlib

/// One gzip stream: bytes in, compressed bytes out.
///
/// Level 1 with a window of 16 KB and small tables: for an exposition of 36 KB that takes 56 µs and 96 KB of memory;
/// zlib's defaults take 237 µs and 268 KB for a result that is 10 % smaller (most of the difference is level 6, a
/// third of the rest is clearing the tables).
struct GzipEncoder: ~Copyable {
    private static let level: CInt = 1
    private static let windowBits: CInt = 14 + 16  // 16 more means: with gzip's header and checksum
    private static let memoryLevel: CInt = 6

    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is no memory for the stream's tables.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // What the macro deflateInit2 stands for, which Swift does not see.
        let status = deflateInit2_(
            stream, Self.level, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses more bytes and appends what comes out; with `finish` everything, and the stream is at its end.
    mutating func compress(_ bytes: [UInt8], finish: Bool, into output: inout [UInt8]) {
        // zlib counts its input in 32 bits.
        let largestPiece = 1 << 30
        var start = 0
        repeat {
            let end = min(bytes.count, start + largestPiece)
            compressPiece(
                bytes[start..<end], flush: finish && end == bytes.count ? Z_FINISH : Z_NO_FLUSH, into: &output)
            start = end
        } while start < bytes.count
    }

    private mutating func compressPiece(_ bytes: ArraySlice<UInt8>, flush: CInt, into output: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { input in
            // zlib declares its input without const and does not write to it.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            // What zlib held back from earlier pieces comes on top of the bound, so one round may not do; a round
            // that leaves room has given everything.
            let room = min(Int(deflateBound(stream, UInt(input.count))), 1 << 30)
            repeat {
                let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    _ = deflate(stream, flush)
                    count = room - Int(stream.pointee.avail_out)
                }
                if output.isEmpty { output = piece } else { output += piece }
            } while stream.pointee.avail_out == 0
            stream.pointee.next_in = nil
        }
    }

    /// The whole of `bytes` as one gzip file, or nil if there is no memory for it.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard var encoder = GzipEncoder() else { return nil }
        var output: [UInt8] = []
        encoder.compress(bytes, finish: true, into: &output)
        return output
    }
}

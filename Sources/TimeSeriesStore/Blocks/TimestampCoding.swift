import Bytes

/// A column of timestamps: the first, the first difference, then how the differences change.
///
/// All arithmetic wraps, so that any 64-bit timestamps come back exactly.
enum TimestampCoding {
    static func append(_ timestamps: some Collection<Int64>, to output: inout [UInt8]) {
        var previous: Int64 = 0
        var previousDelta: Int64 = 0
        for (index, timestamp) in timestamps.enumerated() {
            let delta = timestamp &- previous
            output.appendSignedVarint(delta &- previousDelta)
            previous = timestamp
            previousDelta = index == 0 ? 0 : delta
        }
    }

    /// Writes `count` timestamps, or returns false where the bytes are not exactly that many ascending ones.
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        count: Int,
        into output: UnsafeMutablePointer<Int64>
    ) -> Bool {
        var reader = ByteReader(bytes)
        var previous: Int64 = 0
        var previousDelta: Int64 = 0
        for index in 0..<count {
            guard let change = reader.signedVarint() else { return false }
            let delta = previousDelta &+ change
            let timestamp = previous &+ delta
            guard index == 0 || timestamp > previous else { return false }
            output[index] = timestamp
            previous = timestamp
            previousDelta = index == 0 ? 0 : delta
        }
        return reader.remaining == 0
    }
}

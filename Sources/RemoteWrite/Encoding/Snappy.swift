import CSnappy

/// The block format of Snappy, without frames, as remote write asks for it.
enum Snappy {
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let limit = snappy_max_compressed_length(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: limit) { output, count in
            var length = limit
            let status = bytes.withUnsafeBytes { bytes in
                output.withMemoryRebound(to: CChar.self) { target in
                    let input = bytes.bindMemory(to: CChar.self)
                    return snappy_compress(input.baseAddress, input.count, target.baseAddress, &length)
                }
            }
            // Only a target that is too small fails, and this one is as large as asked for.
            count = status == SNAPPY_OK ? length : 0
        }
    }
}

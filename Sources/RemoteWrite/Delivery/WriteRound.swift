/// What is sent at a time: samples of the log in one or several parts that go side by side, each a list of requests that
/// go one after another.
///
/// All samples of a series are in the same part, so the far side gets them in order. The next round begins when all
/// parts are done. The same round made again, after a crash say, has the same requests: what has arrived of them is
/// refused as a whole by a far side that takes no sample twice, and what has not is taken as a whole.
struct WriteRound: Sendable {
    let parts: [[WriteRequest]]
    /// The latest time in it, milliseconds since 1970; `nil` where there is no sample.
    let newest: Int64?

    /// How many parts so many samples are sent in.
    static func parts(for samples: Int, _ sending: EndpointConfiguration.Sending) -> Int {
        let needed = (samples + sending.maxSamples - 1) / sending.maxSamples
        return max(1, min(needed, sending.maxShards))
    }
}

/// Turns samples into requests.
struct RequestEncoder: Sendable {
    let format: EndpointConfiguration.Format
    let maxSamples: Int
    let families: FamilyIndex

    func requests(of batch: SampleBatch, symbols: SymbolTable, parts: Int) -> [[WriteRequest]] {
        var samples = [[SampleBatch.Sample]](repeating: [], count: max(1, parts))
        if samples.count == 1 {
            samples[0] = batch.samples
        } else {
            for sample in batch.samples { samples[Int(sample.hash % UInt64(samples.count))].append(sample) }
        }
        return samples.map { part in
            stride(from: 0, to: part.count, by: maxSamples).map { start in
                request(Array(part[start..<min(start + maxSamples, part.count)]), of: batch, symbols: symbols)
            }
        }
    }

    private func request(
        _ samples: [SampleBatch.Sample],
        of batch: SampleBatch,
        symbols: SymbolTable
    ) -> WriteRequest {
        let body: [UInt8] =
            switch format {
            case .remoteWrite1: Snappy.compress(WriteRequest1.encode(samples, of: batch, symbols: symbols))
            case .remoteWrite2:
                Snappy.compress(WriteRequest2.encode(samples, of: batch, symbols: symbols, families: families))
            case .otlp: MetricsRequest.encode(samples, of: batch, symbols: symbols, families: families)
            }
        return WriteRequest(format: format, body: body, samples: samples.count)
    }
}

/// The message `prometheus.WriteRequest` of remote write 1.0
/// (`https://prometheus.io/docs/specs/prw/remote_write_spec/`).
struct WriteRequest1 {
    private enum Field {
        // WriteRequest
        static let timeSeries: UInt8 = 1
        // TimeSeries
        static let label: UInt8 = 1
        static let sample: UInt8 = 2
        // Label
        static let name: UInt8 = 1
        static let value: UInt8 = 2
        // Sample
        static let sampleValue: UInt8 = 1
        static let sampleTimestamp: UInt8 = 2
    }

    /// Encodes samples, each as a series of its own.
    static func encode(_ samples: [SampleBatch.Sample], of batch: SampleBatch, symbols: SymbolTable) -> [UInt8] {
        var message = ProtobufMessage()
        for sample in samples {
            let labels = batch.labels(of: sample)
            let timestamp = UInt64(bitPattern: sample.timestamp)
            let sampleSize = 9 + (timestamp == 0 ? 0 : 1 + ProtobufMessage.varintSize(timestamp))
            var size = ProtobufMessage.fieldSize(sampleSize)
            for label in labels { size += ProtobufMessage.fieldSize(labelSize(label, symbols)) }
            message.head(Field.timeSeries, count: size)
            for label in labels {
                message.head(Field.label, count: labelSize(label, symbols))
                message.text(Field.name, label.name, of: symbols)
                message.text(Field.value, label.value, of: symbols)
            }
            message.head(Field.sample, count: sampleSize)
            message.double(Field.sampleValue, sample.value)
            message.number(Field.sampleTimestamp, sample.timestamp)
        }
        return message.bytes
    }

    private static func labelSize(_ label: LabelPair, _ symbols: SymbolTable) -> Int {
        ProtobufMessage.fieldSize(symbols.range(of: label.name).count)
            + ProtobufMessage.fieldSize(symbols.range(of: label.value).count)
    }
}

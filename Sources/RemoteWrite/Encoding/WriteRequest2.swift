import Metrics

/// The message `io.prometheus.write.v2.Request` of remote write 2.0
/// (`https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/`).
struct WriteRequest2 {
    private enum Field {
        // Request
        static let symbols: UInt8 = 4
        static let timeSeries: UInt8 = 5
        // TimeSeries
        static let labelReferences: UInt8 = 1
        static let samples: UInt8 = 2
        static let metadata: UInt8 = 5
        // Sample
        static let value: UInt8 = 1
        static let timestamp: UInt8 = 2
        // Metadata
        static let type: UInt8 = 1
        static let help: UInt8 = 3
        static let unit: UInt8 = 4
    }

    /// The symbols of one request: each text once, the empty one first.
    private struct References {
        private(set) var list = ProtobufMessage()
        private var next: UInt64 = 1
        private var ofSymbols: [UInt64]
        private var ofTexts: [String: UInt64] = [:]
        private let symbols: SymbolTable

        init(_ symbols: SymbolTable) {
            self.symbols = symbols
            ofSymbols = [UInt64](repeating: 0, count: symbols.count)
            list.text(Field.symbols, "")
        }

        mutating func reference(_ symbol: Symbol) -> UInt64 {
            let known = ofSymbols[Int(symbol)]
            if known > 0 { return known }
            if symbols.range(of: symbol).isEmpty { return 0 }
            list.text(Field.symbols, symbol, of: symbols)
            ofSymbols[Int(symbol)] = next
            next += 1
            return next - 1
        }

        mutating func reference(_ text: String) -> UInt64 {
            if text.isEmpty { return 0 }
            if let known = ofTexts[text] { return known }
            list.text(Field.symbols, text)
            ofTexts[text] = next
            next += 1
            return next - 1
        }
    }

    /// Encodes samples, each as a series of its own with what is known of its family.
    static func encode(
        _ samples: [SampleBatch.Sample],
        of batch: SampleBatch,
        symbols: SymbolTable,
        families: FamilyIndex
    ) -> [UInt8] {
        var references = References(symbols)
        var series = ProtobufMessage()
        var labels = ProtobufMessage()
        var one = ProtobufMessage()
        var part = ProtobufMessage()
        for sample in samples {
            labels.removeAll()
            for label in batch.labels(of: sample) {
                labels.varint(references.reference(label.name))
                labels.varint(references.reference(label.value))
            }
            one.removeAll()
            one.message(Field.labelReferences, labels)
            part.removeAll()
            part.double(Field.value, sample.value)
            part.number(Field.timestamp, sample.timestamp)
            one.message(Field.samples, part)
            if sample.family >= 0 {
                part.removeAll()
                encode(families.entries[sample.family].row, &references, into: &part)
                one.message(Field.metadata, part)
            }
            series.message(Field.timeSeries, one)
        }
        var request = references.list
        request.append(series)
        return request.bytes
    }

    private static func encode(_ row: MetricRow, _ references: inout References, into message: inout ProtobufMessage) {
        message.number(Field.type, type(of: row.kind))
        message.number(Field.help, references.reference(row.help))
        message.number(Field.unit, references.reference(row.unit.suffix ?? ""))
    }

    /// The numbers of `Metadata.MetricType`.
    private static func type(of kind: MetricKind) -> UInt64 {
        switch kind {
        case .unknown: 0
        case .counter: 1
        case .gauge: 2
        case .histogram: 3
        case .summary: 5
        }
    }
}

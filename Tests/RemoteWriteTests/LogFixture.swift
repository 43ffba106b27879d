import Metrics
import TimeSeriesStore

@testable import RemoteWrite

/// A sample as it comes out of the log, its labels as text.
struct ReadSample: Hashable {
    let labels: String
    let timestamp: Int64
    let bits: UInt64

    init(_ labels: String, _ timestamp: Int64, _ value: Double) {
        self.labels = labels
        self.timestamp = timestamp
        bits = value.bitPattern
    }
}

/// A log with keys made by name.
struct LogFixture {
    let table = SeriesKeyTable(catalog: MetricCatalog())
    let store: TimeSeriesStore
    let log: SampleLog

    init(folder: SegmentFolder? = nil, limits: SampleLog.Limits = SampleLog.Limits(), epoch: UInt64 = 1) throws {
        store = TimeSeriesStore(keys: table)
        log = try SampleLog(folder: folder, limits: limits, table: table, epoch: epoch)
    }

    func key(_ name: String, _ labels: [(String, String)] = []) -> SeriesKey {
        table.intern(Labels(labels + [("__name__", name)]))
    }

    func group(_ labels: [(String, String)] = []) -> SeriesGroup {
        store.addGroup(labels: Labels(labels))
    }

    func reader(
        from start: LogPosition? = nil,
        _ treatment: RecordDecoder.Treatment = RecordDecoder.Treatment()
    ) -> LogReader {
        LogReader(
            log,
            from: start ?? log.start,
            decoder: RecordDecoder(treatment, families: FamilyIndex(MetricCatalog()))
        )
    }
}

extension LogReader {
    /// All that there is, in order.
    mutating func readAll(atMost limit: Int = .max) -> [ReadSample] {
        var result: [ReadSample] = []
        while true {
            var batch = SampleBatch()
            read(into: &batch, atLeast: 1)
            if batch.count == 0 || result.count >= limit { return result }
            result += batch.samples.map { sample in
                let symbols = decoder.symbols
                let pairs = batch.labels(of: sample).map { (symbols.text($0.name), symbols.text($0.value)) }
                return ReadSample(Labels(pairs).description, sample.timestamp, sample.value)
            }
        }
    }
}

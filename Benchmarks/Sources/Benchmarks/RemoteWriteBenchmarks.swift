import FoundationEssentials
import HTTPClient
import Logging
import Metrics
import NIOPosix
import RemoteWrite
import TimeSeriesStore

/// What writing remotely adds to each poll, and what a sample that waits takes on the disk.
struct RemoteWriteBenchmarks {
    static let nodes = 20
    static let interval: Int64 = 15_000

    private let table = SeriesKeyTable(catalog: Recording.catalog())
    private let recording: Recording

    init(recording path: String) throws {
        recording = try Recording(path, table: table)
    }

    func run(_ harness: inout Harness) throws {
        let name = "redstart-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var written = RemoteWriteConfiguration()
        // Nobody listens there, so all of it waits.
        written.endpoints = [EndpointConfiguration(name: "gone", url: try HTTPURL("http://127.0.0.1:1/"))]
        let (observed, alone) = (TimeSeriesStore(keys: table), TimeSeriesStore(keys: table))
        let writer = RemoteWriter(
            written,
            directory: folder.path,
            store: observed,
            client: HTTPClient(eventLoops: MultiThreadedEventLoopGroup.singleton),
            families: FamilyIndex(Recording.catalog()),
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        var polls = [Polls(recording, into: observed), Polls(recording, into: alone)]
        let figures = harness.pair(rounds: 61, calls: Self.nodes) {
            polls[0].next()
        } anchor: {
            polls[1].next()
        }
        let series = recording.first.keys.count
        harness.report(
            "append a poll of \(series) series, which remote write puts into its queue, too",
            figures.own,
            budget: "",
            anchor: ("without remote write", figures.anchor)
        )
        while let queue = writer.statistics?.queue, queue.memoryBytes > 0, queue.isPersistent { usleep(10_000) }
        let samples = Double(polls[0].count * series)
        let bytes = Double(writer.statistics?.queue.diskBytes ?? 0)
        harness.report("a sample that waits for remote write: bytes on disk", rounded(bytes / samples), budget: "")
    }

    /// Polls of some nodes in turn, each at another minute of the recording.
    private struct Polls {
        private let recording: Recording
        private let store: TimeSeriesStore
        private let groups: [SeriesGroup]
        private let start = WallClock.milliseconds() - 3_600_000
        private(set) var count = 0

        init(_ recording: Recording, into store: TimeSeriesStore) {
            self.recording = recording
            self.store = store
            groups = (0..<RemoteWriteBenchmarks.nodes).map {
                store.addGroup(labels: Labels([("instance", "10.0.0.\($0):6379")]))
            }
        }

        mutating func next() {
            let (node, poll) = (count % groups.count, count / groups.count)
            let row = recording.rows[(node * 7 + poll) % recording.rows.count]
            do {
                try store.append(
                    keys: recording.first.keys, values: row, at: start + Int64(poll) * RemoteWriteBenchmarks.interval,
                    to: groups[node]
                )
            } catch {
                fatalError("the store refuses a poll: \(error)")
            }
            count += 1
        }
    }
}

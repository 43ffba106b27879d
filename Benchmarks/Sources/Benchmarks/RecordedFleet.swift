import Metrics
import TimeSeriesStore

/// A fleet of recorded nodes, each at another minute of its recording, polled every 15 seconds for an hour.
struct RecordedFleet {
    static let polls = 240
    static let interval: Int64 = 15_000

    let recordings: [Recording]
    let nodes: Int
    /// The time of the first poll of the first node, so that the hour ends now.
    let start: Int64

    init(recordings paths: [String], nodes: Int, table: SeriesKeyTable) throws {
        recordings = try paths.map { try Recording($0, table: table) }
        self.nodes = nodes
        start = (WallClock.milliseconds() / Self.interval - Int64(Self.polls) - 1) * Self.interval
    }

    /// When the last poll of the last node was.
    var end: Int64 {
        start + Int64(Self.polls) * Self.interval
    }

    func recording(of node: Int) -> Recording {
        recordings[node % recordings.count]
    }

    func labels(of node: Int) -> Labels {
        Labels([("instance", "10.0.\(node / 250).\(node % 250):6379"), ("job", "redis")])
    }

    /// Polls are spread over the interval, and some milliseconds late.
    func time(of node: Int, poll: Int) -> Int64 {
        let phase = Int64(node) * (Self.interval - 10) / Int64(nodes)
        return start + Int64(poll) * Self.interval + phase + Int64((node &* 31 &+ poll &* 17) % 4)
    }

    func values(of node: Int, poll: Int) -> [Double] {
        let recording = recording(of: node)
        return recording.rows[(node * 7) % recording.polls + poll % (recording.rows.count - recording.polls + 1)]
    }
}

/// A place between two frames of the log.
struct LogPosition: Hashable, Comparable, Sendable {
    /// The number of the segment.
    var segment: Int
    /// The bytes before it in the segment, the segment's head included.
    var offset: Int

    static func < (left: LogPosition, right: LogPosition) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }

    /// Where a segment begins.
    static func start(of segment: Int) -> LogPosition {
        LogPosition(segment: segment, offset: SegmentHead.size)
    }
}

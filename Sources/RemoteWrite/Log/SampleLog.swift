import Glibc
import Metrics
import Synchronization
import TimeSeriesStore

/// The queue that all endpoints read, each at its own pace: what was appended to the store, in segments.
///
/// With a folder, segments are files, written by `drain` right after each append, so that hardly anything is lost with
/// the process. Without one, or while the disk takes nothing, frames stay in memory. In both cases the bytes are
/// bounded: the oldest segments go first, and what an endpoint has not had of them is counted as its loss.
final class SampleLog: Sendable {
    /// How large the log may be.
    struct Limits: Sendable, Equatable {
        /// On disk.
        var diskBytes = 2 << 30
        /// In memory.
        var memoryBytes = 64 << 20
    }

    private struct State {
        var encoder: RecordEncoder
        var limits: Limits
        /// The oldest first; the last one grows.
        var segments: [Segment]
        /// The records of the frame that is not complete.
        var payload: [UInt8] = []
        var samples = 0
        var newest: Int64 = .min
        var isReadyForDisk: Bool
        var problem: QueueProblem?
        /// How often writing failed.
        var failures = 0
    }

    /// A frame is complete by then, however many appends there are: it is held in memory as a whole.
    private static let framePayload = 64 << 10
    private static let frameSamples = 10_000

    let folder: SegmentFolder?
    private let epoch: UInt64
    private let state: Mutex<State>
    /// The file that grows; only `drain` uses it, one call at a time.
    private let growing = Mutex<(segment: Int, file: OpenFile)?>(nil)
    private let signal: AsyncStream<Void>.Continuation
    /// Something was appended; `drain` is to be called.
    let appended: AsyncStream<Void>

    /// A log that goes on where the process before has ended.
    ///
    /// - Parameters:
    ///   - folder: `nil` for memory only.
    ///   - epoch: A number that no process before had.
    convenience init(
        folder: SegmentFolder?,
        limits: Limits,
        table: SeriesKeyTable,
        epoch: UInt64
    ) throws(QueueProblem) {
        var found: [Segment] = []
        if let folder { found = try Self.found(in: folder) }
        self.init(folder: folder, limits: limits, table: table, epoch: epoch, after: found)
    }

    /// A log in memory.
    convenience init(inMemory limits: Limits, table: SeriesKeyTable, epoch: UInt64) {
        self.init(folder: nil, limits: limits, table: table, epoch: epoch, after: [])
    }

    private init(folder: SegmentFolder?, limits: Limits, table: SeriesKeyTable, epoch: UInt64, after found: [Segment]) {
        self.folder = folder
        self.epoch = epoch
        let head = SegmentHead(epoch: epoch, number: found.last.map { $0.head.number + 1 } ?? 0)
        state = Mutex(
            State(
                encoder: RecordEncoder(table: table),
                limits: limits,
                segments: found + [Segment(head: head, firstSample: found.last?.nextSample ?? 0)],
                isReadyForDisk: folder != nil
            )
        )
        (appended, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What the process before has left; files that hold nothing are removed.
    private static func found(in folder: SegmentFolder) throws(QueueProblem) -> [Segment] {
        var segments: [Segment] = []
        let numbers = try folder.segments()
        for number in numbers {
            let file = try OpenFile(folder.file(number), O_RDONLY)
            let first = segments.last?.nextSample ?? 0
            let segment = try Segment.found(file, number: number, firstSample: first)
            if let segment, segment.samples > 0 || number == numbers.last {
                segments.append(segment)
            } else {
                folder.remove(number)
            }
        }
        return segments
    }

    func setLimits(_ limits: Limits) {
        state.withLock { $0.limits = limits }
    }

    // MARK: Appending

    /// Adds what was appended to the store; hardly longer than it takes to copy it.
    func append(keys: [SeriesKey], values: [Double], at timestamp: Int64, to group: SeriesGroup) {
        add(at: timestamp) { encoder, payload in
            encoder.append(keys: keys, values: values, at: timestamp, to: group, into: &payload)
        }
    }

    /// Ends a group; without a time, its series get no staleness markers.
    func end(_ group: SeriesGroup, at timestamp: Int64?) {
        add(at: timestamp ?? .min) { encoder, payload in encoder.end(group, at: timestamp, into: &payload) }
    }

    private func add(at timestamp: Int64, _ encode: (inout RecordEncoder, inout [UInt8]) -> Int) {
        state.withLock { state in
            let samples = encode(&state.encoder, &state.payload)
            state.samples += samples
            if samples > 0 { state.newest = max(state.newest, timestamp) }
            if state.payload.count >= Self.framePayload || state.samples >= Self.frameSamples {
                complete(&state)
            }
        }
        signal.yield()
    }

    /// Forgets what groups there are, for when nothing is appended any more.
    func forgetGroups() {
        state.withLock { state in
            complete(&state)
            beginSegment(&state)
            state.encoder.removeAll()
        }
    }

    /// Makes a frame of the records so far.
    private func complete(_ state: inout State) {
        guard !state.payload.isEmpty, let last = state.segments.indices.last else { return }
        let frame = FrameHead.frame(state.payload, samples: state.samples, newest: state.newest)
        state.segments[last].add(frame, samples: state.samples, newest: state.newest)
        state.payload.removeAll(keepingCapacity: true)
        state.samples = 0
        state.newest = .min
        let limit = state.isReadyForDisk ? state.limits.diskBytes : state.limits.memoryBytes
        if state.segments[last].end >= max(64 << 10, min(16 << 20, limit / 8)) { beginSegment(&state) }
        evict(&state)
    }

    private func beginSegment(_ state: inout State) {
        guard let last = state.segments.last else { return }
        state.encoder.beginSegment()
        let head = SegmentHead(epoch: epoch, number: last.head.number + 1)
        state.segments.append(Segment(head: head, firstSample: last.nextSample))
    }

    /// Keeps the bytes within the limits.
    private func evict(_ state: inout State) {
        var disk = state.segments.reduce(0) { $0 + $1.diskEnd }
        var memory = state.segments.reduce(0) { $0 + $1.memoryBytes }
        while disk > state.limits.diskBytes || memory > state.limits.memoryBytes {
            let isDiskFull = disk > state.limits.diskBytes
            let oldest = state.segments.dropLast().firstIndex { (isDiskFull ? $0.diskEnd : $0.memoryBytes) > 0 }
            guard let oldest else { break }
            let gone = state.segments.remove(at: oldest)
            disk -= gone.diskEnd
            memory -= gone.memoryBytes
            if gone.diskEnd > 0 { folder?.remove(gone.head.number) }
        }
    }

    // MARK: Writing

    /// Writes what is in memory to the disk, if there is one that takes it.
    ///
    /// - Throws: `QueueProblem` where the disk takes nothing; it is tried again with the next call.
    func drain() throws(QueueProblem) {
        state.withLock { complete(&$0) }
        guard let folder else { return }
        try growing.withLock { (growing) throws(QueueProblem) in
            do throws(QueueProblem) {
                while let (segment, start, bytes) = nextForDisk() {
                    if growing?.segment != segment.number {
                        growing?.file.synchronize()
                        growing = (segment.number, try OpenFile(folder.file(segment.number), O_RDWR | O_CREAT))
                    }
                    try growing?.file.write(start == 0 ? segment.bytes + bytes : bytes, at: start)
                    let end = (start == 0 ? SegmentHead.size : start) + bytes.count
                    if !note(onDisk: segment.number, through: end) { folder.remove(segment.number) }
                }
                state.withLock { $0.problem = nil }
            } catch {
                noteFailure(error)
                throw error
            }
        }
    }

    /// The frames of the oldest segment that has some for the disk.
    private func nextForDisk() -> (head: SegmentHead, start: Int, bytes: [UInt8])? {
        state.withLock { state in
            guard let segment = state.segments.first(where: { !$0.isClosed && !$0.memory.isEmpty }) else { return nil }
            return (segment.head, segment.diskEnd, segment.frames(from: 0))
        }
    }

    /// Returns whether the segment is still wanted.
    private func note(onDisk number: Int, through end: Int) -> Bool {
        state.withLock { state in
            state.isReadyForDisk = true
            guard let index = state.segments.firstIndex(where: { $0.head.number == number }) else { return false }
            state.segments[index].moveToDisk(through: end)
            if index < state.segments.count - 1, state.segments[index].memory.isEmpty {
                state.segments[index].isClosed = true
            }
            return true
        }
    }

    /// What is in memory stays there; a segment whose beginning is on disk cannot be read after a hole, so the next
    /// attempt is made with a new one.
    private func noteFailure(_ problem: QueueProblem) {
        state.withLock { state in
            state.problem = problem
            state.failures += 1
            state.isReadyForDisk = false
            for index in state.segments.indices where state.segments[index].diskEnd > 0 {
                state.segments[index].isClosed = true
            }
            if state.segments.last?.isClosed == true { beginSegment(&state) }
        }
    }

    // MARK: Reading

    /// What stands at a place of the log.
    enum Reading {
        /// Whole frames.
        case frames([UInt8])
        /// The same, in the file of the segment up to an offset.
        case file(through: Int)
        /// There is nothing yet.
        case nothing
        /// The segment is at its end, and this is where the log goes on.
        case segmentEnd(next: LogPosition)
        /// The place is gone: this is where the log goes on.
        case gone(next: LogPosition)
    }

    /// Looks at a place of the log.
    func reading(at position: LogPosition) -> Reading {
        state.withLock { state in
            complete(&state)
            guard let index = state.segments.firstIndex(where: { $0.head.number >= position.segment }) else {
                return .nothing
            }
            let segment = state.segments[index]
            guard segment.head.number == position.segment else {
                return .gone(next: .start(of: segment.head.number))
            }
            if position.offset >= segment.end {
                guard index + 1 < state.segments.count else { return .nothing }
                return .segmentEnd(next: .start(of: state.segments[index + 1].head.number))
            }
            if position.offset < segment.diskEnd {
                return .file(through: segment.diskEnd)
            }
            guard let first = segment.memory.firstIndex(where: { $0.offset == position.offset }) else {
                // Not the start of a frame: nothing that was ever given out.
                return .gone(next: .start(of: segment.head.number + 1))
            }
            return .frames(segment.frames(from: first))
        }
    }

    /// The epoch of a segment, and how many samples there are before it; `nil` where there is none of this number.
    func facts(of number: Int) -> (epoch: UInt64, firstSample: Int)? {
        state.withLock { state in
            state.segments.first { $0.head.number == number }.map { ($0.head.epoch, $0.firstSample) }
        }
    }

    /// Forgets the segments that nobody will read any more.
    func release(before position: LogPosition) {
        let gone = state.withLock { state in
            let count = state.segments.dropLast().prefix { $0.head.number < position.segment }.count
            let gone = state.segments[..<count]
            state.segments.removeFirst(count)
            return gone.filter { $0.diskEnd > 0 }.map(\.head.number)
        }
        for number in gone { folder?.remove(number) }
    }

    /// Where the log begins.
    var start: LogPosition {
        state.withLock { state in .start(of: state.segments.first?.head.number ?? 0) }
    }

    /// Where the log ends; what is appended later stands behind it.
    var end: LogPosition {
        state.withLock { state in
            complete(&state)
            return LogPosition(segment: state.segments.last?.head.number ?? 0, offset: state.segments.last?.end ?? 0)
        }
    }

    /// The samples from the first one that the log ever knew of to its end.
    var nextSample: Int {
        state.withLock { state in (state.segments.last?.nextSample ?? 0) + state.samples }
    }

    /// How the log is.
    var status: QueueStatus {
        state.withLock { state in
            QueueStatus(
                isPersistent: folder != nil && state.problem == nil,
                diskBytes: state.segments.reduce(0) { $0 + $1.diskEnd },
                memoryBytes: state.segments.reduce(state.payload.count) { $0 + $1.memoryBytes },
                segments: state.segments.count,
                writeFailures: state.failures,
                problem: state.problem
            )
        }
    }
}

/// How the queue is.
public struct QueueStatus: Sendable, Equatable {
    /// Whether what is in it outlives the process.
    public var isPersistent: Bool
    /// Its bytes on disk.
    public var diskBytes: Int
    /// Its bytes in memory.
    public var memoryBytes: Int
    /// The segments.
    public var segments: Int
    /// How often the disk took nothing.
    public var writeFailures: Int
    /// What keeps it from the disk.
    public var problem: QueueProblem?
}

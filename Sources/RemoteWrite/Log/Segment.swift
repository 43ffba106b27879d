/// A part of the log that can be read by itself: frames on disk, and behind them frames in memory.
struct Segment {
    /// A frame that is not on disk.
    struct MemoryFrame {
        let offset: Int
        let bytes: [UInt8]
        let samples: Int
    }

    let head: SegmentHead
    /// How many samples there are in the log before it.
    let firstSample: Int
    /// Where the frames on disk end; 0 where there is no file.
    var diskEnd = 0
    /// What is not on disk, in order.
    var memory: [MemoryFrame] = []
    var memoryBytes = 0
    /// Where the frames end.
    var end = SegmentHead.size
    /// All samples in it.
    var samples = 0
    /// The latest time in it.
    var newest: Int64 = .min
    /// Nothing more is written to its file.
    var isClosed = false

    init(head: SegmentHead, firstSample: Int) {
        self.head = head
        self.firstSample = firstSample
    }

    /// How many samples there are in the log up to its end.
    var nextSample: Int {
        firstSample + samples
    }

    /// Some of the frames in memory from one on, one at least.
    func frames(from first: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in memory[first...] {
            bytes += frame.bytes
            if bytes.count >= Self.readBytes { break }
        }
        return bytes
    }

    /// How much is read at a time, if no frame is larger.
    static let readBytes = 256 << 10

    mutating func add(_ frame: [UInt8], samples: Int, newest: Int64) {
        memory.append(MemoryFrame(offset: end, bytes: frame, samples: samples))
        memoryBytes += frame.count
        end += frame.count
        self.samples += samples
        self.newest = max(self.newest, newest)
    }

    /// Frames up to an offset are on disk now.
    mutating func moveToDisk(through offset: Int) {
        let count = memory.prefix { $0.offset < offset }.count
        memoryBytes -= memory[..<count].reduce(0) { $0 + $1.bytes.count }
        memory.removeFirst(count)
        diskEnd = offset
    }

    /// What a file of the process before holds, as far as it is whole; `nil` where it is no segment.
    ///
    /// Only the heads of frames are looked at: whoever reads a frame checks it.
    static func found(_ file: OpenFile, number: Int, firstSample: Int) throws(QueueProblem) -> Segment? {
        let headBytes = try file.read(SegmentHead.size, at: 0)
        guard let head = headBytes.withUnsafeBytes({ SegmentHead($0) }), head.number == number else { return nil }
        var segment = Segment(head: head, firstSample: firstSample)
        segment.isClosed = true
        let size = file.size
        while segment.end + FrameHead.size <= size {
            let bytes = try file.read(FrameHead.size, at: segment.end)
            guard let frame = bytes.withUnsafeBytes({ FrameHead($0) }),
                frame.payloadLength <= size - segment.end - FrameHead.size
            else { break }
            segment.end += FrameHead.size + frame.payloadLength
            segment.samples += frame.samples
            segment.newest = max(segment.newest, frame.newest)
        }
        segment.diskEnd = segment.end
        return segment
    }
}

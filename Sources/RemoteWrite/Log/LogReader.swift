import Glibc

/// Reads the log for one endpoint, frame by frame, as samples.
struct LogReader {
    /// Why samples of the log never reached the endpoint.
    struct Losses: Equatable {
        /// The log had become too large before they were read.
        var evicted = 0
        /// The file was damaged.
        var corrupt = 0
    }

    private let log: SampleLog
    private(set) var decoder: RecordDecoder
    /// What is read next.
    private(set) var position: LogPosition
    private(set) var losses = Losses()
    /// How many samples of the log there are before `position`.
    private var sampleIndex: Int?
    private var segment: Int?
    /// What was decoded up to here was sent before.
    private var resumption: LogPosition?
    private var isDamaged = false
    private var chunk: [UInt8] = []
    private var chunkOffset = 0
    private var file: (segment: Int, file: OpenFile)?

    /// - Parameter start: The place after what was sent last.
    init(_ log: SampleLog, from start: LogPosition, decoder: RecordDecoder) {
        self.log = log
        self.decoder = decoder
        position = .start(of: start.segment)
        // A row says only what has changed: all that was before it in the segment has to be read, too.
        resumption = start
        sampleIndex = log.facts(of: start.segment)?.firstSample
    }

    /// The samples that were not read yet.
    var pending: Int {
        sampleIndex.map { max(0, log.nextSample - $0) } ?? 0
    }

    /// Takes time from which on rows are young enough.
    mutating func skipRows(before timestamp: Int64) {
        decoder.oldest = timestamp
    }

    /// Reads until there are enough samples, the segment is at its end, or a place is reached.
    mutating func read(into batch: inout SampleBatch, atLeast count: Int, through end: LogPosition? = nil) {
        while batch.count < count, end.map({ position < $0 }) ?? true {
            if segment != position.segment {
                // The symbols of a batch are those of one segment.
                guard batch.count == 0, enter() else { return }
            }
            if chunkOffset < chunk.count {
                decodeFrame(&batch)
                continue
            }
            guard batch.count == 0 || !isAtSegmentEnd, fetch() else { return }
        }
    }

    private var isAtSegmentEnd: Bool {
        if case .segmentEnd = log.reading(at: position) { return true }
        return false
    }

    /// Begins the segment of `position`; `false` where there is none yet.
    private mutating func enter() -> Bool {
        switch log.reading(at: position) {
        case .nothing: break
        case .gone(let next): position = next
        default: break
        }
        guard let facts = log.facts(of: position.segment) else { return false }
        if let sampleIndex, facts.firstSample > sampleIndex {
            let lost = facts.firstSample - sampleIndex
            if isDamaged { losses.corrupt += lost } else { losses.evicted += lost }
        }
        isDamaged = false
        sampleIndex = facts.firstSample
        segment = position.segment
        (chunk, chunkOffset) = ([], 0)
        decoder.beginSegment(epoch: facts.epoch)
        return true
    }

    /// Gets more bytes; `false` where there are none yet.
    private mutating func fetch() -> Bool {
        switch log.reading(at: position) {
        case .nothing: return false
        case .gone(let next), .segmentEnd(let next):
            position = next
        case .frames(let bytes):
            (chunk, chunkOffset) = (bytes, 0)
        case .file(let end):
            do {
                chunk = try readFile(through: end)
                chunkOffset = 0
            } catch {
                return skipDamage()
            }
            if chunk.isEmpty { return skipDamage() }
        }
        return true
    }

    private mutating func readFile(through end: Int) throws(QueueProblem) -> [UInt8] {
        guard let folder = log.folder else { return [] }
        let file =
            if let file, file.segment == position.segment {
                file.file
            } else {
                try OpenFile(folder.file(position.segment), O_RDONLY)
            }
        self.file = (position.segment, file)
        let bytes = try file.read(min(Segment.readBytes, end - position.offset), at: position.offset)
        guard let head = bytes.withUnsafeBytes({ FrameHead($0) }), head.payloadLength <= end - position.offset else {
            return []
        }
        let needed = FrameHead.size + head.payloadLength
        return needed <= bytes.count ? bytes : try file.read(needed, at: position.offset)
    }

    /// The rest of a segment cannot be read without what is damaged; what follows is complete in itself.
    private mutating func skipDamage() -> Bool {
        isDamaged = true
        position = .start(of: position.segment + 1)
        (chunk, chunkOffset) = ([], 0)
        return true
    }

    private mutating func decodeFrame(_ batch: inout SampleBatch) {
        let isSentBefore = resumption.map { position < $0 } ?? false
        var discarded = SampleBatch()
        let head = chunk.withUnsafeBytes { bytes -> FrameHead? in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[chunkOffset...])
            guard let head = FrameHead(rest), FrameHead.size + head.payloadLength <= rest.count else { return nil }
            let frame = UnsafeRawBufferPointer(rebasing: rest[..<(FrameHead.size + head.payloadLength)])
            guard FrameHead.checksum(frame) == head.checksum else { return nil }
            let payload = UnsafeRawBufferPointer(rebasing: frame[FrameHead.size...])
            let isWhole =
                isSentBefore ? decoder.decode(payload, into: &discarded) : decoder.decode(payload, into: &batch)
            return isWhole ? head : nil
        }
        guard let head else {
            // Frames are read in pieces of a fixed size; the last one may be cut off.
            if chunkOffset > 0, isCutOff {
                (chunk, chunkOffset) = ([], 0)
            } else {
                _ = skipDamage()
            }
            return
        }
        chunkOffset += FrameHead.size + head.payloadLength
        position.offset += FrameHead.size + head.payloadLength
        sampleIndex = (sampleIndex ?? 0) + head.samples
        if isSentBefore { return }
        resumption = nil
    }

    /// Whether the chunk ends within the frame at its offset.
    private var isCutOff: Bool {
        chunk.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[chunkOffset...])
            guard rest.count >= FrameHead.size else { return true }
            return FrameHead(rest).map { FrameHead.size + $0.payloadLength > rest.count } ?? false
        }
    }
}

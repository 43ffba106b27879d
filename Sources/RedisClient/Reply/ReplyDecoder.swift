import CHiredis

/// Turns the bytes of a connection into replies on a tape, as they arrive.
///
/// Feed what has arrived, call `decodeReply()` until it says that there is no further one, take the tape.
/// hiredis' reader finds the elements; this class writes them down and refuses what goes beyond the limits,
/// before memory is taken for it. After an error every call throws that error again.
public final class ReplyDecoder {
    private let limits: ReplyLimits
    private let sink: UnsafeMutablePointer<ReplySink>
    private let events: UnsafeMutablePointer<redstart_reply_events>
    /// `nil` while nothing of a reply is there: an idle connection keeps no buffer.
    private var reader: UnsafeMutablePointer<redisReader>?
    private var failure: MalformedReply?
    /// The first bytes of the connection, to tell another protocol by, until a reply was found.
    private var greeting: [UInt8]? = []

    /// A decoder for a new connection.
    public init(limits: ReplyLimits = ReplyLimits()) {
        self.limits = limits
        sink = .allocate(capacity: 1)
        sink.initialize(to: ReplySink(limits: limits))
        events = .allocate(capacity: 1)
        events.initialize(to: ReplySink.events(owner: sink))
    }

    deinit {
        releaseReader()
        events.deinitialize(count: 1).deallocate()
        sink.deinitialize(count: 1).deallocate()
    }

    /// The complete replies that were decoded and not yet taken.
    public var replyCount: Int {
        sink.pointee.tape.count
    }

    /// Whether no byte is held that is not part of a complete reply.
    public var isBetweenReplies: Bool {
        guard let reader else { return true }
        return reader.pointee.ridx < 0 && redstart_reader_unread(reader) == 0
    }

    /// The bytes that were fed and are not yet part of an element.
    var unreadByteCount: Int {
        reader.map { redstart_reader_unread($0) } ?? 0
    }

    /// The last complete reply.
    ///
    /// Let go of it before the next is decoded, or the tape is copied.
    var lastReply: Reply? {
        replyCount > 0 ? sink.pointee.tape[replyCount - 1] : nil
    }

    /// Takes over bytes of the server, in the order of arrival.
    public func feed(_ bytes: Span<UInt8>) throws(MalformedReply) {
        try bytes.withUnsafeBytes { raw throws(MalformedReply) in
            try feed(raw)
        }
    }

    func feed(_ bytes: UnsafeRawBufferPointer) throws(MalformedReply) {
        if let failure { throw failure }
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        if let known = greeting, known.count < 8 {
            greeting = known + bytes.prefix(8 - known.count)
        }
        guard sink.pointee.tape.bytes.count + unreadByteCount + bytes.count <= limits.bytes else {
            throw fail(.tooManyBytes(limit: limits.bytes))
        }
        sink.pointee.expectReplies()
        let reader = try readyReader()
        guard redisReaderFeed(reader, base, bytes.count) == REDIS_OK else { throw fail(.outOfMemory) }
    }

    /// Decodes one reply of what was fed; false when it is not yet complete.
    public func decodeReply() throws(MalformedReply) -> Bool {
        if let failure { throw failure }
        guard let reader else { return false }
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else {
            throw fail(describeError(of: reader))
        }
        guard reply != nil else {
            try checkPending(of: reader)
            return false
        }
        greeting = nil
        sink.pointee.completeRoot()
        return true
    }

    /// Hands over the replies decoded so far.
    ///
    /// Between replies it also gives the reader's buffer back.
    public func takeReplies() -> ReplyTape {
        if isBetweenReplies {
            releaseReader()
        }
        return sink.pointee.takeReplies()
    }

    // MARK: The reader

    private func readyReader() throws(MalformedReply) -> UnsafeMutablePointer<redisReader> {
        if let reader { return reader }
        guard let created = redstart_reader_create(events) else { throw fail(.outOfMemory) }
        reader = created
        return created
    }

    private func releaseReader() {
        guard let reader else { return }
        redisReaderFree(reader)
        self.reader = nil
    }

    /// Looks at the head of an element whose end has not arrived: hiredis would collect it, however long.
    private func checkPending(of reader: UnsafeMutablePointer<redisReader>) throws(MalformedReply) {
        let pending = redstart_reader_pending(reader)
        guard pending.type != 0, let bytes = pending.bytes else { return }
        guard pending.type == REDIS_REPLY_STRING else {
            if pending.length > limits.lineBytes {
                throw fail(.lineTooLong(limit: limits.lineBytes))
            }
            return
        }
        let head = UnsafeRawBufferPointer(start: bytes, count: pending.length)
        switch StringHeader(head) {
        case .incomplete:
            break
        case .tooLong:
            throw fail(.lineTooLong(limit: StringHeader.maximumLength))
        case .length(let length) where length > Int64(limits.bytes - sink.pointee.tape.bytes.count):
            throw fail(.stringTooLong(length, limit: limits.bytes))
        case .length:
            break
        }
    }

    private func describeError(of reader: UnsafeMutablePointer<redisReader>) -> MalformedReply {
        if let refusal = sink.pointee.refusal { return refusal }
        if let greeting, let other = MalformedReply(greeting: greeting) { return other }
        return MalformedReply(hiredis: String(cString: redstart_reader_error(reader)), limits: limits)
    }

    private func fail(_ failure: MalformedReply) -> MalformedReply {
        self.failure = failure
        releaseReader()
        return failure
    }
}

/// The length that stands before a bulk string, read from `512\r\n…`.
private enum StringHeader {
    case incomplete
    case tooLong
    case length(Int64)

    /// A sign, the digits of a 64-bit number and one to spare.
    static let maximumLength = 21

    init(_ bytes: UnsafeRawBufferPointer) {
        guard let end = bytes.prefix(Self.maximumLength).firstIndex(of: UInt8(ascii: "\r")) else {
            self = bytes.count >= Self.maximumLength ? .tooLong : .incomplete
            return
        }
        // What is no number has been refused by hiredis when the line is complete.
        let digits = bytes[..<end]
        guard let length = Int64(String(decoding: digits, as: UTF8.self)) else {
            self = .incomplete
            return
        }
        self = .length(length)
    }
}

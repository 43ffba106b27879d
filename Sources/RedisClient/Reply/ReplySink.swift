import CHiredis

/// What hiredis' reader reports to: writes elements on the tape, or refuses them.
struct ReplySink {
    private(set) var tape = ReplyTape()
    /// Why an element was refused, which hiredis itself reports as missing memory.
    private(set) var refusal: MalformedReply?
    private let limits: ReplyLimits
    /// Where the reply that is being read starts.
    private var root = 0
    private var lastSize = ReplyTape.Size()

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    mutating func completeRoot() {
        tape.completeRoot(startingAt: root)
        root = tape.elements.count
    }

    /// The complete replies; what there is of an incomplete one stays.
    mutating func takeReplies() -> ReplyTape {
        let taken = tape.takeComplete(before: root)
        root = 0
        lastSize = taken.size
        return taken
    }

    /// Makes room for replies like the last ones.
    ///
    /// Not before there are any: an idle connection keeps nothing.
    mutating func expectReplies() {
        if tape.elements.isEmpty {
            tape.reserve(lastSize)
        }
    }

    private mutating func accept(_ element: (inout ReplyTape) -> Void) -> Bool {
        guard tape.elements.count < limits.elements else {
            refusal = .tooManyElements(limit: limits.elements)
            return false
        }
        element(&tape)
        return true
    }

    private mutating func text(_ kind: ReplyKind, _ bytes: UnsafeRawBufferPointer) -> Bool {
        accept { $0.appendText(kind, bytes) }
    }

    private mutating func array(count: Int64, depth: Int64) -> Bool {
        guard depth <= limits.nesting else {
            refusal = .tooDeep(limit: limits.nesting)
            return false
        }
        guard count <= limits.arrayElements else {
            refusal = .arrayTooLong(count, limit: limits.arrayElements)
            return false
        }
        return accept { $0.appendArray(count: Int(count)) }
    }

    /// The callbacks for hiredis.
    ///
    /// `owner` must outlive them.
    static func events(owner: UnsafeMutablePointer<ReplySink>) -> redstart_reply_events {
        redstart_reply_events(
            owner: owner,
            text: { owner, type, bytes, length in
                let kind: ReplyKind =
                    switch type {
                    case REDIS_REPLY_STATUS: .status
                    case REDIS_REPLY_ERROR: .error
                    default: .string
                    }
                let raw = UnsafeRawBufferPointer(start: bytes, count: length)
                return ReplySink.with(owner) { $0.text(kind, raw) }
            },
            integer: { owner, value in
                ReplySink.with(owner) { sink in sink.accept { $0.appendInteger(value) } }
            },
            null: { owner in
                ReplySink.with(owner) { sink in sink.accept { $0.appendNull() } }
            },
            array: { owner, count, depth in
                ReplySink.with(owner) { $0.array(count: count, depth: depth) }
            }
        )
    }

    private static func with(_ owner: UnsafeMutableRawPointer?, _ body: (inout ReplySink) -> Bool) -> Bool {
        guard let owner else { return false }
        return body(&owner.assumingMemoryBound(to: ReplySink.self).pointee)
    }
}

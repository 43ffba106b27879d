/// One connection's life: which request is being received, which answered, what may be read and until when.
///
/// Requests are received one after the other and answered one after the other, but the two run apart: while one is
/// with its handler the next may have arrived in the same packet, and waits in a queue that the caller holds. The
/// caller tells what happened, does what the returned action says, and then calls ``next(now:)`` until it says
/// `nothing`. Time is what the caller passes, a duration since any fixed moment.
struct ConnectionStateMachine {
    /// How a connection goes on after a response.
    enum After: Equatable {
        case keepAlive
        case close
        /// Closes the sending side and drops what still comes, so that the client sees the answer.
        case linger
    }

    enum Inbound: Equatable {
        /// No byte of the next request is here.
        case waiting
        case head(since: Duration)
        case body(since: Duration, received: Int, continueOwed: Bool)
        /// The last request has been taken or refused: whatever follows is dropped.
        case ignoring
        /// The client has closed its side.
        case ended
    }

    enum Outbound: Equatable {
        case idle(since: Duration)
        case handling
        /// `unwritten` pieces are with the channel; the clock of a slow reader starts anew with each one taken.
        case streaming(after: After, endless: Bool, unwritten: Int, since: Duration)
        case flushing(since: Duration, after: After)
        case lingering(since: Duration)
        case closed
    }

    /// The end of the server, as far as it concerns this connection.
    private struct Drain {
        /// When the connection is closed, whatever it does.
        let end: Duration
        /// Until when one without a request is kept: what was sent before the client could know may be on its way.
        let idleEnd: Duration
    }

    private(set) var inbound: Inbound = .waiting
    private(set) var outbound: Outbound
    /// Complete requests and refusals that wait for their turn.
    private(set) var queued = 0
    /// Whether the client has had an answer: one that connects has less time than one that is known.
    private var hasAnswered = false
    private var drain: Drain?
    private let timeouts: HTTPTimeouts
    private let limits: HTTPLimits

    init(limits: HTTPLimits, timeouts: HTTPTimeouts, now: Duration) {
        self.limits = limits
        self.timeouts = timeouts
        outbound = .idle(since: now)
    }
}

// MARK: - What arrives

extension ConnectionStateMachine {
    enum HeadAction: Equatable {
        case collect
        case refuse(HTTPRefusal)
        case ignore
    }

    enum BodyAction: Equatable {
        case append
        case refuse(HTTPRefusal)
        case ignore
    }

    enum EndAction: Equatable {
        case enqueue
        case ignore
    }

    enum InputEndAction: Equatable {
        /// Nobody waits for the answer any more; what the handler still gives is sent all the same, for a client
        /// that has closed its sending side only.
        case cancelHandler
        case nothing
    }

    /// Bytes arrived that did not complete a request.
    mutating func bytesReceived(now: Duration) {
        if inbound == .waiting { inbound = .head(since: now) }
    }

    /// The header fields of a request are complete; `refusal` is what the caller found wrong with them.
    mutating func headReceived(refusal: HTTPRefusal?, expectsContinue: Bool, now: Duration) -> HeadAction {
        switch inbound {
        case .ignoring, .ended, .body:
            return .ignore
        case .waiting, .head:
            if let refusal { return refused(refusal) ? .refuse(refusal) : .ignore }
            guard queued < limits.pipelinedRequests else {
                return refused(.pipelineLimit) ? .refuse(.pipelineLimit) : .ignore
            }
            inbound = .body(since: now, received: 0, continueOwed: expectsContinue)
            return .collect
        }
    }

    /// A piece of a body arrived.
    mutating func bodyReceived(count: Int) -> BodyAction {
        guard case .body(let since, let received, _) = inbound else { return .ignore }
        guard count <= limits.bodyBytes - received else {
            return refused(.bodyTooLarge) ? .refuse(.bodyTooLarge) : .ignore
        }
        inbound = .body(since: since, received: received + count, continueOwed: false)
        return .append
    }

    /// A request is complete; with `isLast` nothing may follow it on this connection.
    mutating func endReceived(isLast: Bool) -> EndAction {
        guard case .body = inbound else { return .ignore }
        inbound = isLast ? .ignoring : .waiting
        queued += 1
        return .enqueue
    }

    /// What arrived is refused; true if the refusal is to be put in the queue.
    mutating func refused(_ reason: HTTPRefusal) -> Bool {
        switch inbound {
        case .ignoring, .ended:
            return false
        case .waiting, .head, .body:
            inbound = .ignoring
            queued += 1
            return true
        }
    }

    /// The client has closed its sending side, or all of the connection.
    mutating func inputEnded() -> InputEndAction {
        inbound = .ended
        switch outbound {
        case .handling, .streaming: return .cancelHandler
        case .idle, .flushing, .lingering, .closed: return .nothing
        }
    }
}

// MARK: - What is sent

extension ConnectionStateMachine {
    enum NextAction: Equatable {
        /// Answer the first of the queue.
        case serve
        case sendContinue
        case close
        case nothing
    }

    enum FlushAction: Equatable {
        case close
        case closeOutput
        case nothing
    }

    /// What is to be done now, if anything.
    mutating func next(now: Duration) -> NextAction {
        switch outbound {
        case .lingering where inbound == .ended:
            return .close
        case .handling, .streaming, .flushing, .lingering, .closed:
            return .nothing
        case .idle:
            if queued > 0 {
                queued -= 1
                outbound = .handling
                return .serve
            }
            switch inbound {
            case .ended, .ignoring: return .close
            case .waiting: return drain.map { $0.idleEnd <= now } ?? false ? .close : .nothing
            case .head, .body(_, _, continueOwed: false): return .nothing
            case .body(let since, let received, continueOwed: true):
                inbound = .body(since: since, received: received, continueOwed: false)
                return .sendContinue
            }
        }
    }

    /// A handler has its response; says how the connection goes on after it, for the header fields.
    mutating func responseBegins(keepAlive: Bool, isRefusal: Bool, streams: Bool, endless: Bool, now: Duration)
        -> After?
    {
        guard outbound == .handling else { return nil }
        let isLast = queued == 0 && (inbound == .ignoring || inbound == .ended)
        let after: After = isRefusal ? .linger : keepAlive && !isLast && drain == nil ? .keepAlive : .close
        outbound =
            streams
            ? .streaming(after: after, endless: endless, unwritten: 0, since: now) : .flushing(since: now, after: after)
        return after
    }

    /// A piece of a stream goes to the channel; false if there is no stream to write to.
    mutating func pieceWritten(now: Duration) -> Bool {
        guard case .streaming(let after, let endless, let unwritten, let since) = outbound else { return false }
        outbound = .streaming(
            after: after, endless: endless, unwritten: unwritten + 1, since: unwritten == 0 ? now : since)
        return true
    }

    /// The client's system has taken a piece of a stream.
    mutating func pieceTaken(now: Duration) {
        guard case .streaming(let after, let endless, let unwritten, _) = outbound else { return }
        outbound = .streaming(after: after, endless: endless, unwritten: unwritten - 1, since: now)
    }

    /// The producer of a stream is done; false if the stream is gone already.
    mutating func streamEnded(now: Duration) -> Bool {
        guard case .streaming(let after, _, _, _) = outbound else { return false }
        outbound = .flushing(since: now, after: after)
        return true
    }

    /// The whole response is with the system.
    mutating func responseTaken(now: Duration) -> FlushAction {
        guard case .flushing(_, let after) = outbound else { return .nothing }
        switch after {
        case .close:
            return .close
        case .linger:
            outbound = .lingering(since: now)
            return inbound == .ended ? .nothing : .closeOutput
        case .keepAlive:
            hasAnswered = true
            outbound = .idle(since: now)
            // Little was read while the request before was answered: the client is not to blame for that time.
            switch inbound {
            case .head: inbound = .head(since: now)
            case .body(_, let received, let owed): inbound = .body(since: now, received: received, continueOwed: owed)
            case .waiting, .ignoring, .ended: break
            }
            return .nothing
        }
    }
}

// MARK: - Time and the end

extension ConnectionStateMachine {
    enum TimeoutAction: Equatable {
        /// Not yet.
        case nothing
        /// Put the refusal in the queue.
        case refuse(HTTPRefusal)
        /// Close at once, for this reason if the client is to blame.
        case close(HTTPRefusal?)
    }

    enum ShutdownAction: Equatable {
        /// End the stream, it would not end by itself.
        case endStream
        case nothing
    }

    /// Whether to read from the socket.
    ///
    /// While a response is on its way only until something of the next request is here, so a client that sends faster
    /// than it reads is held up by TCP and not by our memory. Whoever waits for each answer is always read from, which
    /// costs less than to stop and begin anew with every request.
    var wantsRead: Bool {
        switch outbound {
        case .idle: queued == 0 && inbound != .ended
        case .lingering: inbound != .ended
        case .handling, .streaming, .flushing: queued == 0 && inbound == .waiting
        case .closed: false
        }
    }

    /// When ``deadlineReached(now:)`` is to be called, if nothing happens before.
    var deadline: Duration? {
        let own: Duration? =
            switch outbound {
            case .idle(let since):
                switch inbound {
                case .waiting: since + (hasAnswered ? timeouts.idle : timeouts.head)
                case .head(let since): since + timeouts.head
                case .body(let since, _, _): since + timeouts.body
                case .ignoring, .ended: nil
                }
            case .streaming(_, _, let unwritten, let since): unwritten > 0 ? since + timeouts.write : nil
            case .flushing(let since, _): since + timeouts.write
            case .lingering(let since): since + timeouts.linger
            case .handling, .closed: nil
            }
        guard let drain, outbound != .closed else { return own }
        let end = isWaiting ? drain.idleEnd : drain.end
        return own.map { min($0, end) } ?? end
    }

    /// Whether there is nothing to do before the client asks.
    private var isWaiting: Bool {
        guard case .idle = outbound else { return false }
        return queued == 0 && inbound == .waiting
    }

    /// Time has passed.
    mutating func deadlineReached(now: Duration) -> TimeoutAction {
        guard let deadline, deadline <= now else { return .nothing }
        if let drain, drain.end <= now { return .close(nil) }
        switch outbound {
        case .idle:
            switch inbound {
            case .head, .body: return refused(.requestTimeout) ? .refuse(.requestTimeout) : .nothing
            case .waiting, .ignoring, .ended: return .close(nil)
            }
        case .streaming, .flushing: return .close(.slowReader)
        case .lingering, .handling, .closed: return .close(nil)
        }
    }

    /// The server shuts down: the request that is with a handler, or arrives in a moment, is answered within the
    /// drain time, those behind it and the connection end.
    mutating func shutdownBegins(now: Duration) -> ShutdownAction {
        guard drain == nil else { return .nothing }
        drain = Drain(end: now + timeouts.drain, idleEnd: now + min(timeouts.drainIdle, timeouts.drain))
        if case .streaming(_, endless: true, _, _) = outbound { return .endStream }
        return .nothing
    }

    /// The connection is gone; says whether a handler still works for it.
    mutating func connectionClosed() -> InputEndAction {
        let action = inputEnded()
        outbound = .closed
        queued = 0
        return action
    }
}

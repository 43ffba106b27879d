import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Executes what the state machine decides: reads and writes, and resumes those who wait.
///
/// Lives on its event loop.
final class ConnectionHandler: ChannelInboundHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Somebody who waits for the replies to a pipeline.
    private struct Waiter {
        let id: Int
        let started: NIODeadline
        let deadline: NIODeadline
        let bytesSent: Int
        let continuation: CheckedContinuation<PipelineResult, Never>
        /// Where messages go, if this begins a subscription.
        let messages: MessageStream.Continuation?
    }

    /// Set once, before anybody hears of the end; readable from any thread.
    final class EndMark: Sendable {
        let isSet = Atomic(false)
    }

    let end = EndMark()
    private let options: ConnectionOptions
    private let handshake: Pipeline
    private let handshakeStarted: NIODeadline
    private let handshakeDeadline: NIODeadline
    private var ready: EventLoopPromise<[HandshakeRefusal]>?
    private var machine: ConnectionStateMachine
    private let decoder: ReplyDecoder
    private var context: ChannelHandlerContext?
    /// In the order of the machine's requests.
    private var waiters: [Waiter] = []
    private var messages: MessageStream.Continuation?
    private var timer: (callback: NIOScheduledCallback, time: NIODeadline)?
    private var bytesFed = 0
    /// How many bytes the replies took that were handed over.
    private var bytesHandedOver = 0

    /// Succeeds when the handshake is done; always completes, at the latest on removal.
    let handshakeDone: EventLoopFuture<[HandshakeRefusal]>

    init(
        options: ConnectionOptions,
        started: NIODeadline,
        deadline: NIODeadline,
        ready: EventLoopPromise<[HandshakeRefusal]>
    ) {
        let handshake = Handshake(options)
        self.options = options
        self.handshake = Pipeline(handshake.commands)
        self.ready = ready
        handshakeDone = ready.futureResult
        handshakeStarted = started
        handshakeDeadline = deadline
        machine = ConnectionStateMachine(steps: handshake.steps)
        decoder = ReplyDecoder(limits: options.limits)
    }

    // MARK: What the caller wants

    func send(
        _ pipeline: Pipeline,
        deadline: NIODeadline,
        messages: MessageStream.Continuation? = nil,
        continuation: CheckedContinuation<PipelineResult, Never>
    ) {
        let now = NIODeadline.now()
        let id: Int
        switch machine.request(expecting: pipeline.commands.count) {
        case .send(let sent):
            id = sent
        case .refuse(let fault):
            continuation.resume(returning: .nothingSent(failure: RedisError(fault, options)))
            return
        }
        waiters.append(
            Waiter(
                id: id,
                started: now,
                deadline: deadline,
                bytesSent: pipeline.byteCount,
                continuation: continuation,
                messages: messages
            )
        )
        guard now < deadline else {
            expire(now: now)
            return
        }
        context?.writeAndFlush(wrapOutboundOut(pipeline.bytes), promise: nil)
        setTimer(at: deadline)
    }

    func close(_ fault: ConnectionFault) {
        fail(fault)
    }

    // MARK: What the network says

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive {
            connected()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.closedByCaller)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        connected()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if machine.closedByServer() {
            finish(machine.fault ?? .closedByCaller)
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        if let fault = ConnectionFault(caught: error, options: options, certificate: certificate) {
            fail(fault)
        } else if machine.closedByServer() {
            finish(machine.fault ?? .closedByCaller)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        bytesFed += buffer.readableBytes
        do throws(MalformedReply) {
            try buffer.readableBytesUInt8Span.withUnsafeBytes { bytes throws(MalformedReply) in
                try decoder.feed(bytes)
            }
            while try decoder.decodeReply() {
                guard act(on: machine.received(errorText: decoder.lastReply?.errorText)) else { return }
            }
        } catch {
            fail(.malformed(error))
        }
    }

    private func connected() {
        switch machine.connected() {
        case .sendHandshake:
            context?.writeAndFlush(wrapOutboundOut(handshake.bytes), promise: nil)
            setTimer(at: handshakeDeadline)
        case .none:
            break
        }
    }

    /// - Returns: Whether the connection goes on.
    private func act(on action: ConnectionStateMachine.ReplyAction) -> Bool {
        switch action {
        case .none:
            return true
        case .becomeReady(let refusals):
            _ = takeReplies()
            ready?.succeed(refusals)
            ready = nil
            return true
        case .complete:
            let waiter = waiters.removeFirst()
            if let started = waiter.messages {
                messages = started
                machine.subscribed()
            }
            resume(waiter, with: takeReplies(), failure: nil)
            return true
        case .message:
            return deliver(takeReplies().tape)
        case .fail(let fault):
            finish(fault)
            return false
        }
    }

    // MARK: Replies and failures

    private func takeReplies() -> (tape: ReplyTape, byteCount: Int) {
        let consumed = bytesFed - decoder.unreadByteCount
        defer { bytesHandedOver = consumed }
        return (decoder.takeReplies(), consumed - bytesHandedOver)
    }

    private func resume(_ waiter: Waiter, with replies: (tape: ReplyTape, byteCount: Int), failure: RedisError?) {
        waiter.continuation.resume(
            returning: PipelineResult(
                replies: replies.tape,
                failure: failure,
                bytesReceived: replies.byteCount,
                bytesSent: waiter.bytesSent,
                roundTrip: Duration(NIODeadline.now() - waiter.started)
            )
        )
    }

    /// Hands a message to the subscriber.
    ///
    /// One who does not keep up loses the connection, and not just messages.
    private func deliver(_ tape: ReplyTape) -> Bool {
        guard tape.count == 1, let message = ChannelMessage(tape[0]) else {
            fail(.unaskedReply)
            return false
        }
        if case .dropped = messages?.yield(message) {
            fail(.slowSubscriber)
            return false
        }
        return true
    }

    private func fail(_ fault: ConnectionFault) {
        if machine.failed(fault) {
            finish(fault)
        }
    }

    /// Closes and tells all who wait.
    ///
    /// The first of them gets the replies that came.
    private func finish(_ fault: ConnectionFault) {
        end.isSet.store(true, ordering: .releasing)
        let error = RedisError(fault, options)
        timer?.callback.cancel()
        timer = nil
        ready?.fail(error)
        ready = nil
        messages?.finish(throwing: error)
        messages = nil
        let left = waiters
        waiters = []
        for waiter in left {
            resume(waiter, with: takeReplies(), failure: error)
        }
        context?.close(promise: nil)
    }

    // MARK: Deadlines

    /// Makes sure that somebody looks at the deadlines at `time`.
    ///
    /// One timer serves all of them, and one that has become needless just fires: cancelling it would cost a search
    /// among the timers of all connections.
    private func setTimer(at time: NIODeadline) {
        if let timer {
            guard time < timer.time else { return }
            timer.callback.cancel()
        }
        guard let loop = context?.eventLoop else { return }
        do {
            timer = (try loop.assumeIsolated().scheduleCallback(at: time, handler: self), time)
        } catch {
            // The loop shuts down.
            timer = nil
            fail(.closedByCaller)
        }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        timer = nil
        expire(now: .now())
    }

    private func expire(now: NIODeadline) {
        if ready != nil, handshakeDeadline <= now {
            fail(.handshakeTimeout(Duration(now - handshakeStarted)))
        }
        for waiter in waiters where waiter.deadline <= now {
            if machine.deadlinePassed(id: waiter.id, after: Duration(now - waiter.started)) {
                finish(machine.fault ?? .closedByCaller)
            }
        }
        let next = waiters.map(\.deadline).min()
        if let next = ready == nil ? next : handshakeDeadline {
            setTimer(at: next)
        }
    }
}

extension PipelineResult {
    /// The outcome where no command was sent.
    static func nothingSent(failure: RedisError?) -> PipelineResult {
        PipelineResult(replies: ReplyTape(), failure: failure, bytesReceived: 0, bytesSent: 0, roundTrip: .zero)
    }
}

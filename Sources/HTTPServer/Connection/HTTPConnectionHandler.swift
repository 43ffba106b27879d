internal import EventLoops
internal import Logging
internal import NIOCore
internal import NIOExtras
internal import NIOHTTP1

/// What all connections of a server share.
struct ServerContext: Sendable {
    let configuration: HTTPServerConfiguration
    let access: ServerAccess
    let router: Router
    let statistics: StatisticsRecorder
    let logger: Logger
}

/// One connection: tells its state machine what happens and does what that says.
final class HTTPConnectionHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: ServerContext
    private let decoder: RequestDecoder
    /// Set for a connection beyond the limit: it is told so and closed.
    private let isBeyondLimit: Bool
    private let eventLoop: any EventLoop

    private var context: ChannelHandlerContext?
    private var machine: ConnectionStateMachine
    private var remoteAddress = ""
    private var date = DateCache()

    private var receiving: ReceivedRequest?
    private var queue: CircularBuffer<QueuedRequest> = []
    private var completedInThisRead = false
    private var readHeldBack = false
    private var isSettling = false

    private var task: Task<Void, Never>?
    private var framing: ResponseHead.Framing = .none
    /// Kept from one response to the next: the pages of a new one would have to be faulted in each time.
    private var sendBuffer = ByteBuffer()
    private static let largestKeptBuffer = 128 * 1024
    private var writer: EventLoopPromise<Void>?

    private var timer: Scheduled<Void>?
    private var timerDeadline: Duration = .zero

    init(server: ServerContext, decoder: RequestDecoder, isBeyondLimit: Bool, eventLoop: any EventLoop) {
        self.server = server
        self.decoder = decoder
        self.isBeyondLimit = isBeyondLimit
        self.eventLoop = eventLoop
        machine = ConnectionStateMachine(
            limits: server.configuration.limits, timeouts: server.configuration.timeouts, now: Duration(eventLoop.now))
    }
}

@available(*, unavailable)
extension HTTPConnectionHandler: Sendable {}

extension Duration {
    fileprivate init(_ deadline: NIODeadline) {
        self = .nanoseconds(Int64(truncatingIfNeeded: deadline.uptimeNanoseconds))
    }
}

// MARK: - Events of the channel

extension HTTPConnectionHandler {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.remoteAddress?.ipAddress ?? ""
        if isBeyondLimit { refuse(.connectionLimit, .serviceUnavailable, "too many connections") }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        settle()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if machine.connectionClosed() == .cancelHandler { task?.cancel() }
        queue.removeAll()
        receiving = nil
        failWriter()
        timer?.cancel()
        let received = decoder.takeReceivedBytes()
        server.statistics.record { $0.receivedBytes &+= UInt64(received) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): headReceived(head)
        case .body(let bytes): bodyReceived(bytes)
        case .end: endReceived()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let received = decoder.takeReceivedBytes()
        if received > 0 {
            server.statistics.record { $0.receivedBytes &+= UInt64(received) }
            if !completedInThisRead { machine.bytesReceived(now: now) }
        }
        completedInThisRead = false
        settle()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if machine.wantsRead { context.read() } else { readHeldBack = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let writer {
            self.writer = nil
            writer.succeed()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            if machine.inputEnded() == .cancelHandler { task?.cancel() }
            settle()
        case is ChannelShouldQuiesceEvent:
            if machine.shutdownBegins(now: now) == .endStream { task?.cancel() }
            settle()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? RequestDecodingError ?? RequestDecodingError(reported: error) {
            if machine.refused(error.refusal) { enqueueRefusal(error.refusal, error.status, error.explanation) }
            settle()
        } else {
            server.logger.debug("connection failed", metadata: ["client": "\(remoteAddress)", "reason": "\(error)"])
            context.close(promise: nil)
        }
    }
}

// MARK: - Receiving

extension HTTPConnectionHandler {
    private func headReceived(_ head: HTTPRequestHead) {
        let check = RequestHeadCheck(head, limits: server.configuration.limits)
        let action = machine.headReceived(
            refusal: check.problem?.refusal, expectsContinue: check.expectsContinue, now: now)
        switch action {
        case .collect:
            receiving = ReceivedRequest(head: head, isLast: check.isLast)
        case .refuse(let reason):
            if let problem = check.problem {
                enqueueRefusal(reason, problem.status, problem.explanation)
            } else {
                enqueueRefusal(reason, .serviceUnavailable, "too many requests wait on this connection")
            }
        case .ignore:
            break
        }
    }

    private func bodyReceived(_ bytes: ByteBuffer) {
        switch machine.bodyReceived(count: bytes.readableBytes) {
        case .append:
            receiving?.append(bytes)
        case .refuse(let reason):
            let limit = server.configuration.limits.bodyBytes
            enqueueRefusal(reason, .contentTooLarge, "the body is larger than \(limit) bytes")
        case .ignore:
            break
        }
    }

    private func endReceived() {
        guard let request = receiving, machine.endReceived(isLast: request.isLast) == .enqueue else { return }
        receiving = nil
        if request.isLast { decoder.dropRest() }
        completedInThisRead = true
        queue.append(.request(request))
        settle()
    }

    private func refuse(_ reason: HTTPRefusal, _ status: HTTPStatus, _ explanation: String) {
        if machine.refused(reason) { enqueueRefusal(reason, status, explanation) }
    }

    private func enqueueRefusal(_ reason: HTTPRefusal, _ status: HTTPStatus, _ explanation: String) {
        receiving = nil
        decoder.dropRest()
        queue.append(.refusal(reason, status, explanation: explanation))
    }
}

// MARK: - Time and order

extension HTTPConnectionHandler {
    private var now: Duration {
        Duration(eventLoop.now)
    }

    /// Does everything that can be done now; called after every event.
    private func settle() {
        // Answering may bring events of its own before it returns; the loop below sees to them.
        guard !isSettling, let context, context.channel.isActive else { return }
        isSettling = true
        steps: while true {
            switch machine.next(now: now) {
            case .serve:
                serve(queue.popFirst())
            case .sendContinue:
                var buffer = context.channel.allocator.buffer(capacity: 32)
                buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            case .close:
                context.close(promise: nil)
                break steps
            case .nothing:
                break steps
            }
        }
        isSettling = false
        updateTimer()
        if readHeldBack, machine.wantsRead {
            readHeldBack = false
            context.read()
        }
    }

    /// Sees to it that a timer fires no later than the next deadline.
    ///
    /// A timer that fires too early just sets the next one. Deadlines mostly move away from now, so a busy
    /// connection sets one timer per idle timeout and not one per request.
    private func updateTimer() {
        guard let deadline = machine.deadline else { return }
        if timer != nil {
            guard deadline < timerDeadline else { return }
            timer?.cancel()
        }
        timerDeadline = deadline
        let wait = TimeAmount.nanoseconds(max(0, (deadline - now).wholeNanoseconds))
        timer = eventLoop.assumeIsolated().scheduleTask(in: wait) { self.timerFired() }
    }

    private func timerFired() {
        timer = nil
        switch machine.deadlineReached(now: now) {
        case .nothing:
            break
        case .refuse(let reason):
            enqueueRefusal(reason, .requestTimeout, "the request did not arrive in time")
        case .close(let reason):
            if let reason { countRefusal(reason) }
            context?.close(promise: nil)
        }
        settle()
        updateTimer()
    }

    private func countRefusal(_ reason: HTTPRefusal) {
        server.statistics.record { $0.countRefusal(reason) }
        server.logger.debug(
            "request refused", metadata: ["client": "\(remoteAddress)", "reason": "\(reason.rawValue)"])
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

// MARK: - Answering

extension HTTPConnectionHandler {
    private func serve(_ item: QueuedRequest?) {
        switch item {
        case .refusal(let reason, let status, let explanation):
            // The connection limit was counted where the connection was.
            if reason != .connectionLimit { countRefusal(reason) }
            answer(.text(status, explanation), Exchange(keepsAlive: false, isRefusal: true))
        case .request(let request):
            switch request.resolve(in: server.router, remoteAddress: remoteAddress) {
            case .response(let response) where server.access.current.authentication == nil:
                answer(response, request.exchange)
            case .response(let response):
                // Not even which paths there are is told to those who may not ask.
                start(on: .eventLoop, request) { response }
            case .route(let route, let message):
                start(on: route.placement, request) { await route.handler(message) }
            }
        case nil:
            // The machine's count and the queue go together; were they ever to differ, the connection is no use.
            context?.close(promise: nil)
        }
    }

    private func answer(_ response: HTTPResponse, _ exchange: Exchange) {
        let prepared = PreparedResponse(
            server.access.current.completed(response), for: exchange,
            smallestCompressedBody: server.configuration.smallestCompressedBody)
        respond(prepared, isRefusal: exchange.isRefusal)
    }

    /// Answers a request of someone who may ask.
    private func start(
        on placement: Route.Placement,
        _ request: ReceivedRequest,
        _ handler: @escaping @Sendable () async -> HTTPResponse
    ) {
        let access = server.access.current
        let headers = HeaderFields(request.head.headers)
        let exchange = request.exchange
        let link = ConnectionLink(self, eventLoop: eventLoop)
        let smallest = server.configuration.smallestCompressedBody
        let executor: EventLoopExecutor? = placement == .eventLoop ? .of(eventLoop) : nil
        task = Task(executorPreference: executor) {
            let response =
                if let refusal = await access.authentication?.refusal(of: headers) { refusal } else { await handler() }
            let prepared = PreparedResponse(
                access.completed(response), for: exchange, smallestCompressedBody: smallest)
            await link.send(prepared)
        }
    }

    /// Sends a response, or the head of a streamed one.
    func respond(_ response: PreparedResponse, isRefusal: Bool = false) {
        guard let context else { return }
        var head = response.head
        var streams = false
        var endless = false
        if case .stream(_, _, let isEndless) = response.content { (streams, endless) = (true, isEndless) }
        guard
            let after = machine.responseBegins(
                keepAlive: head.keepsAlive, isRefusal: isRefusal, streams: streams, endless: endless, now: now)
        else { return }
        head.keepsAlive = after == .keepAlive
        framing = head.framing

        var body: [UInt8] = []
        if case .bytes(let bytes) = response.content { body = bytes }
        // One buffer for both: copying 36 KB takes 1 µs, a second element in the write more.
        sendBuffer.clear(minimumCapacity: 320 + body.count)
        head.write(into: &sendBuffer, date: date.current())
        sendBuffer.writeBytes(body)
        let buffer = sendBuffer
        if buffer.capacity > Self.largestKeptBuffer { sendBuffer = ByteBuffer() }
        let count = buffer.readableBytes
        server.statistics.record {
            $0.countResponse(head.status)
            $0.sentBytes &+= UInt64(count)
        }
        if streams {
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            settle()
        } else {
            task = nil
            sendLast(buffer)
        }
    }

    /// Sends the last bytes of a response; the connection goes on when the system has taken them.
    private func sendLast(_ buffer: ByteBuffer) {
        guard let context else { return }
        let taken = eventLoop.makePromise(of: Void.self)
        taken.futureResult.assumeIsolated().whenSuccess { [self] in
            switch machine.responseTaken(now: now) {
            case .nothing: break
            case .close: self.context?.close(promise: nil)
            case .closeOutput: self.context?.close(mode: .output, promise: nil)
            }
            settle()
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: taken)
        settle()
    }
}

// MARK: - Streaming

extension HTTPConnectionHandler {
    /// Sends a piece of a stream; the future succeeds when the channel takes more.
    func writePiece(_ piece: [UInt8]) -> EventLoopFuture<Void> {
        guard let context, machine.pieceWritten(now: now) else {
            return eventLoop.makeFailedFuture(HTTPServerError.connectionClosed)
        }
        var buffer = context.channel.allocator.buffer(capacity: piece.count + 24)
        if framing == .chunked { buffer.writeString(String(piece.count, radix: 16) + "\r\n") }
        buffer.writeBytes(piece)
        if framing == .chunked { buffer.writeStaticString("\r\n") }
        let count = buffer.readableBytes
        server.statistics.record { $0.sentBytes &+= UInt64(count) }

        let taken = eventLoop.makePromise(of: Void.self)
        taken.futureResult.assumeIsolated().whenSuccess { [self] in
            machine.pieceTaken(now: now)
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: taken)
        settle()
        // The write may have found the connection gone, and then nothing more would happen to wait for.
        guard context.channel.isActive else { return eventLoop.makeFailedFuture(HTTPServerError.connectionClosed) }
        if context.channel.isWritable { return eventLoop.makeSucceededVoidFuture() }
        let room = writer ?? eventLoop.makePromise(of: Void.self)
        writer = room
        return room.futureResult
    }

    /// Sends the end of a stream.
    func endStream() -> EventLoopFuture<Void> {
        guard let context, machine.streamEnded(now: now) else {
            return eventLoop.makeFailedFuture(HTTPServerError.connectionClosed)
        }
        task = nil
        var buffer = context.channel.allocator.buffer(capacity: 8)
        if framing == .chunked { buffer.writeStaticString("0\r\n\r\n") }
        sendLast(buffer)
        return eventLoop.makeSucceededVoidFuture()
    }

    /// Cuts the connection in the middle of a response.
    func abort() {
        context?.close(promise: nil)
    }

    private func failWriter() {
        let writer = writer
        self.writer = nil
        writer?.fail(HTTPServerError.connectionClosed)
    }
}

import NIOCore
import NIOHTTP1
import NIOTLS

/// One request and its answer on a connection of their own.
final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: ClientRequest
    private let channel: any Channel
    private let answer: EventLoopPromise<ClientResponse>
    private let beforeCompletion: () throws -> Void
    private var isStarted = false
    private var isOver = false
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var isComplete = false

    init(
        _ request: ClientRequest,
        on channel: any Channel,
        answer: EventLoopPromise<ClientResponse>,
        beforeCompletion: @escaping () throws -> Void
    ) {
        self.request = request
        self.channel = channel
        self.answer = answer
        self.beforeCompletion = beforeCompletion
    }

    /// Takes the connection over.
    func begin() {
        do {
            try channel.pipeline.syncOperations.addHandler(self)
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            end(error)
        }
    }

    /// Lets go of a connection that came too late.
    func abandon() {
        isOver = true
        channel.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if !channel.isActive {
            end(ChannelError.ioOnClosedChannel)
        } else if !request.url.isSecure {
            start(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { start(context) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Writes all but the last byte of the body, and that one when the rest is out.
    private func start(_ context: ChannelHandlerContext) {
        guard !isStarted, !isOver else { return }
        isStarted = true
        context.write(wrapOutboundOut(.head(requestHead)), promise: nil)
        let most = context.channel.allocator.buffer(bytes: request.body.dropLast())
        let written = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(most))))
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // A failure ends the connection, which is told otherwise.
        written.whenSuccess { bound.value.0.complete(bound.value.1) }
    }

    private func complete(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        do {
            try beforeCompletion()
        } catch {
            return end(error)
        }
        let last = context.channel.allocator.buffer(bytes: request.body.suffix(1))
        context.write(wrapOutboundOut(.body(.byteBuffer(last))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private var requestHead: HTTPRequestHead {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Host", value: request.url.hostField)
        headers.replaceOrAdd(name: "Connection", value: "close")
        headers.replaceOrAdd(name: "Content-Length", value: "\(request.body.count)")
        if let credentials = request.url.credentials, headers["authorization"].isEmpty {
            headers.add(name: "Authorization", value: BasicAuthorization.field(percentEncoded: credentials))
        }
        let method = HTTPMethod(rawValue: request.method)
        return HTTPRequestHead(version: .http1_1, method: method, uri: request.url.target, headers: headers)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part):
            body.append(contentsOf: part.readableBytesView.prefix(request.bodyLimit - body.count))
            if body.count >= request.bodyLimit { end(ChannelError.inputClosed) }
        case .end:
            isComplete = true
            end(ChannelError.inputClosed)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(ChannelError.inputClosed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState: end(ChannelError.inputClosed)
        case is HTTPParserError: end(HTTPClientError(.protocol, request.url, "the answer is no HTTP: \(error)"))
        default: end(error)
        }
    }

    /// Ends the exchange: once the head of an answer is there it is the answer, whatever came after it; else with the
    /// error.
    func end(_ error: any Error) {
        guard !isOver else { return }
        isOver = true
        if let head {
            let headers = head.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            answer.succeed(
                ClientResponse(status: Int(head.status.code), headers: headers, body: body, isComplete: isComplete)
            )
        } else if request.url.isSecure, !isStarted {
            answer.fail(HTTPClientError(duringHandshake: error, request.url))
        } else {
            answer.fail(error)
        }
        channel.close(promise: nil)
    }
}

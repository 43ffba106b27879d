internal import NIOCore

/// The way from a handler's task back to its connection.
struct ConnectionLink: Sendable {
    private let connection: NIOLoopBound<HTTPConnectionHandler>
    private let eventLoop: any EventLoop

    init(_ connection: HTTPConnectionHandler, eventLoop: any EventLoop) {
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    /// Sends a response and, if it is a stream, lets its producer write.
    func send(_ response: PreparedResponse) async {
        guard case .stream(let producer, let gzip, let endless) = response.content else { return respond(response) }
        var writer = HTTPBodyWriter(connection: self, gzip: gzip, endless: endless)
        guard !gzip || writer.canCompress else { return abort() }
        respond(response)
        do {
            do {
                try await producer(&writer)
            } catch {
                // Events have no end to miss: the client takes them up again.
                guard endless else { throw error }
            }
            try await writer.finish()
        } catch {
            abort()
        }
    }

    private func respond(_ response: PreparedResponse) {
        perform { $0.respond(response) }
    }

    /// Cuts the connection, so that what was sent does not pass for the whole.
    private func abort() {
        perform { $0.abort() }
    }

    private func perform(_ step: @escaping @Sendable (HTTPConnectionHandler) -> Void) {
        // From the event loop itself another turn of its queue would only cost time.
        if eventLoop.inEventLoop { step(connection.value) } else { eventLoop.execute { step(connection.value) } }
    }

    func write(_ piece: [UInt8]) async throws(HTTPServerError) {
        try await wait { $0.writePiece(piece) }
    }

    func endStream() async throws(HTTPServerError) {
        try await wait { $0.endStream() }
    }

    private func wait(
        _ step: @escaping @Sendable (HTTPConnectionHandler) -> EventLoopFuture<Void>
    ) async throws(HTTPServerError) {
        do {
            try await eventLoop.flatSubmit { step(connection.value) }.get()
        } catch {
            throw .connectionClosed
        }
    }
}

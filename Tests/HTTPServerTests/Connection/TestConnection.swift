import Logging
import NIOCore
import NIOEmbedded

@testable import HTTPServer

/// One connection over a channel without a socket, with a clock that stands still until it is moved.
struct TestConnection {
    let channel: EmbeddedChannel
    let statistics = StatisticsRecorder()

    init(
        limits: HTTPLimits = HTTPLimits(),
        timeouts: HTTPTimeouts = HTTPTimeouts(),
        routes: [Route] = TestConnection.routes
    ) throws {
        channel = EmbeddedChannel()
        let configuration = HTTPServerConfiguration(
            listenAddress: ListenAddress(host: nil, port: 0), limits: limits, timeouts: timeouts)
        let server = ServerContext(
            configuration: configuration, access: .open(), router: try Router(routes), statistics: statistics,
            logger: Logger(label: "test"))
        try server.addHandlers(to: channel)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// Routes that show what arrived.
    static let routes: [Route] = [
        Route(.get, "/hello", on: .eventLoop) { _ in .text(.ok, "hello") },
        Route(.get, "/big", on: .eventLoop) { _ in
            HTTPResponse(contentType: "text/plain", bytes: Array(repeating: UInt8(ascii: "a"), count: 5_000))
        },
        Route(.post, "/echo", on: .eventLoop) { request in
            HTTPResponse(contentType: "application/octet-stream", bytes: request.body)
        },
        Route(.post, "/query", on: .eventLoop) { request in
            .text(.ok, request.query.items.map { "\($0.name)=\($0.value)" }.joined(separator: "|"))
        },
        Route(.get, "/items/:id", on: .eventLoop) { request in .text(.ok, request.parameter("id") ?? "none") },
        Route(.get, "/stream", on: .eventLoop) { _ in
            HTTPResponse(
                .ok,
                body: .stream { writer in
                    try await writer.write(Array("first,".utf8))
                    try await writer.write(Array("second".utf8))
                })
        },
    ]

    /// Lets the client send and the server work until it has nothing more to do.
    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    func advance(_ time: TimeAmount) {
        channel.embeddedEventLoop.advanceTime(by: time)
    }

    /// What the server sent since the last call, without the two fields that every answer has.
    func received() throws -> String {
        channel.embeddedEventLoop.run()
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            text += String(decoding: buffer.readableBytesView, as: UTF8.self)
        }
        return text.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Date: ") && $0 != "X-Content-Type-Options: nosniff" }.joined(separator: "\r\n")
    }

    var isOpen: Bool { channel.isActive }
}

/// A response as it looks without the fields that every answer has.
func response(_ status: String, _ fields: String..., body: String = "") -> String {
    "HTTP/1.1 \(status)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
}

/// A one-line text response.
func textResponse(_ status: String, _ line: String, closes: Bool = false) -> String {
    "HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(line.utf8.count + 1)\r\n"
        + (closes ? "Connection: close\r\n" : "") + "\r\n\(line)\n"
}

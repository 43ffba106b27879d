import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Asks a running daemon over HTTP: one connection a question, closed after the answer.
struct DaemonClient: Sendable {
    let address: DaemonAddress
    /// The longest that a question may take, connecting included.
    var timeout: Duration = .seconds(130)

    /// An answer, whatever its status.
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// Posts a form, as the Prometheus API takes it for questions that are too long for a URL.
    func post(_ path: String, form: [(name: String, value: String)]) async throws(DaemonError) -> Answer {
        let body = form.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
        return try await ask(.POST, path, body: body)
    }

    /// Gets a path.
    func get(_ path: String) async throws(DaemonError) -> Answer {
        try await ask(.GET, path, body: "")
    }

    private func ask(_ method: HTTPMethod, _ path: String, body: String) async throws(DaemonError) -> Answer {
        var headers = HTTPHeaders([
            ("host", "\(address.host.contains(":") ? "[\(address.host)]" : address.host):\(address.port)"),
            ("user-agent", "redstart/\(Version.current)"), ("accept", "application/json"), ("connection", "close"),
        ])
        if let credentials = address.credentials {
            headers.add(name: "authorization", value: "Basic " + Data(credentials.utf8).base64EncodedString())
        }
        if method == .POST {
            headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            headers.add(name: "content-length", value: String(body.utf8.count))
        }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: address.path + path, headers: headers)
        do {
            return try await exchange(head, body)
        } catch let error as DaemonError {
            throw error
        } catch {
            throw DaemonError(address, connecting: error)
        }
    }

    private func exchange(_ head: HTTPRequestHead, _ body: String) async throws -> Answer {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = eventLoop.makePromise(of: Answer.self)
        let wait = TimeAmount.milliseconds(timeout.milliseconds)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(min(wait, .seconds(10)))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if address.isTLS { try pipeline.addHandler(tlsHandler()) }
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(AnswerCollector(address, promise))
                    }
                }
                .connect(host: address.host, port: address.port).get()
        } catch {
            promise.fail(error)
            return try await promise.futureResult.get()
        }
        let limit = DurationOption(timeout).defaultValueDescription
        let deadline = eventLoop.scheduleTask(in: wait) {
            promise.fail(
                DaemonError("\(address.text) has not answered within \(limit)"))
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return try await promise.futureResult.get()
    }

    private func tlsHandler() throws -> NIOSSLClientHandler {
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        // An address is no name to be indicated, but the certificate is still held against it.
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : address.host)
    }

    /// Everything but letters and digits is encoded.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return String(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return (byte < 16 ? "%0" : "%") + digits
            }
        }.joined()
    }
}

/// Why a daemon gave no answer.
struct DaemonError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ address: DaemonAddress, connecting error: any Error) {
        let reason =
            switch error {
            case let error as NIOConnectionError:
                error.connectionErrors.first.map { Self.reason($0.error) }
                    ?? (error.dnsAError ?? error.dnsAAAAError).map { _ in "no such host" } ?? "\(error)"
            default: Self.reason(error)
            }
        self.init("cannot reach \(address.text): \(reason). Is `redstart serve` running there? (--url)")
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }
}

/// Joins the parts of an answer.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    /// An answer that is larger is refused: it would fill the memory, and no terminal.
    private static let limit = 512 << 20

    private let address: DaemonAddress
    private let promise: EventLoopPromise<DaemonClient.Answer>
    private var status = 0
    private var body: [UInt8] = []

    init(_ address: DaemonAddress, _ promise: EventLoopPromise<DaemonClient.Answer>) {
        self.address = address
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= Self.limit else {
                return fail(DaemonError("the answer of \(address.text) is larger than 512 MB"), context)
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end:
            promise.succeed(DaemonClient.Answer(status: status, body: body))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(DaemonError("\(address.text) closed the connection without an answer"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(DaemonError(address, connecting: error), context)
    }

    private func fail(_ error: DaemonError, _ context: ChannelHandlerContext) {
        promise.fail(error)
        context.close(promise: nil)
    }
}

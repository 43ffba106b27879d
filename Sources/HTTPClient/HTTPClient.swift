import EventLoops
public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
public import Tracing

/// What is to be asked.
public struct ClientRequest: Sendable {
    /// The method, such as `POST`.
    public var method: String
    /// Where.
    public var url: HTTPURL
    /// The address to connect to, where it is one of several that the name of the host stands for.
    public var address: String?
    /// Header fields besides `Host`, `Content-Length` and `Connection`.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]
    /// The longest that all of it may take, redirects included.
    public var timeout: Duration
    /// How a connection to `https` is made.
    public var tls: ClientTLSOptions
    /// How much of the answer's body is kept.
    public var bodyLimit = HTTPClient.bodyLimit

    /// Makes a request.
    public init(
        method: String = "GET",
        url: HTTPURL,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(10),
        tls: ClientTLSOptions = ClientTLSOptions()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.tls = tls
    }
}

extension ClientRequest {
    /// Fields that are the same for everybody.
    private static let publicFields = ["accept", "user-agent"]

    fileprivate func redirected(to location: String) throws -> ClientRequest {
        var request = self
        request.url = try url.redirected(to: location)
        guard request.url.origin != url.origin else { return request }
        guard body.isEmpty else {
            throw HTTPClientError(
                .redirects,
                url,
                "it redirects to \(request.url.origin), where what is meant for it is not sent; give that address instead"
            )
        }
        request.address = nil
        request.headers.removeAll { !Self.publicFields.contains($0.name.lowercased()) }
        return request
    }
}

/// What came back.
public struct ClientResponse: Sendable {
    /// The status code.
    public let status: Int
    /// The header fields, names in lower case.
    public let headers: [(name: String, value: String)]
    /// The body, cut at the request's `bodyLimit`; what the server left out after a complete head is missing.
    public let body: [UInt8]
    /// Whether the body is whole.
    public let isComplete: Bool

    /// The first value of a field, by its name in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// A client of HTTP/1.1 for small requests that are few: each has a connection of its own.
///
/// That costs a handshake and saves a pool with its states; AsyncHTTPClient, which has all of it, would add 14 MB to
/// the program. All limits are fixed: time, redirects, bytes of the answer.
public struct HTTPClient: Sendable {
    /// How much of an answer is kept where a request does not say.
    public static let bodyLimit = 1 << 20
    /// How many redirects are followed.
    public static let redirectLimit = 5

    private let eventLoops: any EventLoopGroup
    /// Gets a span of each request; `nil` for none.
    public let tracer: Tracer?
    private let contexts = ClientTLSContexts()

    /// Makes a client whose connections live on these event loops.
    ///
    /// - Parameter tracer: Gets a span of each request, which is told to the server; `nil` for none.
    public init(eventLoops: any EventLoopGroup, tracer: Tracer? = nil) {
        self.eventLoops = eventLoops
        self.tracer = tracer
    }

    /// Sends a request and waits for the answer.
    ///
    /// Redirects within an origin are followed as they are. Another origin gets neither a body nor header fields that may
    /// be secret: a request without body is repeated there without them, one with a body fails.
    /// - Parameter beforeCompletion: Called on the event loop in the last moment before the server can have the whole
    ///   request: all of it but the last byte of the body has gone out. For whoever has to write down that it may have
    ///   arrived. Not called where the answer is there before.
    /// - Throws: `HTTPClientError`, also for an error of `beforeCompletion`.
    public func send(
        _ request: ClientRequest,
        beforeCompletion: @escaping @Sendable () throws -> Void = {}
    ) async throws(HTTPClientError) -> ClientResponse {
        guard let span = tracer?.begin() else { return try await follow(request, beforeCompletion) }
        var request = request
        request.headers.append(("traceparent", span.context.traceParent))
        do throws(HTTPClientError) {
            let response = try await follow(request, beforeCompletion)
            RequestSpan.end(span, of: request, status: response.status)
            return response
        } catch {
            RequestSpan.end(span, of: request, error)
            throw error
        }
    }

    /// Sends a request, and again where it is redirected to.
    private func follow(
        _ request: ClientRequest,
        _ beforeCompletion: @escaping @Sendable () throws -> Void
    ) async throws(HTTPClientError) -> ClientResponse {
        let deadline = ContinuousClock.now + request.timeout
        var request = request
        var redirects = 0
        while true {
            let response = try await sendOnce(request, deadline: deadline, beforeCompletion)
            guard [301, 302, 307, 308].contains(response.status), let location = response.header("location") else {
                return response
            }
            redirects += 1
            guard redirects <= Self.redirectLimit else {
                throw HTTPClientError(.redirects, request.url, "more than \(Self.redirectLimit) redirects")
            }
            do {
                request = try request.redirected(to: location)
            } catch let error as HTTPClientError {
                throw error
            } catch {
                throw HTTPClientError(.redirects, request.url, "it redirects to a place that is none: \(error)")
            }
        }
    }

    private func sendOnce(
        _ request: ClientRequest,
        deadline: ContinuousClock.Instant,
        _ beforeCompletion: @escaping @Sendable () throws -> Void
    ) async throws(HTTPClientError) -> ClientResponse {
        let url = request.url
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw HTTPClientError(.timeout, url, "no answer in time") }
        let secure = url.isSecure ? try contexts.context(request.tls, url) : nil
        let loop = eventLoops.next()
        let answer = loop.makePromise(of: ClientResponse.self)
        let attempt = NIOLoopBoundBox.makeBoxSendingValue(Attempt(answer: answer), eventLoop: loop)
        let channel = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(left))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Nothing is read, the end of the handshake neither, before the exchange is there to hear of it.
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try DescriptorReserve.check(channel, openedBy: .redstart)
                    let operations = channel.pipeline.syncOperations
                    if let secure {
                        let name = Self.serverName(request)
                        try operations.addHandler(NIOSSLClientHandler(context: secure, serverHostname: name))
                    }
                    try operations.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                }
            }
            .connect(host: request.address ?? url.host, port: url.port)
        channel.whenFailure { attempt.value.end($0) }
        channel.whenSuccess { channel in
            // The connection is on `loop`, where its handlers are added.
            attempt.value.begin(Exchange(request, on: channel, answer: answer, beforeCompletion: beforeCompletion))
        }
        let timer = loop.scheduleTask(in: TimeAmount(left)) {
            attempt.value.end(HTTPClientError(.timeout, url, "no answer in time"))
        }
        defer { timer.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                loop.execute { attempt.value.end(CancellationError()) }
            }
        } catch {
            throw HTTPClientError(error, url)
        }
    }

    /// The name for the certificate; addresses have none.
    private static func serverName(_ request: ClientRequest) -> String? {
        let name = request.tls.serverName ?? request.url.host
        return (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
    }
}

/// A request under way, which can be ended wherever it stands: a name server or a host may let it wait.
private struct Attempt {
    let answer: EventLoopPromise<ClientResponse>
    private var exchange: Exchange?
    private var isOver = false

    init(answer: EventLoopPromise<ClientResponse>) {
        self.answer = answer
    }

    /// The connection is there.
    mutating func begin(_ new: Exchange) {
        guard !isOver else { return new.abandon() }
        exchange = new
        new.begin()
    }

    mutating func end(_ error: any Error) {
        isOver = true
        if let exchange { exchange.end(error) } else { answer.fail(error) }
    }
}

import EventLoops
import Files
import Glibc
public import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections.
///
/// One for the whole program: it shares among them what TLS needs.
public final class RedisConnector: Sendable {
    private let tlsContexts = TLSContexts()

    /// A connector that has loaded nothing yet.
    public init() {}

    /// Connects, encrypts where the address asks for it, logs in, says the client's name, chooses the database.
    ///
    /// - Parameters:
    ///   - eventLoop: Where the connection lives; one of NIOPosix.
    ///   - deadline: For all of it.
    public func connect(
        _ options: ConnectionOptions,
        on eventLoop: any EventLoop,
        deadline: NIODeadline
    ) async throws(RedisError) -> RedisConnection {
        let started = NIODeadline.now()
        let (options, tls) = try await prepared(options).get()
        let attempt = NIOLoopBoundBox.makeBoxSendingValue(ConnectAttempt(), eventLoop: eventLoop)
        let promise = eventLoop.makePromise(of: RedisConnection.self)
        let way = Way(to: options.address.endpoint, on: eventLoop)
        do {
            return try await withTaskCancellationHandler {
                let times = (started, deadline)
                Self.connect(options, tls: tls, by: way, times: times, attempt: attempt, promise: promise)
                // Not `get()`, which goes through the shared thread pool: a busy pool must not delay a connection.
                return try await withCheckedThrowingContinuation { continuation in
                    promise.futureResult.whenComplete { continuation.resume(with: $0) }
                }
            } onCancel: {
                eventLoop.execute { attempt.value.cancel(promise, RedisError(.cancelled, options)) }
            }
        } catch {
            if let error = error as? RedisError { throw error }
            let time = Duration(.now() - started)
            throw RedisError(
                way.isLookingUp ? .lookupTimeout(time) : ConnectionFault(connecting: error, for: time),
                options
            )
        }
    }

    /// Reads what files hold for a connection, away from the event loop: a disk may let it wait.
    private func prepared(
        _ options: ConnectionOptions
    ) async -> Result<(ConnectionOptions, TLSSession?), RedisError> {
        let prepare: @Sendable () -> Result<(ConnectionOptions, TLSSession?), RedisError> = { [tlsContexts] in
            do throws(RedisError) {
                let options = try Self.withPassword(options)
                guard options.address.scheme.usesTLS else { return .success((options, nil)) }
                do throws(TLSFault) {
                    return .success((options, try tlsContexts.session(options)))
                } catch {
                    return .failure(RedisError(.tls(error), options))
                }
            } catch {
                return .failure(error)
            }
        }
        guard options.readsFiles else { return prepare() }
        return await withCheckedContinuation { continuation in
            Self.fileThreads.submit { _ in continuation.resume(returning: prepare()) }
        }
    }

    /// Of its own, for others must not delay a connection; never ended, as it is one for the whole program.
    private static let fileThreads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        return threads
    }()

    /// The options with the password of the file that they name.
    private static func withPassword(_ options: ConnectionOptions) throws(RedisError) -> ConnectionOptions {
        guard let path = options.passwordFile, options.address.password == nil else { return options }
        func unusable(_ problem: String) -> RedisError {
            RedisError(.unusablePasswordFile(path: path, problem: problem), options)
        }
        let bytes: [UInt8]
        do {
            bytes = try FileContents.read(path, limit: maximumPasswordLength)
        } catch {
            throw unusable(error.reason)
        }
        guard let last = bytes.lastIndex(where: { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }) else {
            throw unusable("it is empty")
        }
        var options = options
        options.address.password = Secret(String(decoding: bytes[...last], as: UTF8.self))
        return options
    }

    /// Tokens of identity services, which some managed servers take for a password, have a few kilobytes.
    private static let maximumPasswordLength = 64 << 10

    private static func connect(
        _ options: ConnectionOptions,
        tls: TLSSession?,
        by way: Way,
        times: (started: NIODeadline, deadline: NIODeadline),
        attempt: NIOLoopBoundBox<ConnectAttempt>,
        promise: EventLoopPromise<RedisConnection>
    ) {
        let loop = promise.futureResult.eventLoop
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(max(times.deadline - times.started, .milliseconds(1)))
            // One read a turn of the loop, into a buffer that is not kept.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: TransientReceiveBuffers())
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try DescriptorReserve.check(channel, openedBy: .redstart)
                    let operations = channel.pipeline.syncOperations
                    if let tls {
                        try operations.addHandler(
                            NIOSSLClientHandler(context: tls.context, serverHostname: tls.serverName)
                        )
                    }
                    let handler = ConnectionHandler(
                        options: options,
                        started: times.started,
                        deadline: times.deadline,
                        ready: channel.eventLoop.makePromise()
                    )
                    try operations.addHandler(handler)
                    attempt.value.started.append((channel, handler))
                }
            }
        way.connect(bootstrap).flatMapThrowing { channel in
            (channel, NIOLoopBound(try attempt.value.take(channel, options), eventLoop: channel.eventLoop))
        }.flatMap { (channel: any Channel, handler: NIOLoopBound<ConnectionHandler>) in
            handler.value.handshakeDone.map { [address = options.address.description] refusals in
                RedisConnection(
                    address: address,
                    refusals: refusals,
                    channel: channel,
                    handler: handler
                )
            }
        }.cascade(to: promise)
    }
}

/// How a server is found.
private enum Way {
    case address(SocketAddress)
    case name(String, port: Int, HostLookup)
    case socketPath(String)

    init(to endpoint: Endpoint, on eventLoop: any EventLoop) {
        switch endpoint {
        case .tcp(let host, let port):
            if let address = try? SocketAddress(ipAddress: host, port: port) {
                self = .address(address)
            } else {
                self = .name(host, port: port, HostLookup(on: eventLoop))
            }
        case .unix(let path):
            self = .socketPath(path)
        }
    }

    /// Whether the name server has not answered yet.
    var isLookingUp: Bool {
        if case .name(_, _, let lookup) = self { !lookup.isDone } else { false }
    }

    func connect(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
        switch self {
        case .address(let address): Self.keptAlive(bootstrap).connect(to: address)
        case .name(let host, let port, let lookup):
            Self.keptAlive(bootstrap).resolver(lookup).connect(host: host, port: port)
        case .socketPath(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private static func keptAlive(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
        bootstrap
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)), value: 30)
            .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), value: 10)
            .channelOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), value: 3)
    }
}

/// What is under way: a host name may stand for several addresses, so several sockets.
private struct ConnectAttempt {
    var started: [(channel: any Channel, handler: ConnectionHandler)] = []
    private var isCancelled = false

    /// The handler of the socket that made it.
    mutating func take(_ channel: any Channel, _ options: ConnectionOptions) throws(RedisError) -> ConnectionHandler {
        defer { started = [] }
        guard !isCancelled, let winner = started.first(where: { $0.channel === channel }) else {
            channel.close(promise: nil)
            throw RedisError(.cancelled, options)
        }
        return winner.handler
    }

    /// Gives up at once.
    mutating func cancel(_ promise: EventLoopPromise<RedisConnection>, _ error: RedisError) {
        isCancelled = true
        promise.fail(error)
        started.forEach { $0.channel.close(promise: nil) }
    }
}

/// Receive buffers that are freed after each read, for connections that are idle nearly all of the time.
///
/// NIO keeps the first buffer of a connection for good and takes it again if the allocator names a size: so the first
/// is small, and none is named.
private struct TransientReceiveBuffers: RecvByteBufferAllocator {
    private var isFirst = true

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: isFirst ? 64 : 32 << 10)
    }

    mutating func record(actualReadBytes: Int) -> Bool {
        isFirst = false
        return true
    }

    func nextBufferSize() -> Int? {
        nil
    }
}

internal import EventLoops
internal import Glibc
public import Logging
public import NIOCore
internal import NIOExtras
internal import NIOHTTP1
public import NIOPosix
public import ServiceLifecycle

/// A small HTTP/1.1 server: it listens, keeps clients within limits, and hands complete requests to routes.
///
/// `run()` returns when the server was told to shut down and its connections are closed, at the latest after the
/// configured drain time. It throws ``HTTPServerError/cannotListen(_:_:)`` when it cannot listen.
public struct HTTPServer: Service {
    private let context: ServerContext
    private let eventLoopGroup: any EventLoopGroup
    private let onBound: @Sendable (ListenAddress) async -> Void

    /// Creates a server; it does not listen before it runs.
    ///
    /// - Parameters:
    ///   - configuration: Address, limits and timeouts.
    ///   - access: Who may ask, and how.
    ///   - router: The routes.
    ///   - logger: Where the server tells that it listens, and at debug level why it refused something.
    ///   - eventLoopGroup: The event loops the connections are spread over.
    ///   - onBound: Called once with the address the server listens on, the port that of the system's choice where
    ///     port 0 was asked for.
    public init(
        configuration: HTTPServerConfiguration,
        access: ServerAccess = .open(),
        router: Router,
        logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        onBound: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) {
        context = ServerContext(
            configuration: configuration, access: access, router: router, statistics: StatisticsRecorder(),
            logger: logger)
        self.eventLoopGroup = eventLoopGroup
        self.onBound = onBound
    }

    /// What the server has done since its start.
    public var statistics: HTTPServerStatistics {
        context.statistics.snapshot
    }

    /// Listens and serves until shutdown.
    public func run() async throws {
        let quiescing = ServerQuiescingHelper(group: eventLoopGroup)
        let listener = try await listen(quiescing)
        let address = ListenAddress(
            host: context.configuration.listenAddress.host,
            port: listener.localAddress?.port ?? context.configuration.listenAddress.port)
        context.logger.info("listening", metadata: ["address": "\(address)"])
        await onBound(address)

        try await withTaskCancellationOrGracefulShutdownHandler {
            try await listener.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
        // Each connection keeps to the drain time by itself.
        let drained = listener.eventLoop.makePromise(of: Void.self)
        quiescing.initiateShutdown(promise: drained)
        try await drained.futureResult.get()
    }

    private func listen(_ quiescing: ServerQuiescingHelper) async throws(HTTPServerError) -> any Channel {
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A client that has closed its sending side may still wait for its answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers: [any ChannelHandler] = [
                        AcceptBackoffHandler(), quiescing.makeServerChannelHandler(channel: channel),
                    ]
                    try channel.pipeline.syncOperations.addHandlers(handlers)
                }
            }
            .childChannelInitializer { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    try context.addHandlers(to: channel)
                }
            }
        let address = context.configuration.listenAddress
        do {
            guard let host = address.host else { return try await listenEverywhere(bootstrap, port: address.port) }
            return try await bootstrap.bind(host: host, port: address.port).get()
        } catch {
            throw .cannotListen(address, ListenFailure(error))
        }
    }

    /// On all interfaces: an IPv6 socket takes IPv4 too, but a machine may have IPv6 switched off.
    private func listenEverywhere(_ bootstrap: ServerBootstrap, port: Int) async throws -> any Channel {
        do {
            return try await bootstrap.bind(host: "::", port: port).get()
        } catch let error as IOError where error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL {
            return try await bootstrap.bind(host: "0.0.0.0", port: port).get()
        }
    }
}

extension HTTPServer: CustomStringConvertible {
    /// Its name and address, not all of its routes: services are named in the log.
    public var description: String {
        "HTTPServer(\(context.configuration.listenAddress))"
    }
}

extension ServerContext {
    /// Makes a connection of a channel.
    func addHandlers(to channel: any Channel) throws {
        try DescriptorReserve.check(channel, openedBy: .client)
        let isWithinLimit = statistics.connectionOpened(limit: configuration.limits.connections)
        channel.closeFuture.whenComplete { [statistics] _ in
            statistics.record { $0.openConnections -= 1 }
        }
        if let problem = try access.current.tls?.addHandlers(to: channel) {
            logger.error("\(problem); the certificate before stays in use")
        }
        let decoder = RequestDecoder(limits: configuration.limits)
        let connection = HTTPConnectionHandler(
            server: self, decoder: decoder, isBeyondLimit: !isWithinLimit, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(decoder), connection])
    }
}

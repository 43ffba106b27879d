import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import HTTPServer

/// A server on a port of the system's choice, for as long as a test needs it.
struct RunningServer {
    let address: ListenAddress
    let server: HTTPServer
    private let services: ServiceGroup

    /// Runs a server around `body`, shuts it down and waits for its end.
    static func with(
        limits: HTTPLimits = HTTPLimits(),
        timeouts: HTTPTimeouts = HTTPTimeouts(),
        access: ServerAccess = .open(),
        routes: [Route],
        _ body: (RunningServer) async throws -> Void
    ) async throws {
        let (bound, continuation) = AsyncStream<ListenAddress>.makeStream()
        let configuration = HTTPServerConfiguration(
            listenAddress: ListenAddress(host: "127.0.0.1", port: 0), limits: limits, timeouts: timeouts)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = HTTPServer(
            configuration: configuration, access: access, router: try Router(routes), logger: logger,
            onBound: { continuation.yield($0) })
        let services = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        try await withThrowingTaskGroup { group in
            group.addTask { try await services.run() }
            let address = try #require(await bound.first { _ in true })
            do {
                try await body(RunningServer(address: address, server: server, services: services))
            } catch {
                group.cancelAll()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    func shutDown() async {
        await services.triggerGracefulShutdown()
    }

    /// Connects, and closes when `body` is done.
    func connect<Result>(_ body: (inout RawClient) async throws -> Result) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var client = RawClient(inbound: inbound.makeAsyncIterator(), outbound: outbound, channel: channel.channel)
            return try await body(&client)
        }
    }
}

/// A client that knows bytes only.
struct RawClient {
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    let channel: any Channel
    private var text = ""

    init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        channel: any Channel
    ) {
        self.inbound = inbound
        self.outbound = outbound
        self.channel = channel
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Closes the sending side only.
    func finish() {
        outbound.finish()
    }

    /// Reads until `mark` is there, and returns everything up to it; at the end of the connection what there is.
    mutating func receive(upTo mark: String) async throws -> String {
        while true {
            if let range = text.firstRange(of: mark) {
                defer { text = String(text[range.upperBound...]) }
                return String(text[..<range.upperBound])
            }
            guard let buffer = try await inbound.next(isolation: nil) else { break }
            text += String(buffer: buffer)
        }
        defer { text = "" }
        return text
    }

    /// Reads to the end of the connection.
    mutating func receiveAll() async throws -> String {
        var all = text
        text = ""
        while let buffer = try await inbound.next(isolation: nil) { all += String(buffer: buffer) }
        return all
    }
}

public import NIOCore
import NIOSSL
import Synchronization

/// One connection to one server, logged in and kept: send pipelines over it, as long as it is usable.
///
/// Several pipelines may be under way; they are answered in order. Any fault, a missed deadline included, ends the
/// connection: make a new one then.
public final class RedisConnection: Sendable {
    /// The server, as in `redis://cache-1:6379`.
    public let address: String
    /// Commands of the beginning that the server will refuse each time.
    public let refusals: [HandshakeRefusal]
    /// When the server's certificate expires, in seconds since 1970; `nil` without TLS.
    public let certificateExpiry: Int64?
    /// Where the connection lives.
    ///
    /// Work done here needs no change of thread for a pipeline.
    public var eventLoop: any EventLoop {
        channel.eventLoop
    }
    private let channel: any Channel
    private let handler: NIOLoopBound<ConnectionHandler>
    private let end: ConnectionHandler.EndMark

    /// Must be called on the channel's event loop.
    init(
        address: String,
        refusals: [HandshakeRefusal],
        channel: any Channel,
        handler: NIOLoopBound<ConnectionHandler>
    ) {
        self.address = address
        self.refusals = refusals
        certificateExpiry = (try? channel.pipeline.syncOperations.nioSSL_peerCertificate()).flatMap { $0 }
            .map { Int64($0.notValidAfter) }
        self.channel = channel
        self.handler = handler
        end = handler.value.end
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Whether it can still be used.
    ///
    /// The server may close it at any time, so this is a hint.
    public var isUsable: Bool {
        !end.isSet.load(ordering: .acquiring)
    }

    /// Sends the commands together and waits for all replies, until the deadline.
    ///
    /// On a failure the result holds the replies that came, and the connection is closed. So it is when the task is
    /// cancelled meanwhile.
    ///
    /// A task that prefers the executor of the connection's event loop waits without a change of thread.
    public func execute(_ pipeline: Pipeline, deadline: NIODeadline) async -> PipelineResult {
        await execute(pipeline, deadline: deadline, messages: nil)
    }

    /// - Parameter messages: Where what comes after the replies goes, for a pipeline that begins a subscription.
    func execute(
        _ pipeline: Pipeline,
        deadline: NIODeadline,
        messages: MessageStream.Continuation?
    ) async -> PipelineResult {
        guard !pipeline.commands.isEmpty else { return .nothingSent(failure: nil) }
        let eventLoop = channel.eventLoop
        let handler = handler
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if eventLoop.inEventLoop {
                    handler.value.send(
                        pipeline, deadline: deadline, messages: messages, continuation: continuation)
                } else {
                    eventLoop.execute {
                        handler.value.send(
                            pipeline, deadline: deadline, messages: messages, continuation: continuation)
                    }
                }
            }
        } onCancel: {
            eventLoop.execute { handler.value.close(.cancelled) }
        }
    }

    /// Closes the connection; pipelines under way fail.
    public func close() {
        let handler = handler
        channel.eventLoop.execute { handler.value.close(.closedByCaller) }
    }
}

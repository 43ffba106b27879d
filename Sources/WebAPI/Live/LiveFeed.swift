import RedisClient
public import RedisFleet
import Synchronization

/// Who looks at the page right now, and what they are to be told next.
///
/// Each message is made once, whoever reads it. A reader that is slow loses the oldest messages, sees that a number
/// is missing, and asks for everything again.
public final class LiveFeed: Sendable {
    /// More readers than this are turned away.
    static let readerLimit = 200
    /// Messages that wait for one reader.
    private static let queueLimit = 32
    /// Polls between two messages beyond this number are not told one by one.
    static let pollLimit = 2000

    private struct State {
        var readers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var lastReader = 0
        var polls: [String: String] = [:]
    }

    private let state = Mutex(State())

    /// Makes a feed that nobody reads.
    public init() {}

    /// Notes that a node was polled; costs nothing while nobody reads.
    public func note(_ outcome: PollOutcome) {
        note(outcome.node.instance, reason: outcome.failure?.reason.rawValue ?? "")
    }

    func note(_ instance: String, reason: String) {
        state.withLock { state in
            guard !state.readers.isEmpty, state.polls.count < Self.pollLimit else { return }
            state.polls[instance] = reason
        }
    }

    /// Whether anybody reads.
    var hasReaders: Bool {
        state.withLock { !$0.readers.isEmpty }
    }

    /// How many read.
    var readerCount: Int {
        state.withLock { $0.readers.count }
    }

    /// The messages from now on; `nil` where there are too many readers.
    func messages() -> AsyncStream<[UInt8]>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingNewest(Self.queueLimit)
        )
        let reader: Int? = state.withLock { state in
            guard state.readers.count < Self.readerLimit else { return nil }
            state.lastReader += 1
            state.readers[state.lastReader] = continuation
            return state.lastReader
        }
        guard let reader else { return nil }
        continuation.onTermination = { [self] _ in
            _ = state.withLock { $0.readers.removeValue(forKey: reader) }
        }
        return stream
    }

    /// The nodes polled since the last call, each with the reason why it is down, empty where it is not.
    func takePolls() -> [String: String] {
        state.withLock { state in
            defer { state.polls = [:] }
            return state.polls
        }
    }

    /// Tells all readers.
    func send(_ message: [UInt8]) {
        let readers = state.withLock { Array($0.readers.values) }
        for reader in readers { reader.yield(message) }
    }

    /// Ends the streams of all readers.
    func end() {
        let readers = state.withLock { Array($0.readers.values) }
        for reader in readers { reader.finish() }
    }
}

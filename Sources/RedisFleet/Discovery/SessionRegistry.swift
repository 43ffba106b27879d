import Metrics
import NIOCore
import RedisClient
import Synchronization

/// What all sessions share.
struct SessionSurroundings: Sendable {
    let table: SeriesKeyTable
    let families: FleetFamilies
    let eventLoops: any EventLoopGroup
    let connector: RedisConnector
    let connectGate: ConnectGate
    let lagBoard = LagBoard()
    let nodeAdded: @Sendable (Node) -> Void
    let nodeRemoved: @Sendable (Node) -> Void
}

/// The sessions of all nodes that are watched; an address twice is one session.
final class SessionRegistry: Sendable {
    /// Work that is to run as long as the fleet does, or until it ends by itself.
    typealias Work = @Sendable () async -> Void

    private struct State {
        var order: [Endpoint] = []
        var sessions: [Endpoint: NodeSession] = [:]
        var waiting: [Work] = []
        var starts: AsyncStream<Work>.Continuation?

        mutating func start(_ work: @escaping Work) {
            if let starts {
                starts.yield(work)
            } else {
                waiting.append(work)
            }
        }
    }

    /// So many nodes are polled at once; of more the polls are spread evenly over the interval, for good.
    private static let polledAtOnce = 16

    let surroundings: SessionSurroundings
    private let state = Mutex(State())
    private let deliver: @Sendable (PollOutcome) -> Void

    init(surroundings: SessionSurroundings, deliver: @escaping @Sendable (PollOutcome) -> Void) {
        self.surroundings = surroundings
        self.deliver = deliver
    }

    /// The sessions in the order in which they were added.
    var all: [NodeSession] {
        state.withLock { state in state.order.compactMap { state.sessions[$0] } }
    }

    /// Adds a node; `nil` where it is watched already.
    ///
    /// - Parameter changed: Is called when the node goes down and when it comes back.
    func add(_ configuration: NodeConfiguration, changed: @escaping @Sendable () -> Void) -> NodeSession? {
        let endpoint = configuration.connection.address.endpoint
        guard state.withLock({ $0.sessions[endpoint] == nil }) else { return nil }
        let lastFailed = Mutex(false)
        let session = NodeSession(
            configuration: configuration,
            table: surroundings.table,
            families: surroundings.families,
            eventLoop: surroundings.eventLoops.next(),
            connector: surroundings.connector,
            connectGate: surroundings.connectGate,
            lagBoard: surroundings.lagBoard
        ) { [deliver] outcome in
            deliver(outcome)
            let hasFailed = outcome.failure != nil
            let isChange = lastFailed.withLock { last in
                defer { last = hasFailed }
                return last != hasFailed
            }
            if isChange { changed() }
        }
        surroundings.nodeAdded(session.node)
        state.withLock { state in
            let position = state.order.count
            state.order.append(endpoint)
            state.sessions[endpoint] = session
            // The part of the interval that the golden ratio gives spreads any number of nodes well.
            let fraction = (Double(position) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
            let delay = position < Self.polledAtOnce ? .zero : configuration.pollInterval * fraction
            state.start { await session.run(firstPollAfter: delay) }
        }
        return session
    }

    /// Ends the watch of a node.
    func remove(_ endpoint: Endpoint) async {
        let session = state.withLock { state in
            state.order.removeAll { $0 == endpoint }
            return state.sessions.removeValue(forKey: endpoint)
        }
        guard let session else { return }
        await session.stop()
        surroundings.nodeRemoved(session.node)
    }

    /// Has work run beside the sessions.
    func start(_ work: @escaping Work) {
        state.withLock { $0.start(work) }
    }

    /// The work of all sessions that are there and of all that come, to be run by one caller.
    func starts() -> AsyncStream<Work> {
        let (stream, continuation) = AsyncStream<Work>.makeStream()
        state.withLock { state in
            for work in state.waiting {
                continuation.yield(work)
            }
            state.waiting = []
            state.starts = continuation
        }
        return stream
    }
}

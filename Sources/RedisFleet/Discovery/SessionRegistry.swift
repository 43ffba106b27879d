import Metrics
import NIOCore
import RedisClient
import Synchronization
import Tracing

/// What all sessions share.
struct SessionSurroundings: Sendable {
    let table: SeriesKeyTable
    let families: FleetFamilies
    let eventLoops: any EventLoopGroup
    let connector: RedisConnector
    let connectGate: ConnectGate
    let lagBoard = LagBoard()
    let buffers = SampleBufferPool()
    /// `nil` where polls are not traced.
    let tracer: Tracer?
    let nodeAdded: @Sendable (Node) -> Void
    let nodeRemoved: @Sendable (Node) -> Void
    /// Is told what came of each check.
    let noteCheck: @Sendable (CheckFailure) -> Void
}

/// Somebody who wants nodes to be watched.
final class NodeWatcher: Sendable {
    /// Whether it finds nodes by what others say, so that it knows their places best.
    let findsNodes: Bool
    /// Is called when a node goes down and when it comes back.
    let changed: @Sendable () -> Void

    init(findsNodes: Bool, changed: @escaping @Sendable () -> Void) {
        self.findsNodes = findsNodes
        self.changed = changed
    }
}

/// The sessions of all nodes that are watched; an address twice is one session, whoever wants it.
final class SessionRegistry: Sendable {
    /// Work that is to run as long as the fleet does, or until it ends by itself.
    typealias Work = @Sendable () async -> Void

    private struct Watched {
        let session: NodeSession
        var watchers: [NodeWatcher]
    }

    private struct State {
        var order: [Endpoint] = []
        var nodes: [Endpoint: Watched] = [:]
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
        state.withLock { state in state.order.compactMap { state.nodes[$0]?.session } }
    }

    /// The session of the node at an address.
    func session(at endpoint: Endpoint) -> NodeSession? {
        state.withLock { $0.nodes[endpoint]?.session }
    }

    /// Adds a node for a watcher; one that is watched already stays as it is.
    func add(_ configuration: NodeConfiguration, for watcher: NodeWatcher) -> NodeSession {
        let endpoint = configuration.connection.address.endpoint
        return state.withLock { state in
            if let known = state.nodes[endpoint] {
                if !known.watchers.contains(where: { $0 === watcher }) {
                    state.nodes[endpoint]?.watchers.append(watcher)
                }
                return known.session
            }
            // Who is scraped without a look at the others is checked, too.
            let session = session(configuration, isChecked: !watcher.findsNodes)
            surroundings.nodeAdded(session.node)
            let position = state.order.count
            state.order.append(endpoint)
            state.nodes[endpoint] = Watched(session: session, watchers: [watcher])
            // The part of the interval that the golden ratio gives spreads any number of nodes well.
            let fraction = (Double(position) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
            let delay = position < Self.polledAtOnce ? .zero : configuration.pollInterval * fraction
            state.start { await session.run(firstPollAfter: delay) }
            return session
        }
    }

    /// - Parameter isChecked: Whether heavy checks are made of the node before its place in a deployment is known.
    private func session(_ configuration: NodeConfiguration, isChecked: Bool) -> NodeSession {
        let endpoint = configuration.connection.address.endpoint
        let lastFailed = Mutex(false)
        return NodeSession(
            configuration: configuration,
            surroundings: surroundings,
            isChecked: isChecked
        ) { [deliver, weak self] outcome in
            deliver(outcome)
            let hasFailed = outcome.failure != nil
            let isChange = lastFailed.withLock { last in
                defer { last = hasFailed }
                return last != hasFailed
            }
            guard isChange, let self else { return }
            for watcher in state.withLock({ $0.nodes[endpoint]?.watchers ?? [] }) { watcher.changed() }
        }
    }

    /// Whether it is this watcher that tells the node its place: the first one that finds nodes, else the first.
    func isHeard(_ watcher: NodeWatcher, at endpoint: Endpoint) -> Bool {
        let watchers = state.withLock { $0.nodes[endpoint]?.watchers ?? [] }
        return (watchers.first(where: \.findsNodes) ?? watchers.first) === watcher
    }

    /// Ends the watch of a node for one of its watchers, for good with the last one.
    func remove(_ endpoint: Endpoint, for watcher: NodeWatcher) async {
        let session = state.withLock { state -> NodeSession? in
            state.nodes[endpoint]?.watchers.removeAll { $0 === watcher }
            guard state.nodes[endpoint]?.watchers.isEmpty == true else { return nil }
            state.order.removeAll { $0 == endpoint }
            guard let session = state.nodes.removeValue(forKey: endpoint)?.session else { return nil }
            // In here, as nodes are added: the same one may come back before this session has stopped, and must not be
            // taken for the one that goes.
            surroundings.nodeRemoved(session.node)
            return session
        }
        await session?.stop()
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

public import Logging
public import Metrics
public import NIOCore
import RedisClient
import RedisCollectors
public import ServiceLifecycle

/// The places of the fleet's tables in the catalogue.
public struct FleetFamilies: Sendable {
    let node: FamilyID
    let place: FamilyID
    let collectors: CollectorCatalog

    /// Adds all tables that polls need.
    public init(catalog: inout MetricCatalog) {
        node = catalog.add(NodeMetrics.rows)
        place = catalog.add(PlaceMetrics.rows)
        collectors = CollectorCatalog(catalog: &catalog)
    }
}

/// All nodes that are watched, each polled at its interval: those that are named, and those found from targets.
public final class Fleet: Service {
    private let sessions: SessionRegistry
    private let discoveries: [Discovery]
    private let discoveryInterval: Duration

    /// Prepares a session per configured node; nothing is connected before `run`.
    ///
    /// - Parameters:
    ///   - nodes: Nodes that are watched as they are.
    ///   - targets: Where more nodes are to be found; they come and go while the fleet runs.
    ///   - discoveryInterval: How often deployments are looked at anew, beside the times when something happens.
    ///   - nodeAdded: Is told of every node, also of `nodes`, before its first outcome; must not block.
    ///   - nodeRemoved: Is told of every node that is not watched any more; must not block.
    ///   - deliver: Gets every outcome, on the event loop of the node; must not block.
    public init(
        nodes: [NodeConfiguration],
        targets: [TargetConfiguration] = [],
        discoveryInterval: Duration = .seconds(30),
        table: SeriesKeyTable,
        families: FleetFamilies,
        eventLoops: any EventLoopGroup,
        logger: Logger,
        nodeAdded: @escaping @Sendable (Node) -> Void = { _ in },
        nodeRemoved: @escaping @Sendable (Node) -> Void = { _ in },
        deliver: @escaping @Sendable (PollOutcome) -> Void
    ) {
        let log = OutageLog(logger: logger)
        let registry = SessionRegistry(
            surroundings: SessionSurroundings(
                table: table,
                families: families,
                eventLoops: eventLoops,
                connector: RedisConnector(),
                lagBoard: targets.isEmpty ? nil : LagBoard(),
                nodeAdded: nodeAdded,
                nodeRemoved: nodeRemoved
            )
        ) { outcome in
            log.note(outcome)
            deliver(outcome)
        }
        for node in nodes {
            registry.addConfigured(node)
        }
        sessions = registry
        self.discoveryInterval = discoveryInterval
        discoveries = targets.map { Discovery(of: $0, in: registry) }
    }

    /// Polls all nodes until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for discovery in self.discoveries {
                    group.addTask { await discovery.run(every: self.discoveryInterval) }
                }
                for await start in self.sessions.starts() {
                    group.addTask { await start.session.run(firstPollAfter: start.delay) }
                }
            }
        }
    }

    /// One outcome per node, none older than `maxAge`: configured nodes in their order, then those that were found.
    ///
    /// Nodes that do not answer before the deadline are in it as down, with the reason `timeout`.
    public func scrape(maxAge: Duration, deadline: ContinuousClock.Instant) async -> [PollOutcome] {
        let sessions = sessions.all
        if sessions.count == 1 {
            return [await sessions[0].freshOutcome(maxAge: maxAge, deadline: deadline)]
        }
        return await withTaskGroup(of: (Int, PollOutcome).self) { group in
            for (position, session) in sessions.enumerated() {
                group.addTask { (position, await session.freshOutcome(maxAge: maxAge, deadline: deadline)) }
            }
            var outcomes = [PollOutcome?](repeating: nil, count: sessions.count)
            for await (position, outcome) in group {
                outcomes[position] = outcome
            }
            return outcomes.compactMap { $0 }
        }
    }

    /// The last outcome of each node that has been polled at least once.
    public func latestOutcomes() async -> [PollOutcome] {
        var outcomes: [PollOutcome] = []
        for session in sessions.all {
            if let outcome = await session.latest {
                outcomes.append(outcome)
            }
        }
        return outcomes
    }

    /// All nodes: configured ones in their order, then those that were found.
    public var nodes: [Node] {
        sessions.all.map(\.node)
    }

    /// Whether series need the label `instance` to say whose they are: not where one node is watched for good.
    public var needsInstanceLabel: Bool {
        !discoveries.isEmpty || sessions.all.count > 1
    }

    /// What is known of each target's deployments, in the order of the targets.
    public func topologies() async -> [Topology] {
        var topologies: [Topology] = []
        for discovery in discoveries {
            topologies.append(await discovery.topology)
        }
        return topologies
    }

    /// Looks at all targets once, for those who do not `run` the fleet; nodes that are found are watched from then on.
    public func discover() async {
        for discovery in discoveries {
            await discovery.learnUntilSettled()
        }
    }
}

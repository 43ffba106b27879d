public import Logging
public import Metrics
public import NIOCore
import RedisClient
import RedisCollectors
public import ServiceLifecycle

/// The places of the fleet's tables in the catalogue.
public struct FleetFamilies: Sendable {
    let node: FamilyID
    let collectors: CollectorCatalog

    /// Adds all tables that polls need.
    public init(catalog: inout MetricCatalog) {
        node = catalog.add(NodeMetrics.rows)
        collectors = CollectorCatalog(catalog: &catalog)
    }
}

/// All nodes that are watched, each polled at its interval.
public final class Fleet: Service {
    private let sessions: [NodeSession]
    private let configurations: [NodeConfiguration]
    private let logger: Logger

    /// Prepares a session per node; nothing is connected before `run`.
    ///
    /// - Parameter deliver: gets every outcome, on the event loop of the node; must not block.
    public init(
        nodes: [NodeConfiguration],
        table: SeriesKeyTable,
        families: FleetFamilies,
        eventLoops: any EventLoopGroup,
        logger: Logger,
        deliver: @escaping @Sendable (PollOutcome) -> Void
    ) {
        configurations = nodes
        self.logger = logger
        let log = OutageLog(logger: logger)
        let connector = RedisConnector()
        sessions = nodes.map { configuration in
            NodeSession(
                configuration: configuration,
                table: table,
                families: families,
                eventLoop: eventLoops.next(),
                connector: connector
            ) { outcome in
                log.note(outcome)
                deliver(outcome)
            }
        }
    }

    /// Polls all nodes until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for (position, session) in self.sessions.enumerated() {
                    let delay = self.firstPollDelay(position)
                    group.addTask { await session.run(firstPollAfter: delay) }
                }
            }
        }
    }

    /// Few nodes are polled at once; of many the polls are spread evenly over the interval, for good.
    private func firstPollDelay(_ position: Int) -> Duration {
        let polledAtOnce = 16
        guard position >= polledAtOnce else { return .zero }
        return configurations[position].pollInterval * position / sessions.count
    }

    /// One outcome per node, in the order of the configuration, none older than `maxAge`.
    ///
    /// Nodes that do not answer before the deadline are in it as down, with the reason `timeout`.
    public func scrape(maxAge: Duration, deadline: ContinuousClock.Instant) async -> [PollOutcome] {
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
        for session in sessions {
            if let outcome = await session.latest {
                outcomes.append(outcome)
            }
        }
        return outcomes
    }

    /// All nodes, in the order of the configuration.
    public var nodes: [Node] {
        sessions.map(\.node)
    }
}

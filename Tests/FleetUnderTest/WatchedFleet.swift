import Logging
import Metrics
import NIOPosix
import RedisClient
public import RedisFleet
import Synchronization

/// A fleet of some addresses, with what tests ask of it.
public struct WatchedFleet: Sendable {
    /// The fleet; polls by itself only while it runs.
    public let fleet: Fleet
    /// What it has delivered.
    public let outcomes: Outcomes
    private let table: SeriesKeyTable

    /// The outcomes that a fleet has delivered, in their order.
    public final class Outcomes: Sendable {
        private let list = Mutex([PollOutcome]())
        private let stream = AsyncStream.makeStream(of: PollOutcome.self)

        func append(_ outcome: PollOutcome) {
            list.withLock { list in list.append(outcome) }
            stream.continuation.yield(outcome)
        }

        /// Waits for an outcome that has not been waited for and meets a condition.
        @discardableResult
        public func next(where condition: (PollOutcome) -> Bool) async -> PollOutcome? {
            for await outcome in stream.stream where condition(outcome) {
                return outcome
            }
            return nil
        }

        /// All of them.
        public var all: [PollOutcome] {
            list.withLock { $0 }
        }
    }

    /// Prepares a fleet of nodes that are watched as they are.
    ///
    /// - Parameters:
    ///   - targets: The address of each node.
    ///   - interval: The time between two polls; long enough to see only polls that a test asks for, if not given.
    ///   - timeout: The longest a poll may take.
    ///   - connectLimit: How many connections may be made at a time.
    ///   - configure: Changes how a node is reached and what it is asked.
    public init(
        _ targets: [String],
        interval: Duration = .seconds(3600),
        timeout: Duration = .seconds(10),
        connectLimit: Int = 64,
        configure: (inout NodeConfiguration) -> Void = { _ in }
    ) throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
        let outcomes = Outcomes()
        self.outcomes = outcomes
        fleet = Fleet(
            nodes: try targets.map { target in
                var node = NodeConfiguration(
                    connection: ConnectionOptions(address: try TargetAddress(target)),
                    pollInterval: interval,
                    pollTimeout: timeout
                )
                configure(&node)
                return node
            },
            connectLimit: connectLimit,
            table: table,
            families: families,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            deliver: outcomes.append
        )
    }

    /// Polls now, unless there are outcomes young enough.
    public func scrape(maxAge: Duration = .zero, patience: Duration = .seconds(20)) async -> [PollOutcome] {
        await fleet.scrape(maxAge: maxAge, deadline: .now + patience)
    }

    /// Begins to poll at the interval, until the task is cancelled.
    public func start() -> Task<Void, any Error> {
        Task { try await fleet.run() }
    }

    /// The value of a series by its text in the exposition, `redis_up` or `x{a="b"}`.
    public func value(_ series: String, in outcome: PollOutcome) -> Double? {
        for (key, value) in zip(outcome.samples.keys, outcome.samples.values)
        where table.labels(of: key).description == series {
            return value
        }
        return nil
    }

    /// All series of an outcome by their text in the exposition.
    public func series(in outcome: PollOutcome) -> [String: Double] {
        let texts = outcome.samples.keys.map { table.labels(of: $0).description }
        return Dictionary(zip(texts, outcome.samples.values)) { first, _ in first }
    }
}

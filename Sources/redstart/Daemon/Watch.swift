import Configuration
import Logging
import Metrics
import NIOCore
import NIOPosix
import RedisFleet
import Synchronization
import TimeSeriesStore
import Tracing
import WebAPI

/// The part that all commands share: the fleet, the store its polls go to, and the catalogue of all families.
struct Watch: Sendable {
    let store: TimeSeriesStore
    let fleet: Fleet
    let families: Families
    /// Is told of every poll, for pages that are open.
    let live = LiveFeed()
    /// Where connections live, those to the nodes and those of HTTP clients.
    let eventLoops: MultiThreadedEventLoopGroup
    /// Whether the work of the event loops is little enough that a scrape may be rendered on them.
    let isSmall: Bool

    /// The catalogue of all families there are.
    struct Families: Sendable {
        let catalog: MetricCatalog
        let fleet: FleetFamilies
        let own: SelfMetrics.Families

        init() {
            var catalog = MetricCatalog()
            fleet = FleetFamilies(catalog: &catalog)
            own = SelfMetrics.Families(catalog: &catalog)
            self.catalog = catalog
        }
    }

    /// More nodes than one thread should serve.
    private static let smallFleet = 64

    /// `restore` puts what an earlier process has left into the store, before anything else is in it.
    ///
    /// With `isShard` the fleet has no nodes before somebody says which are of the shard.
    init(
        targets: WatchedTargets,
        isShard: Bool = false,
        discoveryInterval: Duration? = nil,
        connectLimit: Int? = nil,
        history: StoreConfiguration,
        logger: Logger,
        logsSlowCommands: Bool = false,
        tracer: Tracer? = nil,
        restore: (TimeSeriesStore) -> Void = { _ in }
    ) {
        families = Families()
        let store = TimeSeriesStore(keys: SeriesKeyTable(catalog: families.catalog), configuration: history)
        restore(store)
        let groups = NodeGroups(store: store)
        let live = live
        self.store = store
        isSmall = targets.discovered.isEmpty && targets.nodes.count <= Self.smallFleet
        // With few nodes one thread does all, so that a scrape never has to wake another.
        eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: isSmall ? 1 : System.coreCount)
        fleet = Fleet(
            nodes: isShard ? [] : targets.nodes,
            targets: isShard ? [] : targets.discovered,
            logsSlowCommands: logsSlowCommands,
            discoveryInterval: discoveryInterval ?? .seconds(30),
            connectLimit: connectLimit ?? 64,
            isPart: isShard,
            tracer: tracer,
            table: store.keys,
            families: families.fleet,
            eventLoops: eventLoops,
            logger: logger,
            nodeAdded: groups.add,
            nodeRemoved: groups.remove,
            deliver: { outcome in
                groups.append(outcome)
                live.note(outcome)
            }
        )
    }
}

/// Where the polls of each node go in the store.
private final class NodeGroups: Sendable {
    private let store: TimeSeriesStore
    private let groups = Mutex([Node: SeriesGroup]())

    init(store: TimeSeriesStore) {
        self.store = store
    }

    func add(_ node: Node) {
        let group = store.addGroup(labels: node.storeLabels)
        groups.withLock { $0[node] = group }
    }

    /// The node's series end here; what is known of them stays as long as the history reaches.
    func remove(_ node: Node) {
        guard let group = groups.withLock({ $0.removeValue(forKey: node) }) else { return }
        store.end(group, at: WallClock.milliseconds())
    }

    func append(_ outcome: PollOutcome) {
        guard let before = groups.withLock({ $0[outcome.node] }) else { return }
        var group = before
        // What the store refuses is counted by the store and shows in the self metrics.
        try? store.append(outcome.samples, continuing: &group)
        guard group !== before else { return }
        let isWatched = groups.withLock { groups in
            guard groups[outcome.node] === before else { return false }
            groups[outcome.node] = group
            return true
        }
        if !isWatched { store.end(group, at: WallClock.milliseconds()) }
    }
}

import Logging
import Metrics
import NIOCore
import NIOPosix
import RedisFleet
import TimeSeriesStore
import WebAPI

/// The part that all commands share: the fleet, the store its polls go to, and the catalogue of all families.
struct Watch: Sendable {
    let store: TimeSeriesStore
    let fleet: Fleet
    let selfMetricsFamilies: SelfMetrics.Families
    /// Where connections live, those to the nodes and those of HTTP clients.
    let eventLoops: MultiThreadedEventLoopGroup
    /// Whether the work of the event loops is little enough that a scrape may be rendered on them.
    let isSmall: Bool

    /// More nodes than one thread should serve.
    private static let smallFleet = 64

    /// `restore` puts what an earlier process has left into the store, before anything else is in it.
    init(
        nodes: [NodeConfiguration],
        history: StoreConfiguration,
        logger: Logger,
        restore: (TimeSeriesStore) -> Void = { _ in }
    ) {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        selfMetricsFamilies = SelfMetrics.Families(catalog: &catalog)
        let store = TimeSeriesStore(keys: SeriesKeyTable(catalog: catalog), configuration: history)
        restore(store)
        let groups = NodeGroups(store: store, nodes: nodes.map(\.node))
        self.store = store
        isSmall = nodes.count <= Self.smallFleet
        // With few nodes one thread does all, so that a scrape never has to wake another.
        eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: isSmall ? 1 : System.coreCount)
        fleet = Fleet(
            nodes: nodes,
            table: store.keys,
            families: families,
            eventLoops: eventLoops,
            logger: logger
        ) { outcome in
            groups.append(outcome)
        }
    }
}

/// Where the polls of each node go in the store.
private struct NodeGroups: Sendable {
    private let store: TimeSeriesStore
    private let groups: [Node: SeriesGroup]

    init(store: TimeSeriesStore, nodes: [Node]) {
        self.store = store
        groups = Dictionary(nodes.map { ($0, store.addGroup(labels: $0.storeLabels)) }) { first, _ in first }
    }

    func append(_ outcome: PollOutcome) {
        guard let group = groups[outcome.node] else { return }
        // A sample that the store refuses is counted by the store and shows in the self metrics.
        try? store.append(outcome.samples, to: group)
    }
}

import Logging
import Metrics
import NIOPosix
import RedisFleet
import TimeSeriesStore
import WebAPI

/// The part that all commands share: the fleet, the store its polls go to, and the catalogue of all families.
struct Watch: Sendable {
    let store: TimeSeriesStore
    let fleet: Fleet
    let selfMetricsFamilies: SelfMetrics.Families

    init(nodes: [NodeConfiguration], history: StoreConfiguration, logger: Logger) {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        selfMetricsFamilies = SelfMetrics.Families(catalog: &catalog)
        let store = TimeSeriesStore(keys: SeriesKeyTable(catalog: catalog), configuration: history)
        let groups = NodeGroups(store: store, nodes: nodes.map(\.node))
        self.store = store
        fleet = Fleet(
            nodes: nodes,
            table: store.keys,
            families: families,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
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

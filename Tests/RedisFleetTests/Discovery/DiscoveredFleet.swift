import Logging
import Metrics
import NIOPosix
import RedisClient
import RedisFleet
import Synchronization
import TestServers
import Testing

/// A fleet that finds its nodes from one target, running, with what tests ask of it.
final class DiscoveredFleet: Sendable {
    let fleet: Fleet
    private let table: SeriesKeyTable
    private let running: Task<Void, Never>
    private let changes: Changes

    init(
        _ target: String,
        discover: Bool = false,
        interval: Duration = .seconds(1),
        addressMap: [Endpoint: Endpoint] = [:],
        runs: Bool = true
    ) throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
        let changes = Changes()
        self.changes = changes
        var configuration = TargetConfiguration(target: try FleetTarget(target, discover: discover))
        configuration.template.pollInterval = interval
        configuration.template.pollTimeout = .seconds(2)
        configuration.addressMap = addressMap
        let fleet = Fleet(
            nodes: [],
            targets: [configuration],
            discoveryInterval: .seconds(2),
            table: table,
            families: families,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            nodeAdded: { node in changes.value.withLock { $0.added.append(node.instance) } },
            nodeRemoved: { node in changes.value.withLock { $0.removed.append(node.instance) } }
        ) { _ in }
        self.fleet = fleet
        running = Task { if runs { try? await fleet.run() } }
    }

    private final class Changes: Sendable {
        let value = Mutex<(added: [String], removed: [String])>(([], []))
    }

    deinit {
        running.cancel()
    }

    /// The instances that were told as new, sorted.
    var added: [String] {
        changes.value.withLock { $0.added.sorted() }
    }

    var topology: Topology {
        get async { await fleet.topologies().first ?? Topology() }
    }

    /// For each instance the value of a label of its `redstart_node_info`, by its last poll.
    func infos(_ label: String) async -> [String: [String]] {
        var result: [String: [String]] = [:]
        for outcome in await fleet.latestOutcomes() {
            result[outcome.node.instance] = outcome.samples.keys.map { table.labels(of: $0) }
                .filter { $0.metricName == "redstart_node_info" }.compactMap { $0[label] ?? "" }
        }
        return result
    }

    /// The value of a series of a node by its last poll.
    func value(_ series: String, of instance: String) async -> Double? {
        for outcome in await fleet.latestOutcomes() where outcome.node.instance == instance {
            for (key, value) in zip(outcome.samples.keys, outcome.samples.values)
            where table.labels(of: key).description == series {
                return value
            }
        }
        return nil
    }
}

/// Waits until a condition holds; fails with what it was to be after `seconds`.
func eventually(_ expectation: Comment, seconds: Int = 20, _ condition: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while await !condition() {
        try #require(ContinuousClock.now < deadline, expectation)
        try await Task.sleep(for: .milliseconds(5))
    }
}

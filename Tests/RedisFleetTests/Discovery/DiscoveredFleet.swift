import Logging
import Metrics
import NIOPosix
import RedisClient
import RedisCollectors
import RedisFleet
import Synchronization

/// A fleet that finds its nodes from one target, running, with what tests ask of it.
final class DiscoveredFleet: Sendable {
    let fleet: Fleet
    private let table: SeriesKeyTable
    private let running: Task<Void, Never>
    private let changes: Changes

    /// - Parameter plain: Servers that are watched as they are, beside the target or instead of one.
    init(
        _ target: String? = nil,
        plain: [String] = [],
        discover: Bool = false,
        interval: Duration = .seconds(1),
        addressMap: [Endpoint: Endpoint] = [:],
        forgetAfter: Duration = .seconds(600),
        runs: Bool = true,
        checks change: (inout CheckOptions) throws -> Void = { _ in }
    ) throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
        let changes = Changes()
        self.changes = changes
        let targets = try target.map { target in
            var configuration = TargetConfiguration(target: try FleetTarget(target, discover: discover))
            configuration.template.pollInterval = interval
            configuration.template.pollTimeout = .seconds(5)
            configuration.addressMap = addressMap
            try change(&configuration.template.checks)
            return configuration
        }
        let fleet = Fleet(
            nodes: try plain.map { address in
                NodeConfiguration(
                    connection: ConnectionOptions(address: try TargetAddress(address)),
                    pollInterval: interval
                )
            },
            targets: [targets].compactMap { $0 },
            discoveryInterval: .seconds(2),
            forgetAfter: forgetAfter,
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

    /// The figures of whole deployments, by the text of their series.
    func deploymentFigures() -> [String: Double] {
        var buffer = SampleBuffer()
        fleet.appendDeploymentSamples(to: &buffer)
        var resolver = SeriesResolver(table: table)
        let samples = resolver.resolve(buffer, at: 0)
        return Dictionary(
            zip(samples.keys.map { table.labels(of: $0).description }, samples.values)
        ) { first, _ in first }
    }

    /// The figures of one name, of whatever deployments.
    func deploymentFigures(_ name: String) -> [Double] {
        deploymentFigures().filter { $0.key.hasPrefix(name + "{") }.map(\.value)
    }

    /// The kinds of all events, oldest first.
    var eventKinds: [String] {
        fleet.events().events.map(\.kind)
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
    func infos(_ label: String, of name: String = "redstart_node_info") async -> [String: [String]] {
        var result: [String: [String]] = [:]
        for outcome in await fleet.latestOutcomes() {
            result[outcome.node.instance] = outcome.samples.keys.map { table.labels(of: $0) }
                .filter { $0.metricName == name }.compactMap { $0[label] ?? "" }
        }
        return result
    }

    /// Whether a series of this name, whatever its labels, has a value in the last poll of a node.
    func has(_ name: String, equal wanted: Double, of instance: String) async -> Bool {
        for outcome in await fleet.latestOutcomes() where outcome.node.instance == instance {
            for (key, value) in zip(outcome.samples.keys, outcome.samples.values)
            where value == wanted && table.labels(of: key).metricName == name {
                return true
            }
        }
        return false
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

import Logging
import Metrics
import NIOPosix
import RedisClient
import RedisFleet

/// All shards of one configuration, each with a fleet of its own, as in as many processes.
final class ShardedFleets: Sendable {
    private let fleets: [Fleet]
    private let keepers: [ShardKeeper]
    private let table: SeriesKeyTable
    private let running: Task<Void, Never>

    /// - Parameter targets: What is found from; plain addresses with what replicates with them.
    init(_ count: Int, replicas: Int = 1, plain: [String], targets: [String] = []) throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        let table = SeriesKeyTable(catalog: catalog)
        self.table = table
        let nodes = try plain.map { address in
            NodeConfiguration(connection: ConnectionOptions(address: try TargetAddress(address)))
        }
        let targets = try targets.map { TargetConfiguration(target: try FleetTarget($0, discover: true)) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let fleets = (0..<count).map { _ in
            Fleet(
                nodes: [],
                discoveryInterval: .seconds(2),
                isPart: true,
                table: table,
                families: families,
                eventLoops: MultiThreadedEventLoopGroup.singleton,
                logger: logger
            ) { _ in }
        }
        let keepers = try fleets.enumerated().map { index, fleet in
            ShardKeeper(
                try Shard(index: index, count: count, replicas: replicas),
                of: fleet,
                nodes: nodes,
                targets: targets,
                interval: .seconds(1),
                families: families,
                logger: logger
            )
        }
        (self.fleets, self.keepers) = (fleets, keepers)
        running = Task {
            await withTaskGroup(of: Void.self) { group in
                for fleet in fleets { group.addTask { try? await fleet.run() } }
                for keeper in keepers { group.addTask { try? await keeper.run() } }
            }
        }
    }

    deinit {
        running.cancel()
    }

    /// The instances that each shard watches.
    var instances: [Set<String>] {
        fleets.map { Set($0.nodes.map(\.instance)) }
    }

    /// The shards that watch each instance.
    var owners: [String: [Int]] {
        var owners: [String: [Int]] = [:]
        for (shard, instances) in instances.enumerated() {
            for instance in instances { owners[instance, default: []].append(shard) }
        }
        return owners
    }

    /// Whether a shard does not know yet what is its own.
    var awaitsNodes: Bool {
        fleets.contains(where: \.awaitsNodes)
    }

    /// The figures of a shard by the text of their series.
    func figures(of shard: Int) -> [String: Double] {
        var buffer = SampleBuffer()
        keepers[shard].appendSamples(to: &buffer)
        var resolver = SeriesResolver(table: table)
        let samples = resolver.resolve(buffer, at: 0)
        return Dictionary(
            zip(samples.keys.map { table.labels(of: $0).description }, samples.values)
        ) { first, _ in first }
    }
}

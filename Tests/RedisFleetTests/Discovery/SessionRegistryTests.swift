import Dispatch
import Metrics
import NIOCore
import NIOPosix
import RedisClient
import Synchronization
import Testing

@testable import RedisFleet

@Suite("The sessions of all nodes")
struct SessionRegistryTests {
    @Test("A node that comes back before its session has stopped was removed before", .timeLimit(.minutes(1)))
    func order() async throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        let log = Mutex([String]())
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let registry = SessionRegistry(
            surroundings: SessionSurroundings(
                table: SeriesKeyTable(catalog: catalog),
                families: families,
                eventLoops: loops,
                connector: RedisConnector(),
                connectGate: ConnectGate(limit: 1),
                tracer: nil,
                nodeAdded: { _ in log.withLock { $0.append("added") } },
                nodeRemoved: { _ in log.withLock { $0.append("removed") } },
                noteCheck: { _ in }
            )
        ) { _ in }
        let node = NodeConfiguration(connection: ConnectionOptions(address: try TargetAddress("127.0.0.1:1")))
        let (first, second) = (NodeWatcher(findsNodes: true) {}, NodeWatcher(findsNodes: true) {})
        let endpoint = registry.add(node, for: first).endpoint
        // The session stops on its event loop, which has something else to do.
        let isFree = DispatchSemaphore(value: 0)
        loops.next().execute { isFree.wait() }
        let removing = Task { await registry.remove(endpoint, for: first) }
        while registry.session(at: endpoint) != nil { await Task.yield() }
        _ = registry.add(node, for: second)
        isFree.signal()
        await removing.value
        #expect(log.withLock { $0 } == ["added", "removed", "added"])
        #expect(registry.session(at: endpoint) != nil)
        try await loops.shutdownGracefully()
    }
}

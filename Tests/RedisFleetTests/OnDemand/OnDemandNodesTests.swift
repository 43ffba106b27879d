import Logging
import Metrics
import NIOPosix
import RedisClient
import RedisFleet
import TestServers
import Testing

@Suite("Servers asked on demand")
struct OnDemandNodesTests {
    private func fleet(limit: Int) -> Fleet {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        return Fleet(
            nodes: [],
            onDemandLimit: limit,
            table: SeriesKeyTable(catalog: catalog),
            families: families,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            deliver: { _ in }
        )
    }

    private func node(_ port: Int) throws -> NodeConfiguration {
        NodeConfiguration(
            connection: ConnectionOptions(address: try TargetAddress("127.0.0.1:\(port)")),
            pollTimeout: .seconds(20)
        )
    }

    @Test("The connection is kept, and no more servers than the limit")
    func limit() async throws {
        let servers = [try await RedisServer.start(), try await RedisServer.start(), try await RedisServer.start()]
        let fleet = fleet(limit: 2)
        for server in servers + servers {
            let outcome = try await fleet.onDemand.scrape(
                try node(server.port), maxAge: .zero, deadline: .now + .seconds(20))
            #expect(outcome.failure == nil)
            #expect(await fleet.onDemand.count <= 2)
        }
        #expect(fleet.nodes.isEmpty)
    }

    @Test("Where all that are kept are being asked, one more is refused")
    func busy() async throws {
        let silent = try ScriptedServer(answers: [], then: .silence)
        let fleet = fleet(limit: 1)
        let hanging = Task { [node = try node(silent.port)] in
            try await fleet.onDemand.scrape(node, maxAge: .zero, deadline: .now + .seconds(5))
        }
        while await fleet.onDemand.count == 0 { await Task.yield() }
        let other = try node(try freePort())
        await #expect(throws: TooManyNodes.self) {
            try await fleet.onDemand.scrape(other, maxAge: .zero, deadline: .now + .seconds(1))
        }
        #expect(try await hanging.value.failure?.reason == .timeout)
    }
}

import TestServers
import Testing

@Suite("Discovery by a user who lacks rights", .timeLimit(.minutes(1)))
struct LackingRightsTests {
    @Test("What is refused is asked once, however often the deployment is looked at")
    func cluster() async throws {
        let server = try await RedisServer.start(["--cluster-enabled", "yes", "--cluster-port", "\(try freePort())"])
        try server.tell("ACL", "SETUSER", "poor", "on", ">pw", "+info", "+client|setname")
        let watched = try DiscoveredFleet("cluster://poor:pw@\(server.address)")
        func errors() async -> Double { await watched.value("redis_total_error_replies", of: server.address) ?? 0 }
        func polls() async -> Double { await watched.value("redstart_node_polls_total", of: server.address) ?? 0 }
        try await eventually("CLUSTER NODES is refused, too") {
            try server.tell("info", "commandstats").contains("cmdstat_cluster|nodes:calls=0")
        }
        let settled = await polls() + 2
        try await eventually("that is seen") { await polls() >= settled }
        let before = await errors()
        #expect(before > 0)
        // Longer than two looks.
        try await eventually("six more polls") { await polls() >= settled + 6 }
        #expect(await errors() == before)
    }
}

import RedisClient
import RedisFleet
import Testing

@Suite("Targets of a fleet")
struct FleetTargetTests {
    @Test("Sentinels with a master's name, without one, and with default ports")
    func sentinel() throws {
        let named = try FleetTarget("sentinel://a:26379,b:26380,[::1]/mymaster")
        #expect(named.kind == .sentinel(master: "mymaster"))
        #expect(named.addresses.map(\.endpoint.description) == ["a:26379", "b:26380", "[::1]:26379"])
        #expect(try FleetTarget("sentinel://a").kind == .sentinel(master: nil))
        #expect(try FleetTarget("SENTINEL://a,a:26379/").addresses.count == 1)
    }

    @Test("A cluster, a plain server, and a server whose replication is followed")
    func others() throws {
        #expect(try FleetTarget("cluster://a,b:7001").addresses.map(\.endpoint.description) == ["a:6379", "b:7001"])
        #expect(try FleetTarget("cluster://a", usesTLS: true).addresses.first?.scheme.usesTLS == true)
        #expect(try FleetTarget("rediss://a").kind == .node)
        #expect(try FleetTarget("a:6380", discover: true).kind == .replication)
        #expect(try FleetTarget("unix:///run/redis.sock").kind == .node)
    }

    @Test("Credentials are read, and never shown")
    func credentials() throws {
        let target = try FleetTarget("sentinel://watch:p%40ss@a,b/m")
        #expect(target.addresses.map(\.user) == ["watch", "watch"])
        #expect(target.addresses.map(\.password?.value) == ["p@ss", "p@ss"])
        #expect(target.description == "sentinel://a:26379,b:26379/m")
    }

    @Test(
        "What is wrong is told, and no password with it",
        arguments: [
            "sentinel://:hunter2@a:x/m", "sentinel://:hunter2@/m", "sentinel://:hunter2@a,,b/m",
            "sentinel://:hunter2@a/my master", "cluster://:hunter2@a/name", "cluster://:hunter2%zz@a", "cluster://",
            "redis://:hunter2@a:b",
        ])
    func wrong(_ text: String) {
        let error = #expect(throws: InvalidTarget.self) { try FleetTarget(text) }
        #expect(error?.message.contains("hunter2") == false)
        #expect(error?.message.isEmpty == false)
    }
}

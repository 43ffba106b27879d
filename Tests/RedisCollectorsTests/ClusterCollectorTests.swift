import Testing

@testable import RedisCollectors

@Suite struct ClusterCollectorTests {
    @Test("A cluster that has failed says so")
    func failedCluster() {
        let values = Scrape.full(FixtureServer(server: "valkey-8.1", role: "cluster-fail-master")).values
        #expect(values["redis_cluster_state"] == 0)
        #expect(values["redis_cluster_slots_fail"] == 5461)
    }

    @Test("A server that is no cluster node is not asked")
    func notAsked() {
        let scrape = Scrape.full(FixtureServer(server: "valkey-8.1", role: "standalone"))
        #expect(!scrape.commands.contains { $0[0] == "CLUSTER" })
    }
}

import Testing

@testable import RedisCollectors

@Suite struct SentinelCollectorTests {
    static let labels = #"{master_address="127.0.0.1:20063", master_name="m"}"#

    @Test("A Sentinel whose quorum is gone says so in its own words")
    func noQuorum() {
        let values = Scrape.full(FixtureServer(server: "redis-8.0", role: "sentinel-no-quorum")).values
        let quorum = values.filter { $0.key.hasPrefix("redis_sentinel_master_ckquorum_status") }
        #expect(quorum.values.map { $0 } == [0])
        #expect(quorum.keys.first?.contains("NOQUORUM 1 usable Sentinels") == true)
    }

    @Test("A master that is down is down in every series that says so")
    func masterDown() {
        let values = Scrape.full(FixtureServer(server: "redis-8.0", role: "sentinel-master-down")).values
        #expect(values["redis_sentinel_master_subjectively_down" + Self.labels] == 1)
        #expect(values["redis_sentinel_master_objectively_down" + Self.labels] == 1)
        #expect(values.contains { $0.key.contains(#"master_status="odown""#) && $0.value == 0 })
    }

    @Test("An error other than a missing quorum is a refusal, not a quorum of zero")
    func refusal() {
        let node = FixtureServer(server: "redis-8.0", role: "sentinel")
        var scrape = Scrape.full(node)
        scrape.poll { $0.contains("CKQUORUM") ? RESP.reply("-NOPERM no\r\n") : node.reply(to: $0) }
        #expect(!scrape.values.keys.contains { $0.hasPrefix("redis_sentinel_master_ckquorum_status") })
        #expect(scrape.outcomes["sentinel"]?.refusal == "NOPERM no")
    }

    @Test("The configuration of a Sentinel is exported without its passwords")
    func configuration() {
        var options = CollectorOptions()
        options.includeConfigMetrics = true
        options.includeSentinelPeerInfo = true
        let values = Scrape.full(FixtureServer(server: "redis-8.0", role: "sentinel"), options: options).values
        #expect(values.keys.contains { $0.hasPrefix("redis_sentinel_config_key_value") })
        #expect(!values.keys.contains { $0.contains("sentinel-pass") })
        #expect(values.keys.filter { $0.hasPrefix("redis_sentinel_peer_info") }.count == 2)
    }
}

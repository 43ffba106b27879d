import Testing

@testable import RedisCollectors

@Suite struct LatencyEventsCollectorTests {
    @Test("An event that cannot be read does not spoil those behind it, and further columns are no matter")
    func oddEvents() {
        let node = FixtureServer(server: "redis-8.0", role: "standalone")
        let reply = RESP.reply(
            "*3\r\n*2\r\n$4\r\nfork\r\n:1\r\n:5\r\n*6\r\n$3\r\naof\r\n:100\r\n:20\r\n:30\r\n:40\r\n:2\r\n"
        )
        var scrape = Scrape.full(node)
        scrape.poll { $0 == ["LATENCY", "LATEST"] ? reply : node.reply(to: $0) }
        #expect(scrape.outcomes["latency_latest"]?.skips[.malformed] == 2)
        #expect(scrape.values[#"redis_latency_spike_last{event_name="aof"}"#] == 100)
        #expect(scrape.values[#"redis_latency_spike_duration_seconds{event_name="aof"}"#] == 0.02)
        #expect(scrape.values[#"redis_latency_spike_maximum_seconds{event_name="aof"}"#] == 0.03)
    }
}

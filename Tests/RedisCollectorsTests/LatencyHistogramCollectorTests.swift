import Testing

@testable import RedisCollectors

@Suite struct LatencyHistogramCollectorTests {
    @Test("The bounds are those that servers send", arguments: ["redis-7.0", "redis-8.0", "valkey-8.1"])
    func boundsAreThoseOfServers(server: String) {
        let scrape = Scrape.full(FixtureServer(server: server, role: "standalone"))
        #expect(scrape.outcomes["latency_histogram"]?.skips.isEmpty == true)
        #expect(LatencyHistogramCollector.bounds.count == 21)
        #expect(LatencyHistogramCollector.bounds.last == 1_082_130)
    }

    @Test("A bucket that the server leaves out has the count of the one below")
    func bucketsAreFilled() {
        let values = Scrape.full(FixtureServer(server: "redis-8.0", role: "standalone")).values
        let buckets = [("1", 0.0), ("2", 2), ("4", 5), ("8", 10), ("528", 10), ("1056", 11), ("+Inf", 11)]
        for (bound, count) in buckets {
            #expect(values["redis_commands_latencies_usec_bucket{cmd=\"config|set\", le=\"\(bound)\"}"] == count)
        }
        #expect(values[#"redis_commands_latencies_usec_count{cmd="config|set"}"#] == 11)
    }

    @Test("The sum is right for every command that INFO has, whatever is in its name")
    func sumsAreRight() {
        let values = Scrape.full(FixtureServer(server: "valkey-8.1", role: "standalone")).values
        var compared = 0
        for (series, seconds) in values where series.hasPrefix("redis_commands_duration_seconds_total") {
            let labels = series.dropFirst("redis_commands_duration_seconds_total".count)
            let sum = "redis_commands_latencies_usec_sum" + labels
            guard let microseconds = values[sum] else { continue }
            #expect(microseconds / 1e6 == seconds, "\(series)")
            compared += 1
        }
        #expect(compared > 50)
    }

    @Test("A bound of a server that counts in another way is counted and does not spoil the others")
    func unknownBound() {
        var histogram = CommandHistogram(bounds: [1, 2, 4])
        let reply = RESP.reply(
            "*4\r\n$5\r\ncalls\r\n:9\r\n$14\r\nhistogram_usec\r\n*6\r\n:1\r\n:2\r\n:3\r\n:5\r\n:8\r\n:9\r\n"
        )
        #expect(reply.map { histogram.read($0) } == true)
        #expect(histogram.counts == [2, 2, 5])
        #expect(histogram.unknownBounds == 2)
        #expect(histogram.calls == 9)
    }
}

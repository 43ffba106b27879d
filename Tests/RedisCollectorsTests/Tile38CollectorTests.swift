import Testing

@testable import RedisCollectors

@Suite struct Tile38CollectorTests {
    @Test("Names with and without the prefix are the same")
    func prefix() {
        var options = CollectorOptions()
        options.isTile38 = true
        var scrape = Scrape(options: options)
        let info = RESP.bulk(Array("redis_version:1.33\r\n".utf8))
        let pairs = ["aof_size", "12", "tile38_num_points", "3", "read_only", "false", "id", "x"]
        let reply = RESP.reply(RESP.array(pairs))
        for _ in 0..<2 {
            scrape.poll { $0[0] == "INFO" ? info : $0 == ["SERVER", "EXT"] ? reply : nil }
        }
        #expect(scrape.values["redis_tile38_aof_size_bytes"] == 12)
        #expect(scrape.values["redis_tile38_num_points_total"] == 3)
        #expect(scrape.values["redis_tile38_read_only"] == 0)
        #expect(scrape.skipped == 0)
    }
}

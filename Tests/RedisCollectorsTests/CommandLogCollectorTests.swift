import Testing

@testable import RedisCollectors

@Suite struct CommandLogCollectorTests {
    @Test("Only a Valkey that has the logs is asked", arguments: GoldenScrapeTests.servers)
    func asked(server: String) {
        let scrape = Scrape.full(FixtureServer(server: server, role: "standalone"))
        #expect(scrape.commands.contains { $0[0] == "COMMANDLOG" } == (server == "valkey-8.1"))
    }

    @Test("Large requests are counted by command with their bytes")
    func largeRequests() {
        let node = FixtureServer(server: "valkey-8.1", role: "standalone")
        var scrape = Scrape(options: CollectorOptions())
        scrape.poll { node.reply(to: $0) }
        scrape.poll { $0[0] == "COMMANDLOG" && $0[1] == "GET" ? RESP.reply("*0\r\n") : node.reply(to: $0) }
        scrape.poll { node.reply(to: $0) }
        let entries = scrape.values.filter { $0.key.hasPrefix("redis_commandlog_entries_total") }
        #expect(entries.values.reduce(0, +) == 8)
        #expect(scrape.values["redis_commandlog_large_request_length"] == 4)
    }
}

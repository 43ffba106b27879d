import Testing

@testable import RedisCollectors

@Suite struct ClientListCollectorTests {
    static func values(_ list: String) -> [String: Double] {
        var options = CollectorOptions()
        options.exportClientList = true
        var scrape = Scrape(options: options)
        let node = FixtureServer(server: "redis-8.0", role: "empty")
        scrape.poll { node.reply(to: $0) }
        scrape.poll { $0[0] == "CLIENT" ? RESP.bulk(Array(list.utf8)) : node.reply(to: $0) }
        return scrape.values
    }

    @Test("A client whose name has an equals sign is there")
    func nameWithEquals() {
        let values = Self.values("id=7 addr=[::1]:5000 name=a=b age=10 idle=4 flags=N db=0 sub=1 omem=20\n")
        #expect(values[#"redis_connected_client_output_buffer_memory_usage_bytes{id="7", name="a=b"}"#] == 20)
        #expect(values[#"redis_connected_client_created_at_timestamp{id="7", name="a=b"}"#] == 1_795_229_095)
        #expect(values[#"redis_connected_client_idle_since_timestamp{id="7", name="a=b"}"#] == 1_795_229_101)
        #expect(values[#"redis_connected_client_info{db="0", flags="N", host="[::1]", id="7", name="a=b"}"#] == 1)
    }

    @Test("It is asked only on request")
    func offByDefault() {
        let node = FixtureServer(server: "redis-8.0", role: "standalone")
        #expect(!Scrape.full(node).commands.contains { $0[0] == "CLIENT" })
    }

    @Test("A line without an id is skipped")
    func lineWithoutID() {
        #expect(!Self.values("addr=1:2 name=x\n\nid=x\n").keys.contains { $0.hasPrefix("redis_connected_client_") })
    }
}

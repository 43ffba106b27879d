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

    static func groups(_ list: String) -> [String: Double] {
        var options = CollectorOptions()
        options.clientGroups = true
        var scrape = Scrape(options: options)
        let node = FixtureServer(server: "redis-8.0", role: "empty")
        scrape.poll { node.reply(to: $0) }
        scrape.poll { $0[0] == "CLIENT" ? RESP.bulk(Array(list.utf8)) : node.reply(to: $0) }
        return scrape.values.filter { $0.key.hasPrefix("redis_client_group") }
    }

    @Test("Clients of one name, library and host are one group, whatever their ports")
    func grouping() {
        let values = Self.groups(
            """
            id=7 addr=10.0.0.1:5000 name=web idle=4 tot-mem=100 lib-name=redis-py
            id=8 addr=10.0.0.1:5001 name=web idle=9 tot-mem=50 lib-name=redis-py
            id=9 addr=10.0.0.2:5001 name=web idle=1 tot-mem=7 lib-name=redis-py
            id=10 addr=[::1]:5001 idle=1 tot-mem=7
            no id here
            """
        )
        let first = #"host="10.0.0.1", library="redis-py", name="web""#
        #expect(values["redis_client_groups"] == 3)
        #expect(values["redis_client_group_clients{\(first)}"] == 2)
        #expect(values["redis_client_group_memory_bytes{\(first)}"] == 150)
        #expect(values["redis_client_group_longest_idle_seconds{\(first)}"] == 9)
        #expect(values[#"redis_client_group_clients{host="[::1]"}"#] == 1)
        #expect(values.count == 10)
    }

    @Test("Of many groups the largest by memory and by idle time are there, all others are one")
    func groupsAreBounded() {
        let list = (0..<5000).map { "id=\($0) addr=10.0.0.1:\($0) name=n\($0) idle=\(5000 - $0) tot-mem=\($0)\n" }
        let values = Self.groups(list.joined())
        #expect(values["redis_client_groups"] == 5000)
        #expect(values.count == 1 + 3 * 101)
        #expect(values[#"redis_client_group_memory_bytes{host="10.0.0.1", name="n4999"}"#] == 4999)
        #expect(values[#"redis_client_group_longest_idle_seconds{host="10.0.0.1", name="n0"}"#] == 5000)
        #expect(values[#"redis_client_group_clients{name="other"}"#] == 4900)
        let clients = values.filter { $0.key.hasPrefix("redis_client_group_clients") }.values
        #expect(clients.reduce(0, +) == 5000)
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

import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

@Suite("Checks of streams", .serialized, .timeLimit(.minutes(1)))
struct StreamCheckTests {
    private func server() async throws -> RedisServer {
        let server = try await RedisServer.start()
        var commands = (1...10).map { ["XADD", "orders", "1700000000\($0 + 100)-\($0)", "n", "\($0)"] }
        commands += [
            ["XGROUP", "CREATE", "orders", "billing", "0"], ["XGROUP", "CREATE", "orders", "quiet", "$"],
            ["XREADGROUP", "GROUP", "billing", "alice", "COUNT", "3", "STREAMS", "orders", ">"],
            ["XREADGROUP", "GROUP", "billing", "bob", "COUNT", "2", "STREAMS", "orders", ">"],
            ["XDEL", "orders", "1700000000105-5"], ["XADD", "old", "5-1", "a", "1"], ["XTRIM", "old", "MAXLEN", "0"],
            ["SET", "other", "1"],
        ]
        try await server.run(commands)
        return server
    }

    @Test("Streams, groups and consumers have their numbers; keys that are none make no error")
    func streams() async throws {
        let server = try await server()
        let errors = try await server.counter("total_error_replies:")
        let values = try await CheckedFleet.once(server) { options in
            options.streams = try KeySelector.list("o*")
            options.singleStreams = try KeySelector.list("orders,gone")
        }
        func stream(_ name: String, _ key: String = "orders") -> Double? {
            values["redis_stream_\(name){db=\"db0\", stream=\"\(key)\"}"]
        }
        func group(_ name: String, _ group: String) -> Double? {
            values["redis_stream_group_\(name){db=\"db0\", group=\"\(group)\", stream=\"orders\"}"]
        }
        func consumer(_ name: String, _ consumer: String) -> Double? {
            let labels = "consumer=\"\(consumer)\", db=\"db0\", group=\"billing\", stream=\"orders\""
            return values["redis_stream_group_consumer_\(name){\(labels)}"]
        }
        #expect(stream("length") == 9)
        #expect(stream("groups") == 2)
        #expect(stream("entries_added_total") == 10)
        #expect(stream("first_entry_id") == 1_700_000_000_101)
        #expect(stream("last_entry_id") == 1_700_000_000_110)
        #expect(stream("last_generated_id") == 1_700_000_000_110)
        #expect(stream("max_deleted_entry_id") == 1_700_000_000_105)
        #expect(stream("radix_tree_keys") == 1 && stream("radix_tree_nodes") == 2)
        #expect(stream("length", "old") == 0 && stream("first_entry_id", "old") == nil)
        #expect(group("consumers", "billing") == 2 && group("consumers", "quiet") == 0)
        #expect(group("messages_pending", "billing") == 5)
        #expect(group("last_delivered_id", "billing") == 1_700_000_000_105)
        #expect(group("entries_read", "billing") == 5)
        #expect(group("lag", "quiet") == 0)
        // With a deleted entry in what it has read the server does not know the lag: no number is better than zero.
        #expect(group("lag", "billing") == nil)
        #expect(consumer("messages_pending", "alice") == 3 && consumer("messages_pending", "bob") == 2)
        #expect((0..<60).contains(consumer("idle_seconds", "alice") ?? -1))
        #expect(!values.keys.contains { $0.contains("other") || $0.contains("gone") })
        #expect(values["redstart_check_failures_total{check=\"streams\"}"] == 0)
        #expect(try await server.counter("total_error_replies:") == errors)
    }

    @Test("Consumers are left out on request, groups and consumers beyond a limit are counted")
    func fewer() async throws {
        let server = try await server()
        let without = try await CheckedFleet.once(server) { options in
            options.singleStreams = try KeySelector.list("orders")
            options.excludesConsumers = true
        }
        #expect(!without.keys.contains { $0.contains("consumer=") })
        #expect(without["redis_stream_length{db=\"db0\", stream=\"orders\"}"] == 9)
        let limited = try await CheckedFleet.once(server) { options in
            options.singleStreams = try KeySelector.list("orders")
            options.limits.groupsPerStream = 1
            options.limits.consumersPerGroup = 1
        }
        #expect(limited.keys.count { $0.hasPrefix("redis_stream_group_consumers{") } == 1)
        #expect(limited.keys.count { $0.hasPrefix("redis_stream_group_consumer_idle_seconds{") } == 1)
        #expect(limited["redstart_series_dropped_total{reason=\"check_stream_groups\"}"] == 2)
    }
}

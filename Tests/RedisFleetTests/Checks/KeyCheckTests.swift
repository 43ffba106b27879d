import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

@Suite("Checks of keys and groups of keys", .serialized, .timeLimit(.minutes(6)))
struct KeyCheckTests {
    @Test("Keys have the size, the memory and the value that redis_exporter gives them")
    func keys() async throws {
        let server = try await RedisServer.start()
        try await server.run([
            ["SET", "num", "42"], ["SET", "exp", "1e3"], ["SET", "txt", "hello"], ["SET", "empty", ""],
            ["PFADD", "hll", "a", "b", "c"], ["RPUSH", "list", "1", "2", "3"], ["SADD", "set", "a"],
            ["ZADD", "zset", "1", "a", "2", "b"], ["HSET", "hash", "a", "1"], ["XADD", "stream", "*", "a", "1"],
            ["SET", "inf", "-inf"], ["SET", "huge", "1e999"], ["SET", "hex", "0x1p4"], ["SET", "hexInt", "0x10"],
            ["SET", "space", " 5"], ["SET", "user:1", "x"], ["SET", "user:2", "2"], ["SELECT", "3"],
            ["SET", "other", "7"],
        ])
        let errors = try await server.counter("total_error_replies:")
        let values = try await CheckedFleet.once(server) { options in
            options.keys = try KeySelector.list("user:*,nothing*,txt")
            options.singleKeys = try KeySelector.list(
                "num,exp,empty,hll,list,set,zset,hash,stream,inf,huge,hex,hexInt,space,missing,user:1,db3=other")
        }
        func size(_ key: String, database: String = "db0") -> Double? {
            values["redis_key_size{db=\"\(database)\", key=\"\(key)\"}"]
        }
        func number(_ key: String, database: String = "db0") -> Double? {
            values["redis_key_value{db=\"\(database)\", key=\"\(key)\"}"]
        }
        func text(_ key: String, _ value: String) -> Double? {
            values["redis_key_value_as_string{db=\"db0\", key=\"\(key)\", val=\"\(value)\"}"]
        }
        let sizes: [(String, Double)] = [
            ("num", 2), ("txt", 5), ("empty", 0), ("hll", 3), ("list", 3), ("set", 1), ("zset", 2), ("hash", 1),
            ("stream", 1), ("missing", 0), ("user:1", 1), ("user:2", 1),
        ]
        for (key, expected) in sizes {
            #expect(size(key) == expected, "\(key)")
        }
        #expect(size("other", database: "db3") == 1)
        #expect(number("other", database: "db3") == 7)
        #expect(number("num") == 42)
        #expect(number("exp") == 1000)
        #expect(number("inf") == -.infinity)
        #expect(number("hex") == 16)
        #expect(text("txt", "hello") == 1)
        #expect(text("huge", "1e999") == 1)
        #expect(text("hexInt", "0x10") == 1)
        #expect(text("space", " 5") == 1)
        #expect(values["redis_key_value_as_string{db=\"db0\", key=\"empty\"}"] == 1)
        #expect(number("hll") == nil && !values.keys.contains { $0.contains("HYLL") })
        #expect((values["redis_key_memory_usage_bytes{db=\"db0\", key=\"list\"}"] ?? 0) > 20)
        #expect(values["redis_key_memory_usage_bytes{db=\"db0\", key=\"missing\"}"] == nil)
        #expect(!values.keys.contains { $0.contains("nothing") })
        #expect(values["redstart_check_runs_total{check=\"keys\"}"] == 1)
        #expect(values["redstart_check_failures_total{check=\"keys\"}"] == 0)
        #expect((values["redstart_check_last_success_timestamp_seconds{check=\"keys\"}"] ?? 0) > 1_700_000_000)
        #expect(try await server.counter("total_error_replies:") == errors, "a check is no error for the server")
    }

    @Test("What goes beyond a limit is left out and counted")
    func limits() async throws {
        let server = try await RedisServer.start()
        try await server.fill("k", count: 50)
        try await server.run([
            ["SET", "long", String(repeating: "x", count: 200)], ["SET", String(repeating: "n", count: 200), "1"],
        ])
        let values = try await CheckedFleet.once(server) { options in
            options.keys = try KeySelector.list("k*,nn*")
            options.singleKeys = try KeySelector.list("long")
            options.keysBatchSize = 10
            options.limits.keysPerPattern = 20
            options.limits.nameBytes = 100
            options.limits.valueBytes = 100
        }
        #expect(values.keys.count { $0.hasPrefix("redis_key_size{db=\"db0\", key=\"k") } == 20)
        #expect((values["redstart_series_dropped_total{reason=\"check_keys\"}"] ?? 0) >= 1)
        #expect(values["redstart_series_dropped_total{reason=\"check_name_bytes\"}"] == 1)
        #expect(values["redstart_series_dropped_total{reason=\"check_value_bytes\"}"] == 1)
        #expect(values["redis_key_size{db=\"db0\", key=\"long\"}"] == 200)
        #expect(!values.keys.contains { $0.contains("xxx") })
    }

    @Test("Values stay where they are when they are not to be exported")
    func noValues() async throws {
        let server = try await RedisServer.start()
        try await server.run([["SET", "secret", "swordfish"], ["PFADD", "hll", "a", "b"]])
        let values = try await CheckedFleet.once(server) { options in
            options.singleKeys = try KeySelector.list("secret,hll")
            options.excludesKeyValues = true
        }
        #expect(values["redis_key_size{db=\"db0\", key=\"secret\"}"] == 9)
        #expect(values["redis_key_size{db=\"db0\", key=\"hll\"}"] == 2)
        #expect(!values.keys.contains { $0.hasPrefix("redis_key_value") })
    }

    @Test("Keys are counted by pattern, in every batch size")
    func counts() async throws {
        let server = try await RedisServer.start()
        try await server.fill("user:", count: 300)
        try await server.fill("other:", count: 40)
        for batchSize in [1, 7, 10_000] {
            let values = try await CheckedFleet.once(server) { options in
                options.countKeys = try KeySelector.list("*,user:*,db5=*,db0=nobody:*")
                options.keysBatchSize = batchSize
            }
            #expect(values["redis_keys_count{db=\"db0\", key=\"*\"}"] == 340)
            #expect(values["redis_keys_count{db=\"db0\", key=\"user:*\"}"] == 300)
            #expect(values["redis_keys_count{db=\"db0\", key=\"nobody:*\"}"] == 0)
            #expect(values["redis_keys_count{db=\"db5\", key=\"*\"}"] == 0)
        }
    }

    @Test("A database that does not exist is a failure of the check, and the others are there")
    func noSuchDatabase() async throws {
        let server = try await RedisServer.start(["--databases", "4"])
        try await server.run("SET a 1")
        let values = try await CheckedFleet.once(server) { options in
            options.countKeys = try KeySelector.list("db9=a*,a*")
        }
        #expect(values["redis_keys_count{db=\"db0\", key=\"a*\"}"] == 1)
        #expect(values["redis_keys_count{db=\"db9\", key=\"a*\"}"] == nil)
        #expect(values["redstart_check_failures_total{check=\"count_keys\"}"] == 1)
        #expect(values["redstart_check_last_success_timestamp_seconds{check=\"count_keys\"}"] == nil)
        #expect(values["redis_up"] == 1)
    }

    @Test("Groups of keys are named by captures, small ones beyond the limit go together")
    func groups() async throws {
        let server = try await RedisServer.start()
        try await server.run([
            ["SET", "user:1:a", "x"], ["SET", "user:2:a", "x"], ["SET", "user:2:b", "yy"], ["SET", "st", "1"],
            ["SET", "se", String(repeating: "x", count: 5000)], ["SET", "plain", String(repeating: "x", count: 9000)],
            ["SET", "bare:1", "1"], ["SELECT", "2"], ["SET", "k", "1"],
        ])
        let change: (inout CheckOptions) -> Void = { options in
            options.keyGroups = ["user:([0-9]+):(.*)", "^(s.)$", "^bare:"]
            options.maxDistinctKeyGroups = 2
            options.keysBatchSize = 12
        }
        let values = try await CheckedFleet.once(server, change)
        func count(_ group: String, database: String = "db0") -> Double? {
            values["redis_key_group_count{db=\"\(database)\", key_group=\"\(group)\"}"]
        }
        #expect(count("unclassified") == 1)
        #expect(count("se") == 1)
        #expect(count("overflow") == 5)
        #expect(count("unclassified", database: "db2") == 1)
        #expect(values.keys.count { $0.hasPrefix("redis_key_group_count{db=\"db0\"") } == 3)
        #expect((values["redis_key_group_memory_usage_bytes{db=\"db0\", key_group=\"unclassified\"}"] ?? 0) > 9000)
        #expect(values["redis_number_of_distinct_key_groups{db=\"db0\"}"] == 7)
        #expect(values["redis_number_of_distinct_key_groups{db=\"db2\"}"] == 1)
        #expect(values["redis_number_of_distinct_key_groups{db=\"db15\"}"] == 0)
        #expect(values["redis_last_key_groups_scrape_duration_milliseconds"] != nil)
        #expect(values["redstart_series_dropped_total{reason=\"check_key_groups\"}"] == 5)
    }

    @Test("A pattern that Lua cannot read is a failure of the check")
    func brokenGroup() async throws {
        let server = try await RedisServer.start()
        try await server.run("SET a 1")
        let values = try await CheckedFleet.once(server) { $0.keyGroups = ["(a"] }
        #expect(values["redstart_check_failures_total{check=\"key_groups\"}"] == 1)
        #expect(values["redis_up"] == 1)
    }

    @Test("Scripts give numbers by name; one that fails spoils neither the scrape nor the others")
    func scripts() async throws {
        let server = try await RedisServer.start()
        let values = try await CheckedFleet.once(server) { options in
            options.scripts = [
                CheckScript(filename: "good.lua", source: "return {'a', '1', 'b', '2.5', 'c', 3}"),
                CheckScript(filename: "empty.lua", source: "return {}"),
                CheckScript(filename: "text.lua", source: "return {'a', 'x'}"),
                CheckScript(filename: "broken.lua", source: "return nonsense("),
                CheckScript(filename: "odd.lua", source: "return {'a', 1, 'b'}"),
            ]
        }
        #expect(values["redis_script_values{filename=\"good.lua\", key=\"a\"}"] == 1)
        #expect(values["redis_script_values{filename=\"good.lua\", key=\"b\"}"] == 2.5)
        #expect(values["redis_script_values{filename=\"good.lua\", key=\"c\"}"] == 3)
        #expect(values.keys.count { $0.hasPrefix("redis_script_values") } == 3)
        let results = ["good": 1.0, "empty": 2, "text": 0, "broken": 0, "odd": 0]
        for (name, result) in results {
            #expect(values["redis_script_result{filename=\"\(name).lua\"}"] == result, "\(name)")
        }
        #expect(values["redis_up"] == 1)
        #expect(values["redstart_check_failures_total{check=\"scripts\"}"] == 1)
    }

    @Test("A script that may only read cannot write")
    func readOnlyScripts() async throws {
        let server = try await RedisServer.start()
        let script = CheckScript(filename: "w.lua", source: "redis.call('SET', 'a', 1) return {'a', 1}")
        let refused = try await CheckedFleet.once(server) { options in
            options.scripts = [script]
            options.runsScriptsReadOnly = true
        }
        #expect(refused["redis_script_result{filename=\"w.lua\"}"] == 0)
        let run = try await CheckedFleet.once(server) { $0.scripts = [script] }
        #expect(run["redis_script_result{filename=\"w.lua\"}"] == 1)
    }

    @Test("The size of the RDB file is that on this machine, zero where there is none")
    func rdbFile() async throws {
        let server = try await RedisServer.start()
        let before = try await CheckedFleet.once(server) { $0.includesRDBFileSize = true }
        #expect(before["redis_rdb_current_size_bytes"] == 0)
        try await server.run("SAVE")
        let after = try await CheckedFleet.once(server) { $0.includesRDBFileSize = true }
        #expect((after["redis_rdb_current_size_bytes"] ?? 0) > 50)
    }

    @Test("Without checks there is neither a second connection nor a series but the one that was always there")
    func nothingToCheck() async throws {
        let server = try await RedisServer.start()
        let values = try await CheckedFleet.once(server) { _ in }
        #expect(values["redis_connected_clients"] == 1)
        #expect(values["redis_last_key_groups_scrape_duration_milliseconds"] == 0)
        #expect(!values.keys.contains { $0.hasPrefix("redstart_check") })
    }
}

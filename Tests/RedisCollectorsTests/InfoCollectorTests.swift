import Metrics
import Testing

@testable import RedisCollectors

@Suite struct InfoCollectorTests {
    static func scrape(_ info: String, options: CollectorOptions = CollectorOptions()) -> Scrape {
        var scrape = Scrape(options: options)
        scrape.poll { $0[0] == "INFO" ? RESP.bulk(Array(info.utf8)) : nil }
        return scrape
    }

    @Test("The facts of a master are those of its INFO")
    func factsOfMaster() {
        let facts = Scrape.full(FixtureServer(server: "redis-8.0", role: "master-two-replicas")).state.facts
        #expect(facts.role == .master)
        #expect(facts.product == .redis)
        #expect(facts.version == "8.0.6")
        #expect(facts.versionNumber == 800)
        #expect(facts.mode == "standalone")
        #expect(facts.runID == "3e6955b2cc2341a5d690127e837a30fa5e6bd664")
        #expect(facts.masterReplicationID == "a354384f7924695dc015c6e2d2f08999ee46f513")
        #expect(facts.replicationOffset == 86930)
        #expect(facts.maxClients == 10000)
        #expect(!facts.isClusterEnabled && !facts.isLoading && facts.masterLink == nil)
        #expect(facts.replicas.map(\.port) == [20011, 20012])
        #expect(facts.replicas.allSatisfy { $0.ip == "127.0.0.1" && $0.state == "online" && $0.lagSeconds == 0 })
    }

    @Test("The facts of a replica name its master and the state of the link")
    func factsOfReplica() {
        let well = Scrape.full(FixtureServer(server: "valkey-8.1", role: "replica")).state.facts
        #expect(well.role == .replica)
        #expect(well.product == .valkey)
        #expect(well.versionNumber == 801)
        #expect(well.masterLink == ServerFacts.MasterLink(host: "127.0.0.1", port: 20010, isUp: true))
        let broken = Scrape.full(FixtureServer(server: "redis-8.0", role: "replica-broken")).state.facts
        #expect(broken.masterLink == ServerFacts.MasterLink(host: "127.0.0.1", port: 20099, isUp: false))
    }

    @Test("The facts of a Sentinel list its masters")
    func factsOfSentinel() {
        let facts = Scrape.full(FixtureServer(server: "redis-8.0", role: "sentinel")).state.facts
        #expect(facts.isSentinel)
        #expect(facts.sentinelMasters.map(\.name) == ["m"])
        #expect(facts.sentinelMasters.map(\.address) == ["127.0.0.1:20063"])
        #expect(facts.sentinelMasters.map(\.replicas) == [2])
    }

    @Test("Replicas that went away are no longer facts")
    func replicasLeave() {
        var scrape = Scrape.full(FixtureServer(server: "redis-8.0", role: "master-two-replicas"))
        let alone = FixtureServer(server: "redis-8.0", role: "standalone")
        scrape.poll { alone.reply(to: $0) }
        #expect(scrape.state.facts.replicas.isEmpty)
        #expect(!scrape.values.keys.contains { $0.hasPrefix("redis_connected_slave_") })
    }

    @Test("Keyspace fields are read by name: a fourth field is not cached keys")
    func keyspaceByName() {
        let values = Self.scrape(
            "role:master\r\ndb0:avg_ttl=1500,expires=2,subexpiry=3,keys=9,new_field=8\r\n"
                + "db1:keys=4,expires=0,avg_ttl=0,cached_keys=6\r\n"
                + "db2:keys=5,expires=0,avg_ttl=0,keys_with_volatile_items=7\r\n"
        ).values
        #expect(values[#"redis_db_keys{db="db0"}"#] == 9)
        #expect(values[#"redis_db_keys_expiring{db="db0"}"#] == 2)
        #expect(values[#"redis_db_avg_ttl_seconds{db="db0"}"#] == 1.5)
        #expect(values[#"redis_db_keys_with_expiring_fields{db="db0"}"#] == 3)
        #expect(values[#"redis_db_keys_cached{db="db0"}"#] == nil)
        #expect(values[#"redis_db_keys_cached{db="db1"}"#] == 6)
        #expect(values[#"redis_db_keys_with_expiring_fields{db="db2"}"#] == 7)
        #expect(values[#"redis_db_keys{db="db15"}"#] == 0)
        #expect(values[#"redis_db_keys{db="db16"}"#] == nil)
    }

    @Test("A server that says server_mode has it as redis_mode")
    func modeOfValkey() {
        let values = Self.scrape("server_mode:cluster\r\nrole:master\r\nvalkey_version:9.1.2\r\n").values
        let info = values.keys.first { $0.hasPrefix("redis_instance_info") } ?? ""
        #expect(info.contains(#"redis_mode="cluster""#))
        #expect(info.contains(#"valkey_version="9.1.2""#))
    }

    @Test("Each of KeyDB's masters has a link of its own")
    func keyDBMasters() {
        let values = Self.scrape(
            "role:slave\r\nmaster_host:a\r\nmaster_port:1\r\nmaster_link_status:up\r\nmaster_1_host:b\r\n"
                + "master_1_port:2\r\nmaster_1_link_status:down\r\nmaster_1_last_io_seconds_ago:5\r\n"
        ).values
        #expect(values[#"redis_master_link_up{master_host="a", master_port="1"}"#] == 1)
        #expect(values[#"redis_master_link_up{master_host="b", master_port="2"}"#] == 0)
        #expect(values[#"redis_master_last_io_seconds_ago{master_host="b", master_port="2"}"#] == 5)
    }

    @Test("The lag of a replica in bytes is what it has not acknowledged, and never negative")
    func lagInBytes() {
        let values = Self.scrape(
            "role:master\r\nslave0:ip=a,port=1,state=online,offset=90,lag=1\r\n"
                + "slave1:ip=b,port=2,state=online,offset=110\r\nmaster_repl_offset:100\r\n"
        ).values
        let first = #"{slave_ip="a", slave_port="1", slave_state="online"}"#
        let second = #"{slave_ip="b", slave_port="2", slave_state="online"}"#
        #expect(values["redis_connected_slave_lag_bytes" + first] == 10)
        #expect(values["redis_connected_slave_lag_bytes" + second] == 0)
        #expect(values["redis_connected_slave_lag_seconds" + first] == 1)
        #expect(values["redis_connected_slave_lag_seconds" + second] == nil)
    }

    @Test("The start of a server does not move with the rounding of its uptime")
    func startTimeIsSteady() {
        var start = StartTime()
        #expect(start.settle(nowMilliseconds: 1_000_000_900, uptimeSeconds: 100) == 999_900)
        #expect(start.settle(nowMilliseconds: 1_000_001_100, uptimeSeconds: 100) == 999_900)
        #expect(start.settle(nowMilliseconds: 1_000_100_000, uptimeSeconds: 3) == 1_000_097)
    }

    @Test("Units are converted to those of the names")
    func unitsAreConverted() {
        let values = Self.scrape(
            "role:master\r\nlatest_fork_usec:1429\r\ninstantaneous_input_kbps:1.5\r\ncurrent_fork_perc:12.5\r\n"
        ).values
        #expect(values["redis_latest_fork_seconds"] == 0.001429)
        #expect(values["redis_instantaneous_input_bytes_per_second"] == 1536)
        #expect(values["redis_current_fork_progress_ratio"] == 0.125)
    }

    @Test("A field from the future is exported only when asked for, and is listed")
    func unknownFields() {
        let info = "role:master\r\nmade_up_in_2030:42\r\nmade_up_text:abc\r\n"
        #expect(!Self.scrape(info).values.keys.contains { $0.contains("2030") })
        var options = CollectorOptions()
        options.includeUnknownInfo = true
        let scrape = Self.scrape(info, options: options)
        #expect(scrape.values[#"redis_info_unknown_field{field="made_up_in_2030"}"#] == 42)
        #expect(scrape.state.unknownFields == ["made_up_in_2030", "made_up_text"])
    }

    @Test("Percentiles have their inherited labels, and quantiles those of the formats")
    func quantiles() {
        let values = Self.scrape(
            "role:master\r\ncmdstat_my-cmd_x.y:calls=2,usec=500,usec_per_call=250.00,rejected_calls=1,failed_calls=0\r\n"
                + "latency_percentiles_usec_my-cmd_x.y:p50=100,p99.9=400,p99.99=401,p100=402\r\n"
        ).values
        #expect(values[#"redis_latency_percentiles_usec{cmd="my-cmd_x.y", quantile="99.9"}"#] == 400)
        #expect(values[#"redis_latency_percentiles_usec_sum{cmd="my-cmd_x.y"}"#] == 500)
        #expect(values[#"redis_latency_percentiles_usec_count{cmd="my-cmd_x.y"}"#] == 2)
        #expect(values[#"redis_command_latency_seconds{cmd="my-cmd_x.y", quantile="0.999"}"#] == 0.0004)
        #expect(values[#"redis_command_latency_seconds{cmd="my-cmd_x.y", quantile="0.9999"}"#] == 0.000401)
        #expect(values[#"redis_command_latency_seconds{cmd="my-cmd_x.y", quantile="1"}"#] == 0.000402)
        #expect(values[#"redis_commands_rejected_calls_total{cmd="my-cmd_x.y"}"#] == 1)
    }

    @Test("Each line has its own percentiles, whatever the lines before had")
    func percentilesByLine() {
        let lines = [
            "a:p50=1,p99=2,p99.9=3", "b:p50=4,p99=5,p99.9=6", "c:p50=7", "d:p99=8,p50=9", "e:p50=10,px=11,p99=12", "f:",
        ]
        let values = Self.scrape(
            "redis_version:7.0.0\r\nrun_id:a\r\n" + lines.map { "latency_percentiles_usec_\($0)\r\n" }.joined()
        ).values
        let told = [
            "a": ["50": 1, "99": 2, "99.9": 3], "b": ["50": 4, "99": 5, "99.9": 6], "c": ["50": 7],
            "d": ["99": 8, "50": 9], "e": ["50": 10, "99": 12],
        ]
        var count = 0
        for (command, percentiles) in told {
            for (percentile, value) in percentiles {
                let quantile = ["50": "0.5", "99": "0.99", "99.9": "0.999"][percentile] ?? ""
                let labels = #"cmd="\#(command)", quantile="#
                #expect(values[#"redis_latency_percentiles_usec{\#(labels)"\#(percentile)"}"#] == Double(value))
                #expect(values[#"redis_command_latency_seconds{\#(labels)"\#(quantile)"}"#] == Double(value) / 1e6)
                count += 2
            }
        }
        #expect(values.keys.filter { $0.contains("quantile=") }.count == count)
    }

    @Test("Before the first INFO nothing else is asked, and a Sentinel is never asked what it does not know")
    func onlyInfoAtFirst() {
        var scrape = Scrape()
        let node = FixtureServer(server: "redis-8.0", role: "sentinel")
        scrape.poll { _ in nil }
        #expect(scrape.commands == [["INFO", "ALL"]])
        scrape.poll { node.reply(to: $0) }
        scrape.poll { node.reply(to: $0) }
        #expect(scrape.commands.allSatisfy { $0[0] == "INFO" || $0[0] == "SENTINEL" })
    }
}

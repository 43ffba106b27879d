import Metrics
import RedisClient
import Testing

@testable import RedisCollectors

/// No input traps, and what is skipped is counted.
@Suite struct RobustnessTests {
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    static var everything: CollectorOptions {
        var options = CollectorOptions()
        options.includeModulesMetrics = true
        options.includeUnknownInfo = true
        options.includeConfigMetrics = true
        options.exportClientList = true
        options.slowLogArguments = true
        options.isTile38 = true
        return options
    }

    @Test("Each line of an INFO cut off after any byte is read or counted", arguments: GoldenScrapeTests.servers)
    func linesCutAnywhere(server: String) throws {
        let body = try FixtureServer(server: server, role: "standalone").body("INFO_all")
        var catalog = MetricCatalog()
        let collector = InfoCollector(catalog: &catalog)
        let context = CollectorContext(options: Self.everything, nowMilliseconds: Scrape.now)
        var state = CollectorState()
        var buffer = SampleBuffer()
        for line in body.split(separator: UInt8(ascii: "\n")) {
            for length in 1...line.count {
                buffer.removeAll()
                let cut = Array(line.prefix(length))
                let skips = collector.collect(cut.span, context, &state, into: &buffer)
                #expect(skips.total <= 2)
            }
        }
    }

    @Test("An INFO cut off anywhere loses no more than the line that was cut", arguments: GoldenScrapeTests.servers)
    func infoCutAnywhere(server: String) throws {
        let body = try FixtureServer(server: server, role: "standalone").body("INFO_all")
        var catalog = MetricCatalog()
        let collector = InfoCollector(catalog: &catalog)
        let context = CollectorContext(options: Self.everything, nowMilliseconds: Scrape.now)
        var state = CollectorState()
        var buffer = SampleBuffer()
        for length in stride(from: 0, through: body.count, by: 41) {
            buffer.removeAll()
            let skips = collector.collect(body.span.extracting(0..<length), context, &state, into: &buffer)
            let lines = body.prefix(length).split(separator: UInt8(ascii: "\n")).count
            #expect(skips.total <= 2)
            #expect(buffer.count >= lines / 2)
        }
    }

    @Test("A captured reply cut off anywhere, sent as a reply of its kind, is no trap")
    func repliesCutAnywhere() throws {
        let node = FixtureServer(server: "valkey-8.1", role: "standalone")
        let files = [("CLIENT_LIST", "CLIENT"), ("CONFIG_GET_all", "CONFIG"), ("LATENCY_LATEST", "LATENCY")]
        for (file, command) in files {
            let bytes = try #require(node.bytes(file))
            var scrape = Scrape(options: Self.everything)
            scrape.poll { node.reply(to: $0) }
            for length in stride(from: 0, to: bytes.count, by: 101) {
                let cut = Array(bytes[0..<length])
                scrape.context.nowMilliseconds += 300_000
                scrape.poll { $0[0] == command ? RESP.bulk(cut) : $0[0] == "INFO" ? node.reply(to: $0) : nil }
                #expect(scrape.samples.keys.count > 100)
            }
        }
    }

    @Test("Random bytes for an answer to every command are no trap", arguments: 0..<40)
    func randomBytes(seed: Int) {
        var random = Random(state: UInt64(seed) &* 977 &+ 13)
        let letters = "0123456789:=,|.-\r\n# abcdb0slave0master_1_cmdstat_latency_percentiles_usec_pKMeE+\u{0}"
        let alphabet = Array(letters.utf8)
        for options in [CollectorOptions(), Self.everything] {
            var scrape = Scrape(options: options)
            let node = FixtureServer(server: "valkey-8.1", role: seed.isMultiple(of: 2) ? "standalone" : "sentinel")
            scrape.poll { node.reply(to: $0) }
            for _ in 0..<20 {
                scrape.poll { _ in
                    let length = Int.random(in: 0..<600, using: &random)
                    let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
                    switch Int.random(in: 0..<6, using: &random) {
                    case 0: return RESP.reply(":\(Int64.random(in: .min ... .max, using: &random))\r\n")
                    case 1: return RESP.reply("*2\r\n*4\r\n:9\r\n:9223372036854775807\r\n:-1\r\n*1\r\n$-1\r\n*-1\r\n")
                    case 2: return RESP.reply("-ERR no such thing\r\n")
                    case 3: return RESP.reply(RESP.array((0..<9).map { "\($0)" }))
                    case 4: return RESP.reply("$-1\r\n")
                    default: return RESP.bulk(bytes)
                    }
                }
                #expect(!scrape.values.values.contains { !$0.isFinite })
            }
        }
    }

    static let hostileLines: [(line: String, reason: SkipReason)] = [
        ("connected_clients:", .notANumber),
        ("connected_clients:many", .notANumber),
        ("connected_clients:nan", .notANumber),
        ("connected_clients:inf", .notANumber),
        ("connected_clients:0x10", .notANumber),
        ("connected_clients:1 ", .notANumber),
        ("connected_clients:1e999", .notANumber),
        ("connected_clients:--1", .notANumber),
        ("connected_clients", .malformed),
        (":1", .malformed),
        ("\u{0}", .malformed),
        ("db0:keys=x,expires=1", .notANumber),
        ("db0:keys", .malformed),
        ("cmdstat_get:calls=1", .malformed),
        ("cmdstat_get:calls=a,usec=1", .notANumber),
        ("cmdstat_:calls=1,usec=1", .malformed),
        ("errorstat_ERR:total=1", .malformed),
        ("errorstat_ERR:count=", .notANumber),
        ("latency_percentiles_usec_get:p50=x", .notANumber),
        ("latency_percentiles_usec_get:q50=1", .malformed),
        ("latency_percentiles_usec_get:p101=1", .notANumber),
        ("slave0:127.0.0.1,6380,online", .malformed),
        ("slave0:ip=1,port=2,state=online,offset=99999999999999999999,lag=1", .malformed),
        ("master0:name=m,status=ok", .malformed),
        ("io_thread_x:clients=1", .malformed),
        ("io_thread_0:clients=x", .notANumber),
        ("used_active_time_io_thread_1:x", .notANumber),
        ("db0_distrib_lists_items:9Z=1", .notANumber),
    ]

    @Test("A line that cannot be read is skipped, counted by reason, and spoils no other", arguments: hostileLines)
    func hostileLine(line: String, reason: SkipReason) throws {
        var scrape = Scrape()
        let text = "# Server\r\nredis_version:8.0.6\r\nrole:master\r\n\(line)\r\nblocked_clients:7\r\n"
        scrape.poll { $0[0] == "INFO" ? RESP.bulk(Array(text.utf8)) : nil }
        let outcome = try #require(scrape.outcomes["info"])
        #expect(outcome.skips[reason] == 1)
        #expect(outcome.skips.total == 1)
        #expect(scrape.values["redis_blocked_clients"] == 7)
        #expect(scrape.values["redis_connected_clients"] == nil)
    }

    @Test("Numbers at the edges of 64 bits are no trap", arguments: ["9223372036854775807", "-9223372036854775808"])
    func edges(number: String) {
        let text =
            "role:master\r\nuptime_in_seconds:\(number)\r\nmaster_repl_offset:\(number)\r\nmaxclients:\(number)\r\n"
            + "slave0:ip=a,port=\(number),state=online,offset=\(number),lag=\(number)\r\n"
            + "master0:name=m,status=ok,address=a:1,slaves=\(number),sentinels=\(number)\r\n"
            + "db\(number):keys=\(number)\r\nmaster_\(number)_host:a\r\nio_thread_\(number):clients=\(number)\r\n"
        var scrape = Scrape(options: Self.everything)
        for now in [Scrape.now, 0, .min, .max] {
            scrape.context.nowMilliseconds = now
            scrape.poll { $0[0] == "INFO" ? RESP.bulk(Array(text.utf8)) : RESP.reply(":\(number)\r\n") }
            #expect(scrape.state.facts.replicationOffset == Int64(number))
        }
    }

    @Test("Error names beyond the limit are counted, not exported")
    func errorNamesAreBounded() throws {
        var scrape = Scrape()
        let lines = (0..<1000).map { "errorstat_MADE_UP_\($0):count=1\r\n" }.joined()
        scrape.poll { $0[0] == "INFO" ? RESP.bulk(Array("role:master\r\n\(lines)".utf8)) : nil }
        #expect(scrape.values.keys.filter { $0.hasPrefix("redis_errors_total") }.count == 256)
        #expect(scrape.outcomes["info"]?.skips[.overLimit] == 744)
    }

    @Test("Label values keep any byte that a server sends")
    func labelsKeepBytes() {
        var scrape = Scrape()
        let text = "role:master\r\nerrorstat_A\"B\\C{}\u{7}é:count=3\r\n"
        scrape.poll { $0[0] == "INFO" ? RESP.bulk(Array(text.utf8)) : nil }
        #expect(scrape.text.contains(#"redis_errors_total{err="A\"B\\C{}"# + "\u{7}é\"} 3"))
    }

    @Test("An error reply is a refusal and leaves the facts alone", arguments: ["NOPERM no", "LOADING wait", "ERR x"])
    func refusal(text: String) {
        let node = FixtureServer(server: "redis-8.0", role: "standalone")
        var scrape = Scrape.full(node)
        let facts = scrape.state.facts
        scrape.poll { _ in RESP.reply("-\(text)\r\n") }
        #expect(scrape.outcomes["info"]?.refusal == text)
        #expect(scrape.outcomes["slowlog"]?.refusal == text)
        #expect(scrape.state.facts == facts)
        #expect(scrape.skipped == 0)
    }
}

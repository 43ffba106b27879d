import RedisClient
import Testing

@testable import RedisCollectors

@Suite struct LatencyHistogramCollectorTests {
    @Test("The bounds are those that servers send", arguments: ["redis-7.0", "redis-8.0", "valkey-8.1"])
    func boundsAreThoseOfServers(server: String) {
        let scrape = Scrape.full(FixtureServer(server: server, role: "standalone"))
        #expect(scrape.outcomes["latency_histogram"]?.skips.isEmpty == true)
        #expect(CommandHistogram.bounds.count == 21)
        #expect(CommandHistogram.bounds.last == 1_082_130)
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
        var histogram = CommandHistogram()
        let reply = RESP.reply(
            "*4\r\n$5\r\ncalls\r\n:9\r\n$14\r\nhistogram_usec\r\n*6\r\n:1\r\n:2\r\n:3\r\n:5\r\n:8\r\n:9\r\n"
        )
        #expect(reply.map { histogram.read($0) } == true)
        #expect(histogram.counts.prefix(5) == [2, 2, 5, 9, 9])
        #expect(histogram.unknownBounds == 1)
        #expect(histogram.calls == 9)
    }

    @Test("A list of buckets that is not all numbers is no histogram", arguments: ["$1\r\nx\r\n", "$-1\r\n", "*0\r\n"])
    func notNumbers(element: String) {
        for list in ["*1\r\n\(element)", "*3\r\n:1\r\n:2\r\n\(element)", "*4\r\n:1\r\n:2\r\n:3\r\n\(element)"] {
            var histogram = CommandHistogram()
            let reply = RESP.reply("*4\r\n$5\r\ncalls\r\n:9\r\n$14\r\nhistogram_usec\r\n\(list)")
            #expect(reply.map { histogram.read($0) } == false)
        }
    }

    @Test("Only commands that move are asked for, and what is told is the same")
    func onlyWhatMoves() {
        var server = CountingServer(commands: ["get": 5, "set": 7, "info": 1])
        var scrape = Scrape()
        scrape.poll { server.reply(to: $0) }
        #expect(scrape.histogramQuestions.isEmpty)
        for _ in 0..<6 { server.poll(with: &scrape) }
        #expect(scrape.histogramQuestions == [["info"]])
        #expect(scrape.histogramCalls == server.calls)
        server.call("get", times: 3)
        server.poll(with: &scrape)
        #expect(scrape.histogramQuestions == [["info"], ["get"]])
        #expect(scrape.histogramCalls == server.calls)
        server.call("get")
        server.poll(with: &scrape)
        #expect(scrape.histogramQuestions == [["get", "info"]], "a second question is for what is new only")
        #expect(scrape.histogramCalls == server.calls)
    }

    @Test("A command that is called for the first time is there at once")
    func newCommand() {
        var server = CountingServer(commands: ["get": 5, "info": 1])
        var scrape = Scrape()
        for _ in 0..<7 { server.poll(with: &scrape) }
        server.call("lpush", times: 2)
        server.poll(with: &scrape)
        #expect(scrape.histogramQuestions == [["info"], ["lpush"]])
        #expect(scrape.histogramCalls == server.calls)
    }

    @Test("After a reset, a restart, and when the server has stopped measuring, nothing old is told")
    func resets() {
        var server = CountingServer(commands: ["get": 5, "set": 7, "info": 1])
        var scrape = Scrape()
        for _ in 0..<7 { server.poll(with: &scrape) }
        server.resetStatistics()
        server.poll(with: &scrape)
        #expect(scrape.histogramCalls == server.calls)
        server.call("set")
        for _ in 0..<7 { server.poll(with: &scrape) }
        #expect(scrape.histogramCalls == server.calls)
        server.isMeasuring = false
        server.poll(with: &scrape)
        #expect(scrape.histogramCalls.isEmpty)
        server.isMeasuring = true
        server.call("set")
        server.poll(with: &scrape)
        #expect(scrape.histogramCalls["set"] == server.calls["set"])
        server.restart()
        server.call("get")
        server.poll(with: &scrape)
        #expect(scrape.histogramQuestions.last == [])
        #expect(scrape.histogramCalls == server.calls)
    }

    @Test("All are asked for every five minutes, and after a refusal")
    func asksAllAgain() {
        var server = CountingServer(commands: ["get": 5, "info": 1])
        var scrape = Scrape()
        for _ in 0..<7 { server.poll(with: &scrape) }
        scrape.context.nowMilliseconds += 300_000
        server.poll(with: &scrape)
        #expect(scrape.histogramQuestions == [[]])
        for _ in 0..<7 { server.poll(with: &scrape) }
        let refusal = RESP.reply("-NOPERM this user has no permissions\r\n")
        scrape.poll { $0[0] == "LATENCY" ? refusal : server.reply(to: $0) }
        #expect(scrape.outcomes["latency_histogram"]?.refusal != nil)
        #expect(scrape.histogramCalls.isEmpty)
        server.poll(with: &scrape)
        #expect(scrape.histogramQuestions == [[]])
        #expect(scrape.histogramCalls == server.calls)
    }

    @Test("Whatever the server does between polls, all that is told is what a full answer would say")
    func sameAsFull() {
        var random = RobustnessTests.Random(state: 7)
        let names = (0..<12).map { "command\($0)" }
        var server = CountingServer(commands: ["info": 1])
        var scrape = Scrape()
        server.poll(with: &scrape)
        for _ in 0..<400 {
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                server.call(names[Int.random(in: 0..<names.count, using: &random)])
            }
            if Int.random(in: 0..<40, using: &random) == 0 { server.resetStatistics() }
            if Int.random(in: 0..<60, using: &random) == 0 { server.restart() }
            server.poll(with: &scrape)
            #expect(scrape.histogramValues == server.histogramValues)
            #expect(scrape.outcomes["latency_histogram"]?.skips.isEmpty == true)
        }
    }

    @Test("With more commands than are remembered, those of before are not told for those of now")
    func fullTable() {
        let limit = InfoCommandstatsSection.limit
        var server = CountingServer(commands: ["info": 1])
        for number in 0..<(limit - 1) { server.call("command\(number)") }
        var scrape = Scrape()
        server.poll(with: &scrape)
        #expect(scrape.histogramCalls.count == limit)
        server.isMeasuring = false
        scrape.context.nowMilliseconds += 300_000
        server.poll(with: &scrape)
        #expect(scrape.histogramCalls.isEmpty)
        server.poll(with: &scrape)
        #expect(scrape.histogramCalls.isEmpty)
    }
}

/// A server that counts what it is sent.
private struct CountingServer {
    /// What was called and has a histogram.
    private(set) var calls: [String: Double]
    var isMeasuring = true
    private var runs = 1

    init(commands: [String: Double]) {
        calls = commands
    }

    mutating func call(_ name: String, times: Double = 1) {
        calls[name, default: 0] += times
    }

    mutating func resetStatistics() {
        calls = [:]
    }

    mutating func restart() {
        calls = [:]
        runs += 1
    }

    /// One poll, which is a call itself.
    mutating func poll(with scrape: inout Scrape) {
        call("info")
        scrape.poll { reply(to: $0) }
        // The first poll of a run knows the server only afterwards.
        if scrape.histogramQuestions.isEmpty { scrape.poll { reply(to: $0) } }
    }

    func reply(to command: [String]) -> Reply? {
        switch command[0] {
        case "INFO": RESP.bulk(Array(info.utf8))
        case "LATENCY" where command[1] == "HISTOGRAM": RESP.reply(histograms(of: command.dropFirst(2)))
        default: RESP.reply("*0\r\n")
        }
    }

    private var info: String {
        let lines = calls.sorted { $0.key < $1.key }
            .map { "cmdstat_\($0):calls=\(Int($1)),usec=\(Int($1) * 3),usec_per_call=3.00\r\n" }
        return "# Server\r\nredis_version:7.2.4\r\nrun_id:run\(runs)\r\n\r\n# Commandstats\r\n" + lines.joined()
    }

    private func histograms(of names: ArraySlice<String>) -> String {
        let told = isMeasuring ? calls.filter { names.isEmpty || names.contains($0.key) } : [:]
        let parts = told.map { name, calls in
            "$\(name.utf8.count)\r\n\(name)\r\n*4\r\n$5\r\ncalls\r\n:\(Int(calls))\r\n"
                + "$14\r\nhistogram_usec\r\n*4\r\n:2\r\n:\(Int(calls) / 2)\r\n:8\r\n:\(Int(calls))\r\n"
        }
        return "*\(told.count * 2)\r\n" + parts.joined()
    }

    /// Every sample of the histograms.
    var histogramValues: [String: Double] {
        var values: [String: Double] = [:]
        for (name, calls) in calls {
            let family = "redis_commands_latencies_usec"
            for bound in CommandHistogram.bounds {
                let count = bound < 2 ? 0 : bound < 8 ? Double(Int(calls) / 2) : calls
                values["\(family)_bucket{cmd=\"\(name)\", le=\"\(bound)\"}"] = count
            }
            values["\(family)_bucket{cmd=\"\(name)\", le=\"+Inf\"}"] = calls
            values["\(family)_count{cmd=\"\(name)\"}"] = calls
            values["\(family)_sum{cmd=\"\(name)\"}"] = calls * 3
        }
        return values
    }
}

extension Scrape {
    /// The names in each LATENCY HISTOGRAM of the last poll, in order; none where all are asked for.
    fileprivate var histogramQuestions: [[String]] {
        commands.filter { $0.starts(with: ["LATENCY", "HISTOGRAM"]) }.map { $0.dropFirst(2).sorted() }
    }

    /// Every sample of the histograms.
    fileprivate var histogramValues: [String: Double] {
        values.filter { $0.key.hasPrefix("redis_commands_latencies_usec") }
    }

    /// The calls that the histograms tell, by command.
    fileprivate var histogramCalls: [String: Double] {
        let prefix = "redis_commands_latencies_usec_count{cmd=\""
        let told = values.filter { $0.key.hasPrefix(prefix) }
            .map { (String($0.key.dropFirst(prefix.count).dropLast(2)), $0.value) }
        return Dictionary(uniqueKeysWithValues: told)
    }
}

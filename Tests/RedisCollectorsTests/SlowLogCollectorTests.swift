import RedisClient
import Testing

@testable import RedisCollectors

@Suite struct SlowLogCollectorTests {
    static func entry(_ id: Int64, _ command: String = "get", _ amount: Int64 = 1000) -> SlowLogEntry? {
        RESP.reply("*4\r\n:\(id)\r\n:1700000000\r\n:\(amount)\r\n*1\r\n$\(command.utf8.count)\r\n\(command)\r\n")
            .flatMap { SlowLogEntry(parsing: $0, keepingArguments: false) }
    }

    /// The newest entries of a log that goes from `ids.first` to `ids.last`, as many as the cursor asks for.
    static func take(_ ids: ClosedRange<Int64>, _ cursor: inout LogCursor, run: String = "a") -> [Int64] {
        let entries = ids.reversed().prefix(cursor.fetch).compactMap { entry($0) }
        return cursor.take(entries, runID: run).map(\.id)
    }

    @Test("Entries that were there before are not counted, but their commands are known")
    func firstLook() {
        var cursor = LogCursor()
        #expect(Self.take(0...9, &cursor) == [])
        #expect(cursor.totals == [LogCursor.Total(command: "get", entries: 0, amount: 0)])
        #expect(Self.take(0...9, &cursor) == [])
        #expect(Self.take(0...11, &cursor) == [11, 10])
        #expect(cursor.totals == [LogCursor.Total(command: "get", entries: 2, amount: 2000)])
    }

    @Test("When more came than were asked for, the next poll asks for more, and each is counted once")
    func burst() {
        var cursor = LogCursor()
        _ = Self.take(0...0, &cursor)
        #expect(Self.take(0...60, &cursor) == [])
        #expect(cursor.fetch == 64)
        #expect(Self.take(0...61, &cursor).count == 61)
        #expect(cursor.totals.first?.entries == 61)
        #expect(cursor.missed == 0)
        #expect(cursor.fetch == LogCursor.quietFetch)
    }

    @Test("Entries that the log dropped before they were seen are counted as missed")
    func missed() {
        var cursor = LogCursor()
        _ = Self.take(0...0, &cursor)
        _ = Self.take(0...1000, &cursor)
        #expect(cursor.fetch == LogCursor.largestFetch)
        #expect(Self.take(0...1000, &cursor).count == 128)
        #expect(cursor.missed == 872)
        #expect(cursor.totals.first?.entries == 128)
    }

    @Test("A reset of the log leaves ids alone, a restart begins again at zero")
    func resetAndRestart() {
        var cursor = LogCursor()
        _ = Self.take(0...50, &cursor)
        #expect(cursor.take([], runID: "a").isEmpty)
        #expect(Self.take(51...52, &cursor) == [52, 51])
        #expect(Self.take(0...1, &cursor, run: "b") == [1, 0])
        #expect(Self.take(0...70, &cursor, run: "c") == [])
        #expect(Self.take(0...70, &cursor, run: "c").count == 71)
        #expect(cursor.totals.first?.entries == 75)
    }

    @Test("The first entry of a log that was empty is counted")
    func emptyAtFirst() {
        var cursor = LogCursor()
        #expect(cursor.take([], runID: "a").isEmpty)
        #expect(Self.take(0...0, &cursor) == [0])
    }

    @Test("Commands beyond the limit are counted together")
    func commandsAreBounded() {
        var cursor = LogCursor()
        _ = cursor.take([], runID: "a")
        for id in 0..<Int64(300) {
            _ = cursor.take([Self.entry(id, "c\(id)")].compactMap { $0 }, runID: "a")
        }
        #expect(cursor.totals.count == LogCursor.commandLimit + 1)
        #expect(cursor.totals.last == LogCursor.Total(command: "other", entries: 172, amount: 172_000))
    }

    @Test(
        "A command is named as Commandstats does, and what is no name is other",
        arguments: [
            ("GET", "key", "get"), ("CONFIG", "SET", "config|set"), ("xgroup", "Create", "xgroup|create"),
            ("set", "secret", "set"), ("client", "a b", "client"), ("a\"b", nil, "other"), ("", nil, "other"),
            ("FT.SEARCH", "idx", "ft.search"),
        ]
    )
    func names(first: String, second: String?, expected: String) {
        #expect(CommandName.name(first: first, second: second) == expected)
    }

    @Test("Arguments are kept only when asked for", arguments: [false, true])
    func arguments(areKept: Bool) {
        let node = FixtureServer(server: "redis-8.0", role: "standalone")
        var options = CollectorOptions()
        options.slowLogArguments = areKept
        var scrape = Scrape(options: options)
        scrape.poll { node.reply(to: $0) }
        scrape.poll { $0[0] == "SLOWLOG" && $0[1] == "GET" ? RESP.reply("*0\r\n") : node.reply(to: $0) }
        scrape.poll { node.reply(to: $0) }
        let entries = scrape.state.takeSlowLogFindings().new
        #expect(scrape.state.takeSlowLogFindings().isEmpty)
        #expect(entries.count == 35)
        #expect(entries.first?.command == "debug")
        #expect(entries.first?.amount == 20127)
        #expect(entries.first?.arguments == (areKept ? ["SLEEP", "0.02"] : []))
        #expect(scrape.values[#"redis_slowlog_entries_total{cmd="debug"}"#] == 2)
        #expect(scrape.values[#"redis_slowlog_duration_seconds_total{cmd="debug"}"#] == 0.070295)
        #expect(scrape.values["redis_slowlog_last_id"] == 34)
    }
}

import CAnchors
import FoundationEssentials
import RedisClient
import RedisCollectors
import Metrics

/// `Benchmarks REDIS-PORT REDSTART-PORT FIXTURE`: see `run`, which starts both servers.
@main
struct Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let redis = Int(arguments[1]), let redstart = Int(arguments[2]) else {
            print("usage: Benchmarks REDIS-PORT REDSTART-PORT INFO-FIXTURE")
            return
        }
        var harness = Harness()
        try InfoBenchmarks(fixture: arguments[3]).run(&harness)
        try StoreBenchmarks().run(&harness)
        try scrape(redis: redis, redstart: redstart, &harness)
        harness.printTable()
    }

    /// A fresh `/metrics` over HTTP against the same commands as one pipeline of blocking hiredis.
    private static func scrape(redis: Int, redstart: Int, _ harness: inout Harness) throws {
        guard let connection = anchor_connect("127.0.0.1", Int32(redis)) else {
            throw BenchmarkError.unreachable(port: redis)
        }
        defer { anchor_disconnect(connection) }
        let http = anchor_http_connect(Int32(redstart))
        guard http >= 0, anchor_http_get_metrics(http) > 0 else {
            throw BenchmarkError.unreachable(port: redstart)
        }
        let commands = pollCommands()
        withCStrings(commands) { texts in
            let figures = harness.pair(calls: 50) {
                _ = anchor_http_get_metrics(http)
            } anchor: {
                _ = anchor_pipeline(connection, texts, commands.count)
            }
            harness.report(
                "fresh /metrics of one node over HTTP (\(commands.count) commands)",
                figures.own,
                budget: "≤ 2 ×",
                anchor: ("the same commands, bare hiredis", figures.anchor)
            )
        }
    }

    /// What a poll of a standalone Redis 7 sends.
    private static func pollCommands() -> [String] {
        var catalog = MetricCatalog()
        let collectors = CollectorCatalog(catalog: &catalog).collectors
        var state = CollectorState()
        let context = CollectorContext(options: CollectorOptions(), nowMilliseconds: 0)
        var buffer = SampleBuffer()
        let info = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n"
        var decoder = ReplyDecoder(limits: ReplyLimits())
        decoder.feed(Array("$\(info.utf8.count)\r\n\(info)\r\n".utf8).span)
        _ = try? decoder.decodeReply()
        _ = collectors[0].collect([decoder.takeReplies()[0]], context, &state, into: &buffer)
        return collectors.flatMap { $0.commands(context, &state) }.map { $0.joined(separator: " ") }
    }
}

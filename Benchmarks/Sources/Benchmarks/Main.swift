import CAnchors
import FoundationEssentials
import Metrics
import RedisClient
import RedisCollectors

/// `run`, which starts the servers, says how it is called.
@main
struct Main {
    static func main() throws {
        var options = Options()
        try options.read(CommandLine.arguments.dropFirst())
        var harness = Harness()
        if let fixture = options.fixture {
            harness.part = "info"
            try InfoBenchmarks(fixture: fixture).run(&harness)
        }
        if options.withStore {
            harness.part = "store"
            StoreBenchmarks().run(&harness)
        }
        if let recording = options.rules {
            harness.part = "rules"
            try RuleBenchmarks(recording: recording).run(&harness)
        }
        if let recording = options.remoteWrite {
            harness.part = "remote"
            try RemoteWriteBenchmarks(recording: recording).run(&harness)
        }
        if let redis = options.redis, let redstart = options.redstart {
            harness.part = "scrape"
            try scrape(redis: redis, redstart: redstart, &harness)
        }
        if !options.recordings.isEmpty {
            harness.part = "fleet"
            let prometheus = options.prometheus.map { PrometheusAnchor(port: $0) }
            try FleetBenchmarks(recordings: options.recordings, nodes: options.nodes, prometheus: prometheus)
                .run(&harness)
        }
        harness.printRows()
    }

    /// What to measure, and with what: without any option, nothing.
    private struct Options {
        var fixture: String?
        var withStore = false
        var rules: String?
        var remoteWrite: String?
        var redis: Int?
        var redstart: Int?
        var recordings: [String] = []
        var nodes = 1000
        var prometheus: Int?

        mutating func read(_ arguments: ArraySlice<String>) throws {
            var rest = arguments
            while let name = rest.popFirst() {
                if name == "--store" {
                    withStore = true
                    continue
                }
                guard let value = rest.popFirst() else { throw BenchmarkError.usage(name) }
                switch (name, Int(value)) {
                case ("--info-fixture", _): fixture = value
                case ("--rules", _): rules = value
                case ("--remote-write", _): remoteWrite = value
                case ("--recording", _): recordings.append(value)
                case ("--redis-port", let port?): redis = port
                case ("--redstart-port", let port?): redstart = port
                case ("--prometheus-port", let port?): prometheus = port
                case ("--nodes", let count?) where count > 0: nodes = count
                default: throw BenchmarkError.usage("\(name) \(value)")
                }
            }
        }
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
        let commands = try pollCommands()
        withCStrings(commands) { texts in
            let figures = harness.pair(rounds: 1001, calls: 1) {
                _ = anchor_http_get_metrics(http)
            } anchor: {
                _ = anchor_pipeline(connection, texts, commands.count)
            }
            harness.report(
                "fresh /metrics of one node over HTTP (\(commands.count) commands), p50",
                figures.own,
                budget: "≤ 1.5 ×",
                anchor: ("the same commands, bare hiredis", figures.anchor)
            )
        }
    }

    /// What a poll of a standalone Redis 7 sends.
    private static func pollCommands() throws -> [String] {
        var catalog = MetricCatalog()
        let collectors = CollectorCatalog(catalog: &catalog).collectors
        var state = CollectorState()
        let context = CollectorContext(options: CollectorOptions(), nowMilliseconds: 0)
        var buffer = SampleBuffer()
        let info = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n"
        let decoder = ReplyDecoder(limits: ReplyLimits())
        try decoder.feed(Array("$\(info.utf8.count)\r\n\(info)\r\n".utf8).span)
        _ = try decoder.decodeReply()
        _ = collectors[0].collect([decoder.takeReplies()[0]], context, &state, into: &buffer)
        return collectors.flatMap { $0.commands(context, &state) }.map { $0.joined(separator: " ") }
    }
}

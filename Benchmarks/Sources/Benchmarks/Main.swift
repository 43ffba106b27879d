import CAnchors
import FoundationEssentials

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
        if let redis = options.redis, let redstart = options.redstart, let commands = options.commands {
            harness.part = "scrape"
            try scrape(redis: redis, redstart: redstart, commands: commands, &harness)
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
        /// The commands of a poll, one a line.
        var commands: String?
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
                case ("--commands", _): commands = value
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

    /// A fresh `/metrics` over HTTP against what a poll sends, as one pipeline of blocking hiredis: as it is, and with
    /// all histograms, which is what a client has to ask that does not know what has changed.
    private static func scrape(redis: Int, redstart: Int, commands: String, _ harness: inout Harness) throws {
        guard let connection = anchor_connect("127.0.0.1", Int32(redis)) else {
            throw BenchmarkError.unreachable(port: redis)
        }
        defer { anchor_disconnect(connection) }
        let http = anchor_http_connect(Int32(redstart))
        guard http >= 0, anchor_http_get_metrics(http) > 0 else {
            throw BenchmarkError.unreachable(port: redstart)
        }
        guard let bytes = FileManager.default.contents(atPath: commands) else {
            throw BenchmarkError.usage("--commands \(commands)")
        }
        let sent = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        let all = sent.map { $0.hasPrefix("LATENCY HISTOGRAM") ? "LATENCY HISTOGRAM" : $0 }
        for (name, commands) in [("the same commands", sent), ("with all histograms", all)] {
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
                    anchor: ("\(name), bare hiredis", figures.anchor)
                )
            }
        }
    }
}

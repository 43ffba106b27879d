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
            try ScrapeBenchmarks(redis: redis, redstart: redstart, commands: commands, place: options.place)
                .run(&harness)
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
        /// A folder with the commands of a poll and those of an application.
        var commands: String?
        /// Where the servers run, to be said in the rows.
        var place = ""
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
                case ("--place", _): place = value
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
}

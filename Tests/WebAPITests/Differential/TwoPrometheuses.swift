import Dispatch
import HTTPServer
import Logging
import TestServers

@testable import WebAPI

/// The same series in a real Prometheus and in Redstart, both behind HTTP.
struct TwoPrometheuses {
    private let theirs: PrometheusServer
    private let ours: Int

    /// What one of them says.
    struct Reply {
        let status: Int
        let answer: PrometheusAnswer<QueryData>
    }

    /// Starts both, runs `body` and stops both.
    static func run(_ series: [RandomSeries], _ body: (TwoPrometheuses) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        try directory.write(RandomSeries.openMetrics(series), to: "series.om")
        try directory.write("{}\n", to: "prometheus.yml")
        try TestServers.run(
            "promtool", "tsdb", "create-blocks-from", "openmetrics", "series.om", "data",
            in: directory
        )
        let theirs = try await PrometheusServer.start(in: directory, ["--storage.tsdb.retention.time=100y"])
        let api = try APIUnderTest()
        for entry in series {
            try api.add(entry.name, entry.labels, entry.samples)
        }
        let (addresses, bound) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(listenAddress: try ListenAddress(parsing: "127.0.0.1:0")),
            router: api.router,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { address in
            bound.yield(address.port)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for await ours in addresses {
                try await body(TwoPrometheuses(theirs: theirs, ours: ours))
                break
            }
            group.cancelAll()
        }
    }

    /// Asks both the same.
    func ask(_ path: String, _ items: [(String, String)]) async throws -> (theirs: Reply, ours: Reply) {
        let target = path + "?" + APIUnderTest.form(items)
        return (try await Self.fetch(target, theirs.port), try await Self.fetch(target, ours))
    }

    /// On a thread of its own: a probe blocks, and the server in this process needs the shared ones.
    private static func fetch(_ target: String, _ port: Int) async throws -> Reply {
        let probe = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "probe").async {
                continuation.resume(with: Result { try HTTPProbe.get(target, port: port) })
            }
        }
        return Reply(status: probe.status, answer: try PrometheusAnswer(probe.text))
    }
}

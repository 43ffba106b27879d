import ArgumentParser
import Logging
import Metrics
import RedisClient
import RedisFleet
import TimeSeriesStore

/// `redstart metrics`: one scrape to standard output.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Poll servers once and print their metrics in the Prometheus text format.",
        discussion: "Exits with 0 when all servers answered, else with 3; the metrics are printed either way."
    )

    @OptionGroup var targets: TargetOptions

    func run() async throws {
        let nodes = try targets.nodes(pollInterval: .seconds(3600))
        let watch = Watch(nodes: nodes, history: StoreConfiguration(), logger: .silent)
        let deadline = ContinuousClock.now + targets.timeout.duration * 2
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        let exposed = outcomes.map { outcome in
            ExposedNode(
                labelText: outcomes.count > 1 ? outcome.node.labelTextWithInstance : outcome.node.labelText,
                samples: outcome.samples
            )
        }
        try StandardOutput.write(TextExposition(table: watch.store.keys).render(exposed, as: .prometheusText))
        let failures = outcomes.compactMap(\.failure)
        for failure in failures {
            StandardError.write("\(failure)\n")
        }
        if !failures.isEmpty {
            throw ExitCode(CheckReport.Verdict.unknown.rawValue)
        }
    }
}

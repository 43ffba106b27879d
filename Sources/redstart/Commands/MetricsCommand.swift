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
        let watch = Watch(
            targets: try targets.read(pollInterval: .seconds(3600)),
            history: StoreConfiguration(),
            logger: .silent
        )
        await watch.fleet.discover()
        let deadline = ContinuousClock.now + targets.pollTimeout * 2
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        let exposed = outcomes.map { outcome in
            ExposedNode(
                labelText: watch.fleet.needsInstanceLabel ? outcome.node.labelTextWithInstance : outcome.node.labelText,
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

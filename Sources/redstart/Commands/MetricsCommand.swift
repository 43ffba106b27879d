import ArgumentParser
import Logging
import Metrics
import RedisClient
import RedisFleet
import TimeSeriesStore

/// `redstart metrics`: one scrape to standard output.
struct MetricsCommand: TableCommand {
    static let name = OptionRow.Command.metrics
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Poll servers once and print their metrics in the Prometheus text format.",
        discussion: "Exits with 0 when all servers answered, else with 3; the metrics are printed either way."
    )

    @OptionGroup var words: TableWords

    func run(_ options: Options) async throws {
        let watch = Watch(
            targets: try options.readTargets(pollInterval: .seconds(3600)),
            history: StoreConfiguration(),
            logger: .silent
        )
        await watch.fleet.discover()
        let deadline = ContinuousClock.now + options.pollTimeout * 2
        let outcomes = await watch.fleet.scrape(maxAge: .zero, deadline: deadline)
        let exposed = outcomes.map { outcome in
            ExposedNode(
                labelText: watch.fleet.needsInstanceLabel ? outcome.node.labelTextWithInstance : outcome.node.labelText,
                samples: outcome.samples
            )
        }
        let text = TextExposition(table: watch.store.keys).render(exposed, as: .prometheusText)
        try StandardOutput.write(options.namespace.apply(to: text))
        let failures = outcomes.compactMap(\.failure)
        for failure in failures {
            StandardError.write("\(failure)\n")
        }
        if !failures.isEmpty {
            throw ExitCode(CheckReport.Verdict.unknown.rawValue)
        }
    }
}

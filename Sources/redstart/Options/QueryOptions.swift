import ArgumentParser
import PromQL
import WebAPI

/// What queries over HTTP may take; names and defaults are those of Prometheus.
struct QueryOptions: ParsableArguments {
    @Option(name: .customLong("query.timeout"), help: "Longest time a query may take, waiting for its turn included.")
    var timeout = DurationOption(.seconds(120))

    @Option(name: .customLong("query.max-concurrency"), help: "Queries that run at once; others wait.")
    var maximumConcurrency = 20

    @Option(name: .customLong("query.max-samples"), help: "Samples that one query may hold in memory.")
    var maximumSamples = 50_000_000

    @Option(name: .customLong("query.lookback-delta"), help: "How far back a query looks for the latest sample.")
    var lookback = DurationOption(.seconds(300))

    @Option(
        name: .customLong("enable-feature"),
        help: ArgumentHelp(
            """
            Features to enable, separated by commas: promql-experimental-functions, promql-duration-expr; \
            repeatable.
            """,
            valueName: "feature,…"
        )
    )
    var features: [String] = []

    func validate() throws {
        try timeout.requireAtLeast(.milliseconds(1), "--query.timeout")
        try lookback.requireAtLeast(.milliseconds(1), "--query.lookback-delta")
        // Each of them may get a thread.
        guard (1...1000).contains(maximumConcurrency) else {
            throw ValidationError("--query.max-concurrency must be from 1 to 1000")
        }
        guard maximumSamples > 0 else { throw ValidationError("--query.max-samples must be at least 1") }
        _ = try Self.language(features)
    }

    /// The limits for the API.
    func configuration() throws -> QueryConfiguration {
        QueryConfiguration(
            engine: QueryEngine.Options(
                lookbackMilliseconds: lookback.duration.milliseconds,
                maximumSamples: maximumSamples,
                timeout: timeout.duration
            ),
            language: try Self.language(features),
            maximumConcurrency: maximumConcurrency
        )
    }

    /// What the parser allows with some features enabled.
    static func language(_ features: [String]) throws -> Query.Options {
        var options = Query.Options()
        for feature in features.flatMap({ $0.split(separator: ",") }) {
            switch feature {
            case "promql-experimental-functions": options.experimentalFunctions = true
            case "promql-duration-expr": options.durationExpressions = true
            // Always on here; the same command line may be meant for Prometheus, too.
            case "promql-per-step-stats", "promql-at-modifier", "promql-negative-offset": break
            default:
                throw ValidationError(
                    "--enable-feature: there is no feature \(feature); there are promql-experimental-functions and "
                        + "promql-duration-expr"
                )
            }
        }
        return options
    }
}

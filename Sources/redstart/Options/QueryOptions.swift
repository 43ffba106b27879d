import PromQL
import WebAPI

/// What queries over HTTP may take; names and defaults are those of Prometheus.
struct QueryOptions: Sendable {
    var timeout: Duration = .seconds(120)
    var maximumConcurrency = QueryConcurrency(20)
    var maximumSamples = 50_000_000
    var lookback: Duration = .seconds(300)
    /// Each a list separated by commas.
    var features: [String] = []

    /// The limits for the API.
    ///
    /// - Throws: `InvalidOption` for a feature that is not there.
    func configuration() throws(InvalidOption) -> QueryConfiguration {
        QueryConfiguration(
            engine: QueryEngine.Options(
                lookbackMilliseconds: lookback.milliseconds,
                maximumSamples: maximumSamples,
                timeout: timeout
            ),
            language: try Self.language(features),
            maximumConcurrency: maximumConcurrency.count
        )
    }

    /// What the parser allows with some features enabled.
    ///
    /// - Throws: `InvalidOption` for a feature that is not there.
    static func language(_ features: [String]) throws(InvalidOption) -> Query.Options {
        var options = Query.Options()
        for feature in features.flatMap({ $0.split(separator: ",") }) {
            switch feature {
            case "promql-experimental-functions": options.experimentalFunctions = true
            case "promql-duration-expr": options.durationExpressions = true
            // Always on here; the same command line may be meant for Prometheus, too.
            case "promql-per-step-stats", "promql-at-modifier", "promql-negative-offset": break
            default:
                throw InvalidOption(
                    "--enable-feature: there is no feature \(feature); there are promql-experimental-functions and "
                        + "promql-duration-expr"
                )
            }
        }
        return options
    }
}

/// How many queries may run at once: each of them may get a thread.
struct QueryConcurrency: OptionValue {
    let count: Int

    init(_ count: Int) {
        self.count = count
    }

    init?(optionText: String) {
        guard let count = Int(optionText), (1...1000).contains(count) else { return nil }
        self.count = count
    }

    static var expected: String { "a number from 1 to 1000" }
    var optionText: String { "\(count)" }
}

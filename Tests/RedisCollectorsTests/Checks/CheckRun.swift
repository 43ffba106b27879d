import Metrics
import RedisClient
import Testing

@testable import RedisCollectors

/// All checks that some options ask for, run against a server made up by a test.
struct CheckRun {
    let catalog: CheckCatalog
    private let table: SeriesKeyTable
    private var resolver: SeriesResolver

    init() {
        var catalog = MetricCatalog()
        self.catalog = CheckCatalog(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
        resolver = SeriesResolver(table: table)
    }

    static func facts(isCluster: Bool = false) -> ServerFacts {
        var facts = ServerFacts()
        facts.isKnown = true
        facts.role = .master
        facts.isClusterEnabled = isCluster
        return facts
    }

    /// Options with every check on.
    static var everything: CheckOptions {
        var options = CheckOptions()
        options.keys = [KeySelector(key: Array("k*".utf8))]
        options.singleKeys = [KeySelector(database: 2, key: Array("one".utf8))]
        options.countKeys = [KeySelector(key: Array("k*".utf8)), KeySelector(key: Array("*".utf8))]
        options.streams = [KeySelector(key: Array("s*".utf8))]
        options.singleStreams = [KeySelector(key: Array("stream".utf8))]
        options.keyGroups = ["^(k)"]
        options.scripts = [CheckScript(filename: "a.lua", source: "return {}")]
        options.searchIndexes = .all
        options.includesRDBFileSize = true
        options.isCluster = true
        return options
    }

    /// Runs the checks to the end; a check that asks for more than `stepLimit` steps is left.
    ///
    /// - Returns: The outcomes in the order of the checks.
    @discardableResult
    func run(
        _ options: CheckOptions,
        facts: ServerFacts = Self.facts(),
        stepLimit: Int = 10_000,
        answer: (CheckStep) -> CheckAnswer
    ) -> [CheckOutcome] {
        catalog.checks(CheckContext(options: options, facts: facts)).map { check in
            var check = check
            var steps = 0
            while steps < stepLimit, let step = check.next() {
                check.read(answer(step))
                steps += 1
            }
            return check.outcome
        }
    }

    /// The samples of an outcome by their series as PromQL writes them.
    mutating func values(_ outcome: CheckOutcome) -> [String: Double] {
        let samples = resolver.resolve(outcome.samples, at: 1)
        var values: [String: Double] = [:]
        for (key, value) in zip(samples.keys, samples.values) {
            values[table.labels(of: key).description] = value
        }
        return values
    }

    /// What `/metrics` would show of an outcome, in a format.
    mutating func text(_ outcome: CheckOutcome, as format: ExpositionFormat) -> String {
        let samples = resolver.resolve(outcome.samples, at: 1)
        let node = ExposedNode(labelText: [], samples: samples)
        return String(decoding: TextExposition(table: table).render([node], as: format), as: UTF8.self)
    }
}

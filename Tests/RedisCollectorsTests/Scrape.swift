import Metrics
import RedisClient

@testable import RedisCollectors

/// Polls of one node through all collectors, as a session makes them.
struct Scrape {
    let table: SeriesKeyTable
    let catalog: CollectorCatalog
    var state = CollectorState()
    var context: CollectorContext
    private(set) var outcomes: [String: CollectorOutcome] = [:]
    private(set) var commands: [[String]] = []
    private(set) var samples = PollSamples.none(at: 0)
    private var resolver: SeriesResolver
    private var buffer = SampleBuffer()

    /// The moment at which the fixtures were captured, more or less.
    static let now: Int64 = 1_795_229_105_000

    init(options: CollectorOptions = CollectorOptions()) {
        var catalog = MetricCatalog()
        self.catalog = CollectorCatalog(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
        resolver = SeriesResolver(table: table, limits: SeriesLimits(perNode: 100_000, perFamily: 100_000))
        context = CollectorContext(options: options, nowMilliseconds: Self.now)
    }

    /// Asks INFO first and then everything, as on a new connection.
    static func full(_ server: FixtureServer, options: CollectorOptions = CollectorOptions()) -> Scrape {
        var scrape = Scrape(options: options)
        scrape.poll { server.reply(to: $0) }
        scrape.poll { server.reply(to: $0) }
        return scrape
    }

    /// One poll of a server that answers as `answer` does.
    mutating func poll(_ answer: ([String]) -> Reply?) {
        buffer.removeAll()
        // All are asked before any reply is read, as in one pipeline.
        let plan = catalog.collectors.map { $0.commands(context, &state) }
        commands = plan.flatMap { $0 }
        for (collector, asked) in zip(catalog.collectors, plan) {
            outcomes[type(of: collector).name] = collector.collect(asked.map(answer), context, &state, into: &buffer)
        }
        context.isFollowUp = true
        for collector in catalog.collectors where outcomes[type(of: collector).name]?.wantsFollowUp == true {
            let asked = collector.commands(context, &state)
            commands += asked
            outcomes[type(of: collector).name] = collector.collect(asked.map(answer), context, &state, into: &buffer)
        }
        context.isFollowUp = false
        samples = resolver.resolve(buffer, at: context.nowMilliseconds)
    }

    /// The samples by their series as PromQL writes them.
    var values: [String: Double] {
        var values: [String: Double] = [:]
        for (key, value) in zip(samples.keys, samples.values) {
            values[table.labels(of: key).description] = value
        }
        return values
    }

    /// What `/metrics` would show.
    var text: String {
        let exposition = TextExposition(table: table)
        let node = ExposedNode(labelText: [], samples: samples)
        return String(decoding: exposition.render([node], as: .prometheusText), as: UTF8.self)
    }

    /// What all collectors skipped together.
    var skipped: Int {
        outcomes.values.reduce(0) { $0 + $1.skips.total }
    }

    var duplicates: Int {
        resolver.dropped[.duplicate]
    }
}

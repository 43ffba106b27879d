public import Metrics

/// All collectors there are, made for one catalogue.
public struct CollectorCatalog: Sendable {
    /// The kinds of collectors, in the order in which they ask and read.
    ///
    /// `InfoCollector` is the first: the others go by what it finds.
    public static let all: [any Collector.Type] = [
        InfoCollector.self,
        ConfigCollector.self,
        ClusterCollector.self,
        LatencyEventsCollector.self,
        LatencyHistogramCollector.self,
        SlowLogCollector.self,
        CommandLogCollector.self,
        ClientListCollector.self,
        SentinelCollector.self,
        Tile38Collector.self,
    ]

    /// The collectors, in the order of `all`.
    public let collectors: [any Collector]

    /// Adds the rows of all collectors to the catalogue.
    public init(catalog: inout MetricCatalog) {
        var collectors: [any Collector] = []
        for collector in Self.all {
            collectors.append(collector.init(catalog: &catalog))
        }
        self.collectors = collectors
    }
}

public import Metrics
public import RedisFleet

/// How the daemon stands in for redis_exporter: what its flags say about HTTP.
public struct ExporterOptions: Sendable {
    /// The path of the metrics.
    public var metricsPath = "/metrics"
    /// What exposed names begin with.
    public var namespace = ExpositionNamespace.redis
    /// Whether what Redstart says about itself is left out.
    public var isRedisOnly = false
    /// Whether each series of a node gets the label `instance_role`.
    public var appendsRole = false
    /// Whom `/scrape` may ask, as it is at the moment of the call; `nil` for no `/scrape`.
    public var scrapePolicy: (@Sendable () -> ScrapePolicy)?
    /// Whether `/discover-cluster-nodes` prefers the names that nodes announce.
    public var prefersHostNames = false
    /// Whether Prometheus reaches this server by HTTPS.
    public var usesTLS = false

    /// The defaults of redis_exporter, but without `/scrape`.
    public init() {}
}

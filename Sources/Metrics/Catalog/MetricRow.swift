/// What kind of metric a family is, as in the exposition formats.
public enum MetricKind: String, Sendable {
    /// A value that goes up and down.
    case gauge
    /// A value that only grows, from zero, until the server restarts.
    case counter
    /// Buckets with upper bounds `le`, a sum and a count.
    case histogram
    /// Quantiles, a sum and a count.
    case summary
    /// Nothing is known of the value's behaviour.
    case unknown
}

/// The unit of a value; a conversion follows from two of them.
public enum MetricUnit: Sendable {
    /// A count, an identifier, a flag.
    case none
    /// Bytes.
    case bytes
    /// 1,024 bytes, the unit of Redis' `…_kbps` fields.
    case kibibytes
    /// Seconds.
    case seconds
    /// 10⁻³ seconds.
    case milliseconds
    /// 10⁻⁶ seconds.
    case microseconds
    /// A share, 1 is all.
    case ratio
    /// A share, 100 is all.
    case percent

    /// The suffix a metric in this unit has when its name follows the convention of base units.
    public var suffix: String? {
        switch self {
        case .bytes: "bytes"
        case .seconds: "seconds"
        case .ratio: "ratio"
        case .none, .kibibytes, .milliseconds, .microseconds, .percent: nil
        }
    }

    /// What a number in this unit is multiplied by (or divided by, where that is exact) to be in `other`.
    public func convert(_ value: Double, to other: MetricUnit) -> Double {
        switch (self, other) {
        case (.microseconds, .seconds): value / 1e6
        case (.milliseconds, .seconds): value / 1e3
        case (.microseconds, .milliseconds): value / 1e3
        case (.kibibytes, .bytes): value * 1024
        case (.percent, .ratio): value / 100
        default: value
        }
    }
}

/// One metric family: the only place where its name, its help and its origin are written.
///
/// `# HELP`, `# TYPE`, the documentation and the page are all made from rows.
public struct MetricRow: Sendable {
    /// What the server calls the value, for example the name of an INFO field; empty where the value is derived.
    public let field: String
    /// The name of the family as users see it, with the default namespace `redis_`.
    public let name: String
    /// The kind of the family.
    public let kind: MetricKind
    /// The unit of the exported value.
    public let unit: MetricUnit
    /// The unit in which the server reports the value.
    public let sourceUnit: MetricUnit
    /// The names of the labels, in the order in which a collector gives their values.
    public let labels: [String]
    /// One sentence that says what the value is.
    public let help: String
    /// Whether the quantiles of the summary are percentages (`99`), which OpenMetrics does not allow.
    public let hasPercentileQuantiles: Bool
    /// The first server release that reports it, for example `Redis 6.2`; empty where it was always there.
    public let since: String

    /// Describes a family; `sourceUnit` is `unit` unless given.
    public init(
        _ field: String,
        _ name: String,
        _ kind: MetricKind,
        _ unit: MetricUnit = .none,
        from sourceUnit: MetricUnit? = nil,
        labels: [String] = [],
        hasPercentileQuantiles: Bool = false,
        since: String = "",
        help: String
    ) {
        self.field = field
        self.name = name
        self.kind = kind
        self.unit = unit
        self.sourceUnit = sourceUnit ?? unit
        self.labels = labels
        self.hasPercentileQuantiles = hasPercentileQuantiles
        self.since = since
        self.help = help
    }
}

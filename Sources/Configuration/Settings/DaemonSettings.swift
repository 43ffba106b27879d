public import HTTPServer

/// What the file says that options of `redstart serve` say, too; unsaid things are `nil`.
public struct DaemonSettings: Sendable, Hashable {
    /// Where to listen for HTTP.
    public var listenAddress: ListenAddress?
    /// How old a poll may be that `/metrics` serves.
    public var scrapeMaxAge: Duration?
    /// How long samples are kept in memory.
    public var history: Duration?
    /// The most memory that samples may use.
    public var historyMaxBytes: Int?
    /// The folder for what outlives a restart.
    public var stateDirectory: String?
    /// The time between two snapshots of the history.
    public var snapshotInterval: Duration?
    /// Rule files or patterns.
    public var ruleFiles: [String]?
    /// The time between two evaluations of rule groups that do not say.
    public var evaluationInterval: Duration?
    /// How often deployments are looked at anew.
    public var discoveryInterval: Duration?
    /// How many connections may be in the making at a time.
    public var connectLimit: Int?

    static let keys: [Key<DaemonSettings>] = [
        Key("listen_address", \.listenAddress, ValueReader.listenAddress),
        Key("scrape_max_age", \.scrapeMaxAge, ValueReader.duration),
        Key("history", \.history, ValueReader.duration(atLeast: .seconds(1))),
        Key("history_max_bytes", \.historyMaxBytes, ValueReader.count),
        Key("state_dir", \.stateDirectory, ValueReader.path),
        Key("state_snapshot_interval", \.snapshotInterval, ValueReader.duration(atLeast: .seconds(1))),
        Key("rule_files", \.ruleFiles, ValueReader.paths),
        Key("evaluation_interval", \.evaluationInterval, ValueReader.duration(atLeast: .seconds(1))),
        Key("discovery_interval", \.discoveryInterval, ValueReader.duration(atLeast: .seconds(1))),
        Key("connect_limit", \.connectLimit, ValueReader.count),
    ]

    /// Says nothing.
    public init() {}

    /// What the other says where this one does not.
    public func filled(from other: DaemonSettings) -> DaemonSettings {
        var result = self
        result.listenAddress = listenAddress ?? other.listenAddress
        result.scrapeMaxAge = scrapeMaxAge ?? other.scrapeMaxAge
        result.history = history ?? other.history
        result.historyMaxBytes = historyMaxBytes ?? other.historyMaxBytes
        result.stateDirectory = stateDirectory ?? other.stateDirectory
        result.snapshotInterval = snapshotInterval ?? other.snapshotInterval
        result.ruleFiles = ruleFiles ?? other.ruleFiles
        result.evaluationInterval = evaluationInterval ?? other.evaluationInterval
        result.discoveryInterval = discoveryInterval ?? other.discoveryInterval
        result.connectLimit = connectLimit ?? other.connectLimit
        return result
    }
}

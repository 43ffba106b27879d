/// What is collected beyond the default, after the flags of redis_exporter and some of our own.
public struct CollectorOptions: Sendable, Equatable {
    /// The name of the `CONFIG` command, `-` if it must not be sent (`--config-command`).
    public var configCommand = "CONFIG"
    /// Export every parameter of `CONFIG GET *` that is no secret (`--include-config-metrics`).
    public var includeConfigMetrics = false
    /// Export the memory of the machine (`--include-system-metrics`).
    public var includeSystemMetrics = false
    /// Export the modules and what they say in INFO (`--include-modules-metrics`).
    public var includeModulesMetrics = false
    /// Export one set of series per client (`--export-client-list`).
    public var exportClientList = false
    /// Give the client's port as a label too (`--export-client-port`).
    public var exportClientPort = false
    /// Export clients grouped by name, library and address (`--client-groups`).
    public var clientGroups = false
    /// Export one series per peer of a Sentinel (`--include-sentinel-peer-info`).
    public var includeSentinelPeerInfo = false
    /// Do not ask `LATENCY` at all (`--exclude-latency-histogram-metrics`).
    public var excludeLatencyHistogram = false
    /// Export zeros for databases without keys (`--include-metrics-for-empty-databases`).
    public var includeEmptyDatabases = true
    /// The target is a Tile38 (`--is-tile38`).
    public var isTile38 = false
    /// Export numeric INFO fields that no table knows, under one generic name (`--include-unknown-info`).
    public var includeUnknownInfo = false
    /// Export the time of the last PING under the name that redis_exporter has for it (`--ping-on-connect`).
    public var includePingTime = false
    /// Keep the arguments of slow commands in their entries (`--slowlog-arguments`).
    public var slowLogArguments = false

    /// The defaults of redis_exporter.
    public init() {}
}

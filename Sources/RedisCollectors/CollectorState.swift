import Metrics

/// What collectors remember of one node from poll to poll.
///
/// Keep it across reconnects; the collectors see by the run id when the server was restarted.
public struct CollectorState: Sendable {
    /// What the node's last INFO said.
    public internal(set) var facts = ServerFacts()
    /// INFO fields that no table knows, as last seen; filled only with `includeUnknownInfo`.
    public internal(set) var unknownFields: [String] = []
    /// Entries of the logs of slow and large commands that were found since `takeSlowLogFindings`.
    var slowLogFindings = SlowLogFindings()
    /// Calls and time by command, of the last INFO.
    var commandTimes = CommandTimes()
    /// What INFO told of commands.
    var commandSamples = SampleMemory()
    /// The percentiles that INFO tells of the latency of commands, and the samples of these.
    var latencyPercentiles = LatencyPercentiles()
    var latencySamples = SampleMemory()
    /// The histograms of LATENCY HISTOGRAM as last read.
    var latencyHistograms = LatencyHistograms()
    /// The configuration as last read.
    var config = ConfigMemory()
    /// Parameters that were found changed since `takeConfigChanges`.
    var configChanges: [ConfigChange] = []
    /// The slow log up to where it was counted.
    var slowLog = LogCursor()
    /// Valkey's log of large requests up to where it was counted.
    var largeRequestLog = LogCursor()
    /// Valkey's log of large replies up to where it was counted.
    var largeReplyLog = LogCursor()
    /// The names of the masters that a Sentinel was asked about, in the order of the commands.
    var askedMasters: [String] = []
    /// The start of the server, so that it does not move with the rounding of its uptime.
    var startTime = StartTime()

    /// Nothing is known.
    public init() {}

    /// Hands over what was found in the logs of slow and large commands since the last call.
    public mutating func takeSlowLogFindings() -> SlowLogFindings {
        guard !slowLogFindings.isEmpty else { return slowLogFindings }
        defer { slowLogFindings = SlowLogFindings() }
        return slowLogFindings
    }

    /// Hands over which parameters were found changed since the last call.
    public mutating func takeConfigChanges() -> [ConfigChange] {
        guard !configChanges.isEmpty else { return [] }
        defer { configChanges = [] }
        return configChanges
    }
}

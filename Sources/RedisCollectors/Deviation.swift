public import Metrics

/// A place where the value or the labels under an inherited name differ from redis_exporter's, on purpose.
///
/// What is merely added beside an inherited family is not listed: it has a name of its own.
public struct Deviation: Sendable {
    /// The family that differs.
    public let row: MetricRow
    /// What redis_exporter has, and what is here instead.
    public let text: String
}

extension CollectorCatalog {
    /// Everything in which an inherited family differs from redis_exporter 1.88.
    public static let deviations: [Deviation] = [
        Deviation(
            row: InfoKeyspaceSection.cached.row,
            text:
                "It takes the fourth number of a keyspace line, whatever it is; here only KeyDB's cached_keys counts, "
                + "and hashes with expiring fields have a family of their own."
        ),
        Deviation(
            row: InfoKeyspaceSection.keys.row,
            text: "It exports zeros for sixteen databases of a Sentinel; here a Sentinel has no databases."
        ),
        Deviation(
            row: InfoInstance.startTime.row,
            text: "It moves by a second with the rounding of the uptime; here it stays until the server restarts."
        ),
        Deviation(
            row: InfoInstance.instance.row,
            text: "It has an empty redis_mode on a Valkey that says server_mode; here that is the mode."
        ),
        Deviation(
            row: InfoErrorstatsSection.errors.row,
            text: "It exports any number of error names; here 256, and the others are counted as skipped."
        ),
        Deviation(
            row: LatencyHistogramFamilies.calls.row,
            text: "It has the buckets that were hit, and a sum of zero for some commands; here every command has all "
                + "buckets and its sum."
        ),
        Deviation(
            row: SlowLogFamilies.lastID.row,
            text: "It falls to zero when the slow log is reset; here it keeps the newest id that was seen."
        ),
        Deviation(
            row: SentinelFamilies.quorum.row,
            text: "It is zero when the Sentinel refuses the command for any reason; here only when there is no quorum."
        ),
        Deviation(
            row: ConfigFamilies.keyValue.row,
            text: "It leaves out four secrets, and on request none; here every parameter that can hold a secret is "
                + "always left out."
        ),
        Deviation(
            row: SentinelFamilies.configText.row,
            text: "It shows the passwords of a Sentinel; here they are left out."
        ),
        Deviation(
            row: ClientFamilies.info.row,
            text: "It drops a client whose name has an equals sign; here the client is there."
        ),
        Deviation(
            row: InfoModuleLines.module.row,
            text: "It drops a module whose line has not exactly seven parts; here parts are read by name."
        ),
        Deviation(
            row: ScriptFamilies.result.row,
            text: "An error in a script makes redis_up zero; here only redis_script_result is."
        ),
        Deviation(
            row: StreamFamilies.lag.row,
            text: "A lag that the server does not know is zero; here there is no lag then."
        ),
        Deviation(
            row: KeyFamilies.size.row,
            text: "It asks every string whether it is a HyperLogLog, which leaves an error for each in the server's "
                + "statistics; here only those that look like one are asked."
        ),
    ]
}

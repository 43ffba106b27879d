import Metrics
public import TimeSeriesStore

/// What of the alerts of an earlier process a new one is to go on with.
///
/// The journal is exact where a snapshot of the history is some minutes old: it has the alerts that came since, and not
/// those that went.
public struct AlertClocks: Sendable {
    /// Up to this long an absence counts as missed evaluations, in milliseconds: it is not taken off the clocks, no
    /// alert has to wait for its grace period again, and a `for` shorter than that goes on, too.
    public static let shortAbsenceMilliseconds: Int64 = 120_000

    private let alerts: [JournaledAlert]
    private let lastAlive: Int64

    /// Takes what the journal and the state file know; `lastAlive` is when the earlier process lived last,
    /// milliseconds since 1970.
    public init(alerts: [JournaledAlert], lastAlive: Int64) {
        self.alerts = alerts
        self.lastAlive = lastAlive
    }

    /// Puts the clocks into the store as `ALERTS_FOR_STATE` series, as the earlier process would have at its end.
    ///
    /// To be called after the snapshot is restored and before the rules are evaluated, which then continue them.
    /// - Throws: `StoreError` when the store does not take them.
    public func write(to store: TimeSeriesStore) throws(StoreError) {
        guard !alerts.isEmpty else { return }
        let keys = alerts.map { alert in
            store.keys.intern(alert.labels.setting(Labels.metricNameLabel, "ALERTS_FOR_STATE"))
        }
        defer { store.keys.release(keys) }
        let group = store.addGroup(labels: Labels())
        let seconds = alerts.map { Double($0.activeAt.flooredQuotient(1000)) }
        try store.append(keys: keys, values: seconds, at: lastAlive, to: group)
    }

    /// How the clocks go on at `now`, in milliseconds since 1970.
    public func restoration(now: Int64) -> RestorationConfiguration {
        Self.restoration(lastAlive: lastAlive, now: now)
    }

    /// The same for a process that lived last at `lastAlive`.
    static func restoration(lastAlive: Int64, now: Int64) -> RestorationConfiguration {
        let isShort = now - lastAlive <= Self.shortAbsenceMilliseconds
        guard isShort else { return RestorationConfiguration() }
        return RestorationConfiguration(gracePeriodMilliseconds: 0, countsAbsence: true)
    }
}

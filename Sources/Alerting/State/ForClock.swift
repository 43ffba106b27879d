/// The `for` clock of an alert as an earlier process has left it.
struct ForClock {
    /// Since when the expression holds, milliseconds since 1970.
    let activeAt: Int64
    /// When the process said that last.
    let lastSaidAt: Int64

    /// When the clock is taken to have begun, now that the alert is found again; `nil` where it begins anew.
    ///
    /// See `RestoreForState` in `rules/group.go` of Prometheus.
    func continued(
        at now: Int64,
        holdMilliseconds: Int64,
        gracePeriodMilliseconds: Int64,
        countsAbsence: Bool
    ) -> Int64? {
        // A short `for` is waited for anew: that is over before the grace period is.
        guard holdMilliseconds >= gracePeriodMilliseconds else { return nil }
        let downAt = lastSaidAt.flooredQuotient(1000) * 1000
        let remaining = holdMilliseconds - (downAt - activeAt)
        if remaining > 0, remaining < gracePeriodMilliseconds {
            // It would fire at once: give the daemon the grace period to see whether it still holds.
            return now + gracePeriodMilliseconds - holdMilliseconds
        }
        // The time in which nobody looked does not count.
        return remaining > 0 && !countsAbsence ? activeAt + now - downAt : activeAt
    }
}

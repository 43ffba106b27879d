import Metrics
import Outbound

/// What one Alertmanager has been sent, and what it is to be sent now.
///
/// As in Prometheus: an alert that fires again and again, so that the Alertmanager knows that it still does; one that
/// has ended for a quarter of an hour, unless others may tell the same alert. What could not be sent is not queued: the next attempt sends what is true then.
struct AlertmanagerFeed: Sendable {
    /// The time between two messages about an alert, milliseconds.
    let resendDelay: Int64
    private let tellsEnds: Bool
    private let giveUpAfter: Int64
    private let backoff: Backoff
    private struct Sent: Sendable {
        var time: Int64
        var isResolved: Bool
    }

    private var sent: [Labels: Sent] = [:]
    private var failures = 0
    private var failingSince: Int64?
    private var pausedUntil: Int64 = .min
    private var hasReported = false

    init(resendDelay: Int64 = 60_000, tellsEnds: Bool = true, giveUpAfter: Int64, backoff: Backoff = Backoff()) {
        self.resendDelay = resendDelay
        self.tellsEnds = tellsEnds
        self.giveUpAfter = giveUpAfter
        self.backoff = backoff
    }

    /// Whether the last attempt failed.
    var isFailing: Bool {
        failures > 0
    }

    /// The alerts to send now, of all that fire or have ended lately.
    func due(_ alerts: some Collection<NotifiedAlert>, at now: Int64) -> [NotifiedAlert] {
        guard now >= pausedUntil else { return [] }
        return alerts.filter { alert in
            guard tellsEnds || !alert.isResolved else { return false }
            guard let last = sent[alert.key] else { return true }
            return last.isResolved != alert.isResolved || last.time + resendDelay <= now
        }
    }

    /// Notes that all that was sent has arrived.
    mutating func noteSuccess() {
        failures = 0
        failingSince = nil
        hasReported = false
        pausedUntil = .min
    }

    /// Notes that alerts have arrived.
    mutating func note(delivered alerts: some Sequence<NotifiedAlert>, at now: Int64) {
        for alert in alerts { sent[alert.key] = Sent(time: now, isResolved: alert.isResolved) }
    }

    /// Notes that an attempt failed; whether it has been failing for so long that it is to be reported, which is so
    /// once.
    mutating func note(failed after: Int64?, at now: Int64, random: Double) -> Bool {
        failures += 1
        let since = failingSince ?? now
        failingSince = since
        pausedUntil = now + max(backoff.wait(failures: failures, random: random), min(after ?? 0, giveUpAfter))
        guard !hasReported, now - since >= giveUpAfter else { return false }
        hasReported = true
        return true
    }

    /// Forgets alerts that are not there any more.
    mutating func forget(_ key: Labels) {
        sent[key] = nil
    }
}

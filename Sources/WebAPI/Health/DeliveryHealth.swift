import Alerting
import RemoteWrite

/// Whether receivers take messages.
struct NotificationsHealth: Sendable {
    /// For how long a message that could not be delivered is news.
    private static let memory: Duration = .seconds(600)

    private var successes = Movements<Int>()
    private var failures = Movements<Int>()

    mutating func finding(_ statistics: NotificationStatistics?, now: ContinuousClock.Instant) -> HealthFinding {
        guard let statistics, !statistics.receivers.isEmpty || !statistics.alertmanagers.isEmpty else {
            return .healthy("nobody is told of alerts: no receiver is configured")
        }
        let receivers = statistics.receivers.sorted { $0.key < $1.key }
        successes.note(statistics.receivers.mapValues(\.sent), at: now)
        failures.note(statistics.receivers.mapValues { $0.failedAttempts.values.reduce(0, +) }, at: now)
        let failing = receivers.filter { name, figures in
            guard let failure = failures[name] else { return false }
            if let success = successes[name], success > failure || success == failure && figures.queued == 0 {
                return false
            }
            return figures.queued > 0 || now - failure <= Self.memory
        }
        guard failing.isEmpty else {
            let names = failing.map { name, figures in
                let reasons = figures.failedAttempts.keys.sorted().joined(separator: ", ")
                return "\(name) (\(reasons); \(figures.queued) waiting)"
            }
            return .degraded(
                "\(failing.count) of \(receivers.count) receivers do not take messages: \(FleetHealth.list(names))"
            )
        }
        return .healthy("\(receivers.count) receivers")
    }
}

/// Whether endpoints of remote write take samples.
struct RemoteWriteHealth: Sendable {
    /// For how long samples that were lost are news.
    private static let memory: Duration = .seconds(600)

    private var losses = Movements<Int>()

    mutating func finding(_ statistics: RemoteWriteStatistics?, now: ContinuousClock.Instant) -> HealthFinding {
        guard let statistics else { return .healthy("nothing is written elsewhere: no endpoint is configured") }
        losses.note(
            Dictionary(statistics.endpoints.map { ($0.name, $0.statistics.dropped.values.reduce(0, +)) }) { $0 + $1 },
            at: now
        )
        let troubles = statistics.endpoints.compactMap { name, figures -> String? in
            if figures.isFailing {
                let reasons = figures.failedAttempts.keys.sorted().joined(separator: ", ")
                return "\(name) takes no samples (\(reasons)) and is \(Int(figures.lagSeconds)) s behind"
            }
            guard let loss = losses[name], now - loss <= Self.memory else { return nil }
            return "\(name) has lost samples (\(figures.dropped.keys.sorted().joined(separator: ", ")))"
        }
        guard troubles.isEmpty else {
            return .degraded(
                "\(troubles.count) of \(statistics.endpoints.count) endpoints have trouble: \(FleetHealth.list(troubles))"
            )
        }
        if let problem = statistics.queue.problem { return .degraded(problem.description) }
        return .healthy("\(statistics.endpoints.count) endpoints")
    }
}

import Metrics

/// The alerts of one rule.
///
/// An evaluation's results go in, changes come out; the time is the caller's.
///
/// The transitions are those of `rules/alerting.go` in Prometheus, so that both reach the same states at the same
/// evaluation.
struct AlertStateMachine: Sendable {
    /// How long a resolved alert stays.
    static let resolvedRetentionMilliseconds: Int64 = 15 * 60_000

    /// One element of the result, its labels and annotations expanded.
    struct Result {
        let value: Double
        let annotations: Labels
    }

    private(set) var alerts: [Labels: Alert] = [:]
    /// Alerts of the process before: each goes on as it was when it is found again.
    var remembered: [Labels: JournaledAlert] = [:]
    /// Clocks that another process has begun: each goes on when its alert is found.
    var carried: [Labels: CarriedClocks.Clock] = [:]

    /// The alerts that are pending or firing, by labels.
    var active: [Alert] {
        alerts.values.filter { $0.state != .inactive }.sorted { $0.labels < $1.labels }
    }

    /// Takes the results of an evaluation and returns what changed, in the order of the labels.
    mutating func update(
        with results: [Labels: Result],
        at now: Int64,
        holdMilliseconds: Int64,
        keepFiringMilliseconds: Int64
    ) -> [AlertChange] {
        var changes: [AlertChange] = []
        var taken: Set<Labels> = []
        for (labels, result) in results {
            if var known = alerts[labels], known.state != .inactive {
                // The clock may have been set back by hours.
                known.activeAt = min(known.activeAt, now)
                known.value = result.value
                known.annotations = result.annotations
                known.keepFiringSince = nil
                alerts[labels] = known
            } else {
                let known = remembered.removeValue(forKey: labels)
                let start = carried.removeValue(forKey: labels)?.start(now: now, holdMilliseconds: holdMilliseconds)
                if known == nil, start != nil { taken.insert(labels) }
                alerts[labels] = Alert(
                    labels: labels,
                    annotations: result.annotations,
                    value: result.value,
                    state: known?.isFiring == true ? .firing : .pending,
                    activeAt: known?.activeAt ?? start.map { min($0, now) } ?? now,
                    firedAt: known?.firedAt
                )
            }
        }
        for labels in Array(alerts.keys) {
            guard var alert = alerts[labels] else { continue }
            let kind: AlertChange.Kind?
            if results[labels] == nil {
                kind = absent(&alert, at: now, keepFiringMilliseconds: keepFiringMilliseconds)
            } else {
                let isNew = alert.state == .pending && (alert.activeAt == now || taken.contains(labels))
                kind = alert.fire(at: now, after: holdMilliseconds) ? .firing : isNew ? .pending : nil
            }
            if let kind { changes.append(AlertChange(kind: kind, alert: alert, timestampMilliseconds: now)) }
            let isOver = alert.resolvedAt.map { now - $0 > Self.resolvedRetentionMilliseconds } ?? false
            alerts[labels] = kind == .dropped || isOver ? nil : alert
        }
        return changes.sorted { $0.alert.labels < $1.alert.labels }
    }

    /// An alert that is not in the results any more.
    private func absent(
        _ alert: inout Alert,
        at now: Int64,
        keepFiringMilliseconds: Int64
    ) -> AlertChange.Kind? {
        switch alert.state {
        case .inactive: return nil
        case .pending:
            alert.state = .inactive
            alert.resolvedAt = now
            return .dropped
        case .firing:
            let since = alert.keepFiringSince ?? now
            if keepFiringMilliseconds > 0 {
                alert.keepFiringSince = since
                if now - since < keepFiringMilliseconds { return nil }
            }
            alert.state = .inactive
            alert.resolvedAt = now
            return .resolved
        }
    }

    /// Forgets everything, as after a rule had more alerts than it may.
    mutating func removeAll() {
        alerts = [:]
    }

    /// Continues the `for` clocks of the process before.
    ///
    /// `last` gives, for the labels of an alert, the last sample of `ALERTS_FOR_STATE`: its time in milliseconds and
    /// its value, the start of the clock in seconds.
    mutating func restore(
        from last: (Labels) -> (timestamp: Int64, value: Double)?,
        at now: Int64,
        holdMilliseconds: Int64,
        gracePeriodMilliseconds: Int64,
        countsAbsence: Bool = false
    ) {
        for (labels, alert) in alerts where alert.state != .inactive {
            guard let sample = last(labels), sample.value.isFinite,
                let startSeconds = Int64(exactly: sample.value.rounded(.towardZero)), startSeconds.magnitude < 1 << 40
            else { continue }
            let start = ForClock(activeAt: startSeconds * 1000, lastSaidAt: sample.timestamp).continued(
                at: now,
                holdMilliseconds: holdMilliseconds,
                gracePeriodMilliseconds: gracePeriodMilliseconds,
                countsAbsence: countsAbsence
            )
            guard let start else { continue }
            alerts[labels]?.activeAt = start
        }
    }
}

extension Alert {
    fileprivate init(
        labels: Labels,
        annotations: Labels,
        value: Double,
        state: AlertState,
        activeAt: Int64,
        firedAt: Int64?
    ) {
        self.labels = labels
        self.annotations = annotations
        self.value = value
        self.state = state
        self.activeAt = activeAt
        self.firedAt = firedAt
    }

    /// Goes from pending to firing where the time has come; whether it did.
    fileprivate mutating func fire(at now: Int64, after hold: Int64) -> Bool {
        guard state == .pending, now - activeAt >= hold else { return false }
        state = .firing
        firedAt = now
        return true
    }
}

import Metrics

/// Tells a group of alerts from others, across restarts too.
struct AlertGroupKey: Hashable, Sendable {
    /// The node of the routing tree.
    let route: String
    /// Who is told: a receiver may have several ways, each of which is told by itself.
    let endpoint: String
    /// The labels that the alerts have in common.
    let labels: Labels

    /// As Alertmanager writes `groupKey`.
    var text: String {
        let shown = labels.pairs.map { "\($0.name)=\($0.value.debugDescription)" }
        return "\(route):{\(shown.joined(separator: ", "))}"
    }
}

/// What a receiver was told of a group last.
struct GroupNotice: Sendable, Equatable {
    /// When, milliseconds since 1970.
    var time: Int64
    /// The alerts that it was told fire.
    var firing: Set<Labels>
    /// The alerts that it was told have ended.
    var resolved: Set<Labels>
}

/// One group of alerts: when its next message is due, and what is in it.
///
/// The rules are those of Alertmanager (`dispatch/dispatch.go`, `notify/notify.go`): the first message `group_wait`
/// after the first alert; then every `group_interval` one, if there is something that the receiver was not told yet,
/// or if `repeat_interval` has passed and something still fires.
struct AlertGroupStateMachine: Sendable {
    let timing: AlertRoute.Timing
    let sendsResolved: Bool
    private(set) var alerts: [Labels: NotifiedAlert] = [:]
    private(set) var nextFlush: Int64
    private(set) var notice: GroupNotice?

    /// What is to be told.
    enum Action: Equatable {
        /// Nothing is news.
        case nothing
        /// The receiver does not want to hear it, but it is as if it had been told.
        case note
        /// These alerts, those that fire first.
        case tell([NotifiedAlert])
    }

    /// A group that gets its first alert now.
    init(timing: AlertRoute.Timing, sendsResolved: Bool, now: Int64) {
        self.timing = timing
        self.sendsResolved = sendsResolved
        nextFlush = now + timing.groupWait
    }

    /// A group of which an earlier process has told something.
    init(timing: AlertRoute.Timing, sendsResolved: Bool, notice: GroupNotice) {
        self.timing = timing
        self.sendsResolved = sendsResolved
        self.notice = notice
        nextFlush = notice.time + timing.groupInterval
    }

    /// Whether it can be forgotten: nobody waits for news of it.
    var isEmpty: Bool {
        alerts.isEmpty
    }

    /// Takes an alert, in the place of what was known of it.
    mutating func update(_ alert: NotifiedAlert, now: Int64) {
        if alert.isResolved, alerts[alert.key] == nil, notice?.firing.contains(alert.key) != true { return }
        alerts[alert.key] = alert
        // One that has fired for longer, as after a restart, has waited already.
        if notice == nil, alert.startsAt + timing.groupWait <= now { nextFlush = min(nextFlush, now) }
    }

    /// Replaces the annotations and values, which are no news.
    mutating func refresh(_ alert: NotifiedAlert) {
        guard alerts[alert.key]?.isResolved == false else { return }
        alerts[alert.key]?.annotations = alert.annotations
        alerts[alert.key]?.value = alert.value
    }

    /// Decides what is told now; alerts that `isMuted` are kept back.
    mutating func flush(at now: Int64, isMuted: (NotifiedAlert) -> Bool) -> Action {
        nextFlush = now + timing.groupInterval
        let visible = alerts.values.filter { !isMuted($0) }
        // What has ended is told now or never.
        alerts = alerts.filter { !$0.value.isResolved }
        guard !visible.isEmpty else { return .nothing }
        let firing = visible.filter { !$0.isResolved }.sorted { $0.labels < $1.labels }
        let resolved = visible.filter(\.isResolved).sorted { $0.labels < $1.labels }
        let new = GroupNotice(time: now, firing: Set(firing.map(\.key)), resolved: Set(resolved.map(\.key)))
        guard isNews(new) else { return .nothing }
        notice = new
        if !sendsResolved, firing.isEmpty { return .note }
        return .tell(sendsResolved ? firing + resolved : firing)
    }

    /// `needsUpdate` of Alertmanager.
    private func isNews(_ new: GroupNotice) -> Bool {
        guard let notice else { return !new.firing.isEmpty }
        if !new.firing.isSubset(of: notice.firing) { return true }
        if new.firing.isEmpty { return !notice.firing.isEmpty }
        if sendsResolved, !new.resolved.isSubset(of: notice.resolved) { return true }
        return notice.time + timing.repeatInterval <= new.time
    }
}

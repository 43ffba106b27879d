import Metrics

/// All groups of alerts: leads alerts to them and says whose message is due.
///
/// Pure: the time and what is muted are the caller's.
struct Dispatcher: Sendable {
    /// A message that a group wants to be sent, and what must be remembered with it.
    struct Message: Sendable {
        let group: AlertGroupKey
        /// Empty where there is nothing to send, only to remember.
        let alerts: [NotifiedAlert]
        /// What the receiver knows then.
        let notice: GroupNotice
    }

    /// What a flush came to.
    struct Outcome: Sendable {
        var messages: [Message] = []
        /// Groups that are over; nothing needs to be remembered of them.
        var ended: [AlertGroupKey] = []
    }

    /// One way to tell a receiver.
    struct Endpoint: Sendable {
        let id: String
        /// Whether it wants to hear of what has ended.
        let sendsResolved: Bool
    }

    /// Where an alert goes.
    private struct Place {
        let key: AlertGroupKey
        let timing: AlertRoute.Timing
        let sendsResolved: Bool
    }

    private let root: AlertRoute
    /// The ways to tell each receiver, by its name.
    private let endpoints: [String: [Endpoint]]
    private var inhibitions: Inhibitions
    private var groups: [AlertGroupKey: AlertGroupStateMachine] = [:]

    init(root: AlertRoute, endpoints: [String: [Endpoint]], inhibitions: [InhibitionRule]) {
        self.root = root
        self.endpoints = endpoints
        self.inhibitions = Inhibitions(inhibitions)
    }

    /// Goes on where an earlier process ended: with what it has told, and with the alerts that there are now.
    ///
    /// Those must include the alerts that have ended since and that a notice has as firing.
    /// - Returns: The groups that are not there any more.
    mutating func restore(
        _ notices: [AlertGroupKey: GroupNotice],
        alerts: [NotifiedAlert],
        now: Int64
    ) -> [AlertGroupKey] {
        // The sources first: what they keep back must not slip through.
        for alert in alerts { inhibitions.note(alert) }
        for alert in alerts {
            for place in places(of: alert) {
                if groups[place.key] == nil, let notice = notices[place.key] {
                    groups[place.key] = AlertGroupStateMachine(
                        timing: place.timing,
                        sendsResolved: place.sendsResolved,
                        notice: notice
                    )
                }
                add(alert, to: place, now: now)
            }
        }
        return notices.keys.filter { groups[$0] == nil }
    }

    /// What receivers have been told, of the groups that there are.
    var notices: [AlertGroupKey: GroupNotice] {
        groups.compactMapValues(\.notice)
    }

    /// Takes an alert that has begun to fire or has ended.
    mutating func update(_ alert: NotifiedAlert, now: Int64) {
        inhibitions.note(alert)
        for place in places(of: alert) { add(alert, to: place, now: now) }
    }

    /// Takes the annotations and the value of an alert that goes on firing.
    mutating func refresh(_ alert: NotifiedAlert) {
        for place in places(of: alert) { groups[place.key]?.refresh(alert) }
    }

    private mutating func add(_ alert: NotifiedAlert, to place: Place, now: Int64) {
        if groups[place.key] == nil {
            if alert.isResolved { return }
            groups[place.key] = AlertGroupStateMachine(
                timing: place.timing,
                sendsResolved: place.sendsResolved,
                now: now
            )
        }
        groups[place.key]?.update(alert, now: now)
    }

    private func places(of alert: NotifiedAlert) -> [Place] {
        root.destinations(of: alert.labels).flatMap { destination in
            let labels = destination.grouping.labels(of: alert.labels)
            return (endpoints[destination.receiver] ?? []).map { endpoint in
                Place(
                    key: AlertGroupKey(route: destination.id, endpoint: endpoint.id, labels: labels),
                    timing: destination.timing,
                    sendsResolved: endpoint.sendsResolved
                )
            }
        }
    }

    /// When the next message may be due; `nil` if there is no group.
    var nextDue: Int64? {
        groups.values.map(\.nextFlush).min()
    }

    /// The messages that are due.
    ///
    /// - Parameter isSilenced: Whether a silence holds an alert back; inhibition is seen to here.
    mutating func flush(at now: Int64, isSilenced: (Labels) -> Bool) -> Outcome {
        var outcome = Outcome()
        let due = groups.filter { $0.value.nextFlush <= now }.keys
        for key in due.sorted(by: Self.precedes) {
            guard var group = groups[key] else { continue }
            let action = group.flush(at: now) { alert in
                inhibitions.inhibit(alert.labels) || isSilenced(alert.labels)
            }
            groups[key] = group.isEmpty ? nil : group
            if let notice = group.notice, action != .nothing {
                var alerts: [NotifiedAlert] = []
                if case .tell(let told) = action { alerts = told }
                outcome.messages.append(Message(group: key, alerts: alerts, notice: notice))
            }
            if group.isEmpty { outcome.ended.append(key) }
        }
        return outcome
    }

    private static func precedes(_ left: AlertGroupKey, _ right: AlertGroupKey) -> Bool {
        (left.route, left.endpoint, left.labels) < (right.route, right.endpoint, right.labels)
    }
}

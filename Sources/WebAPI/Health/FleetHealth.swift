import RedisClient
import RedisFleet

/// Whether the servers are polled, and answer.
///
/// Servers that are down make the watch degraded and never unhealthy: telling so is its work, and a probe that restarts
/// it for that would only take the telling away.
enum FleetHealth {
    /// What a poll may be late by on a machine that is busy.
    private static let patience: Duration = .seconds(10)
    private static let named = 3

    /// - Parameters:
    ///   - hasTargets: Whether servers are to be found from targets.
    ///   - startedAt: When the watch began.
    static func finding(
        _ conditions: [(node: Node, condition: NodeCondition)],
        hasTargets: Bool,
        startedAt: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> HealthFinding {
        guard let slowest = conditions.map({ patience(of: $0.condition) }).max() else {
            return hasTargets
                ? .degraded("no server has been found yet from the targets; see redstart discover")
                : .healthy("no server is watched")
        }
        let polled = conditions.filter { $0.condition.outcome != nil }
        guard !polled.isEmpty else {
            return now - startedAt > slowest
                ? .unhealthy("none of \(conditions.count) servers has been polled since the start; restart Redstart")
                : .healthy("none of \(conditions.count) servers has been polled yet")
        }
        let up = polled.filter { $0.condition.outcome?.failure == nil }
        let late = up.filter { _, condition in
            condition.outcome.map { now - $0.finished > patience(of: condition) } ?? false
        }
        if !late.isEmpty {
            let names = list(late.map(\.node.instance))
            let message = "\(late.count) of \(conditions.count) servers are polled too late: \(names)"
            return late.count == up.count
                ? .unhealthy("\(message); has this machine no time left for Redstart?") : .degraded(message)
        }
        let down = polled.compactMap { node, condition in
            condition.outcome?.failure.map { "\(node.instance) (\($0.reason.rawValue))" }
        }
        guard down.isEmpty else {
            return .degraded("\(down.count) of \(conditions.count) servers are down: \(list(down))")
        }
        let waiting = conditions.count - polled.count
        let text = up.count == 1 ? "1 server is up" : "\(up.count) servers are up"
        return .healthy(text + (waiting > 0 ? ", \(waiting) have not been polled yet" : ""))
    }

    private static func patience(of condition: NodeCondition) -> Duration {
        condition.pollInterval * 3 + condition.pollTimeout * 2 + patience
    }

    /// The first of many, and how many more there are.
    static func list(_ names: [String]) -> String {
        let rest = names.count - named
        return names.prefix(named).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}

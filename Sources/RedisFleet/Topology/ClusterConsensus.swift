import RedisClient

/// What most nodes of a cluster say about it, and who says something else.
struct ClusterConsensus: Hashable {
    /// The view that most nodes share; of equally many the one with the highest epoch.
    let view: ClusterView
    /// The nodes whose map of the slots is another.
    let dissenters: [Endpoint]

    /// What is thought of members, by their identifier: the worst that any node says.
    let failures: [String: ClusterView.Failure]

    /// - Parameter views: At least one.
    init(views: [(endpoint: Endpoint, view: ClusterView)]) {
        var supporters: [[String: SlotSet]: [Endpoint]] = [:]
        var best: (count: Int, epoch: Int64, view: ClusterView)?
        for (endpoint, view) in views {
            supporters[Self.slotMap(view), default: []].append(endpoint)
        }
        for (_, view) in views {
            let count = supporters[Self.slotMap(view)]?.count ?? 0
            let epoch = view.members.map(\.epoch).max() ?? 0
            if let known = best, (known.count, known.epoch) >= (count, epoch) { continue }
            best = (count, epoch, view)
        }
        var failures: [String: ClusterView.Failure] = [:]
        for member in views.flatMap(\.view.members) {
            guard let failure = member.failure, failures[member.id] != .failed else { continue }
            failures[member.id] = failure
        }
        self.failures = failures
        view = best?.view ?? views[0].view
        let agreed = Self.slotMap(view)
        dissenters = views.filter { Self.slotMap($0.view) != agreed }.map(\.endpoint).sorted(by: <)
    }

    private static func slotMap(_ view: ClusterView) -> [String: SlotSet] {
        var map: [String: SlotSet] = [:]
        for member in view.members where !member.slots.isEmpty {
            map[member.id] = member.slots
        }
        return map
    }
}

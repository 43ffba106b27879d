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
        let maps = views.map { Self.slotMap($0.view) }
        let supporters = Dictionary(maps.map { ($0, 1) }, uniquingKeysWith: +)
        var best = (position: 0, supporters: 0, epoch: Int64.min)
        for (position, map) in maps.enumerated() {
            let count = supporters[map, default: 0]
            let epoch = views[position].view.members.map(\.epoch).max() ?? 0
            if (count, epoch) > (best.supporters, best.epoch) { best = (position, count, epoch) }
        }
        view = views[best.position].view
        let agreed = maps[best.position]
        dissenters = zip(views, maps).filter { $0.1 != agreed }.map(\.0.endpoint).sorted(by: <)
        var failures: [String: ClusterView.Failure] = [:]
        for (_, view) in views {
            for member in view.members {
                guard let failure = member.failure, failures[member.id] != .failed else { continue }
                failures[member.id] = failure
            }
        }
        self.failures = failures
    }

    private static func slotMap(_ view: ClusterView) -> [String: SlotSet] {
        var map: [String: SlotSet] = [:]
        for member in view.members where !member.slots.isEmpty {
            map[member.id] = member.slots
        }
        return map
    }
}

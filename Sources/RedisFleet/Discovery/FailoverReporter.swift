import RedisClient

/// Tells of one target's failovers and of its slots: on the timeline, and in the figures of its deployments.
///
/// Failovers are known from what Sentinels publish and from what they answer, those of a cluster's shards from the
/// topology alone.
struct FailoverReporter {
    private let board: DeploymentBoard
    private var log = SentinelEventLog()

    init(board: DeploymentBoard) {
        self.board = board
    }

    /// The number of events of a Sentinel by their channel.
    func counts(of sentinel: Endpoint) -> [String: Int] {
        log.counts(of: sentinel)
    }

    /// A Sentinel is watched no longer.
    mutating func forget(_ sentinel: Endpoint) {
        log.forget(sentinel)
    }

    /// The nodes were asked.
    ///
    /// - Parameters:
    ///   - statements: What each of them says.
    ///   - before: The topology before.
    mutating func note(
        _ statements: [NodeStatement],
        before: Topology,
        known: Topology,
        now: ContinuousClock.Instant
    ) {
        let views = statements.filter(\.isReachable).compactMap(\.sentinel)
        for news in log.note(views, now: now) { tell(news, statements, known) }
        for name in Set(views.flatMap(\.masters).map(\.name)) {
            let isTrying = log.isTrying(name)
            board.change(Self.deployment(ofMaster: name, statements, known)) { figures in
                figures.hasSentinels = true
                figures.isFailingOver = isTrying
            }
        }
        for deployment in known.deployments {
            board.note(slotsUncovered: deployment.slotsUncovered, of: deployment.name)
        }
        for failover in TopologyChanges.shardFailovers(from: before, to: known) {
            board.change(failover.deployment) { $0.note(.end(.completed, nil)) }
            let text = "\(failover.master) has taken the slots of \(failover.formerMaster) over"
            board.append([EventDraft(.failoverCompleted, failover.deployment, failover.master, text)])
        }
    }

    /// A Sentinel has published an event.
    mutating func receive(
        _ event: SentinelEvent,
        from sentinel: Endpoint,
        _ statements: [NodeStatement],
        known: Topology,
        now: ContinuousClock.Instant
    ) {
        let own = known.node(at: sentinel)?.deployment ?? ""
        let deployment = event.masterName.map { Self.deployment(ofMaster: $0, statements, known) } ?? own
        board.append([EventDraft(kind: event.channel, deployment, sentinel, event.text)])
        if let news = log.receive(event, from: sentinel, now: now) { tell(news, statements, known) }
    }

    private func tell(_ news: SentinelEventLog.FailoverNews, _ statements: [NodeStatement], _ known: Topology) {
        let deployment = Self.deployment(ofMaster: news.masterName, statements, known)
        board.change(deployment) { $0.note(news.action) }
        guard case .end(let outcome, let duration) = news.action else { return }
        let time = duration.map { " after \($0.formatted)" } ?? ""
        let draft =
            switch outcome {
            case .completed:
                EventDraft(.failoverCompleted, deployment, nil, "\(news.masterName) has another master\(time)")
            case .aborted:
                EventDraft(.failoverAborted, deployment, nil, "a failover of \(news.masterName) was given up\(time)")
            }
        board.append([draft])
    }

    /// The deployment that Sentinels have a name for.
    private static func deployment(ofMaster name: String, _ statements: [NodeStatement], _ known: Topology) -> String {
        for statement in statements {
            guard let master = statement.sentinel?.masters.first(where: { $0.name == name }),
                let node = known.node(at: master.entry.endpoint), !node.deployment.isEmpty
            else { continue }
            return node.deployment
        }
        return name
    }
}

extension Duration {
    /// Seconds with one decimal: `7.4 s`.
    fileprivate var formatted: String {
        let tenths = (seconds * 10).rounded() / 10
        return "\(tenths) s"
    }
}

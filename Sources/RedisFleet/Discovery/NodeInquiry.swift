import RedisClient
import RedisCollectors

/// What one node is asked to find others: INFO, then what its kind of node knows.
struct NodeInquiry: Sendable {
    /// The only master that is of interest at a Sentinel; `nil` for all.
    let masterName: String?
    /// Whether the node is reached with TLS.
    let usesTLS: Bool
    /// Sends commands: one entry each, `nil` for one that is not answered; `nil` when the node does not answer.
    let ask: @Sendable ([Command]) async -> [Reply?]?

    /// Masters of one Sentinel beyond this number are not asked about.
    private static let masterLimit = 256
    private static let info = [Command("INFO")]
    private static let nodesAndShards = [Command("CLUSTER", "NODES"), Command("CLUSTER", "SHARDS")]
    private static let nodesAndSlots = [Command("CLUSTER", "NODES"), Command("CLUSTER", "SLOTS")]
    private static let masters = [Command("SENTINEL", "MASTERS")]

    init(masterName: String?, usesTLS: Bool, ask: @escaping @Sendable ([Command]) async -> [Reply?]?) {
        self.masterName = masterName
        self.usesTLS = usesTLS
        self.ask = ask
    }

    /// Asks over the connection of a session.
    init(session: NodeSession, masterName: String?) {
        self.init(masterName: masterName, usesTLS: session.usesTLS) { await session.ask($0) }
    }

    /// What the node says now; `nil` when it does not answer in time.
    ///
    /// The question is not taken back then: the connection stays for the poll, whose deadline is longer.
    func answer(to statement: NodeStatement, within patience: Duration) async -> NodeStatement? {
        let (stream, answers) = AsyncStream<NodeStatement?>.makeStream()
        Task { answers.yield(await answer(to: statement)) }
        let timer = Task {
            guard (try? await Task.sleep(for: patience)) != nil else { return }
            answers.yield(nil)
        }
        defer { timer.cancel() }
        for await answer in stream {
            return answer
        }
        return nil
    }

    /// What the node says now; `nil` when it does not answer.
    func answer(to statement: NodeStatement) async -> NodeStatement? {
        guard let replies = await ask(Self.info) else { return nil }
        var statement = statement
        if let reply = replies[0], let facts = SelfDescription(reply) {
            statement.facts = facts
        }
        statement.isReachable = true
        guard let facts = statement.facts else { return statement }
        if facts.role == .sentinel {
            statement.sentinel = await sentinelView()
        } else if facts.isClusterEnabled {
            statement.cluster = await clusterView(facts)
        }
        return statement
    }

    private func clusterView(_ facts: SelfDescription) async -> ClusterView? {
        let major = facts.version.split(separator: ".").first.flatMap { Int($0) } ?? 0
        let hasShards = major >= 7
        guard let replies = await ask(hasShards ? Self.nodesAndShards : Self.nodesAndSlots),
            let nodes = replies[0], var view = ClusterView(nodes: nodes)
        else { return nil }
        guard let addresses = replies[1] else { return view }
        if hasShards {
            view.add(shards: addresses, usesTLS: usesTLS)
        } else {
            view.add(slots: addresses)
        }
        return view
    }

    private func sentinelView() async -> SentinelView? {
        guard let replies = await ask(Self.masters), let masters = replies[0],
            var view = SentinelView(masters: masters, named: masterName)
        else { return nil }
        let names = view.masters.prefix(Self.masterLimit).map(\.name)
        let commands = names.flatMap { name in
            [
                Command("SENTINEL", "REPLICAS", name), Command("SENTINEL", "SENTINELS", name),
                Command("SENTINEL", "CKQUORUM", name),
            ]
        }
        guard !commands.isEmpty, let details = await ask(commands) else { return view }
        for (position, name) in names.enumerated() {
            view.add(
                toMaster: name,
                replicas: details[position * 3],
                peers: details[position * 3 + 1],
                quorum: details[position * 3 + 2]
            )
        }
        return view
    }
}

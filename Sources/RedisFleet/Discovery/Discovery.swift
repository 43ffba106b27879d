import NIOCore
import RedisClient
import RedisCollectors

/// Keeps knowing which nodes a target has and how they stand to each other.
///
/// It asks over the connections of the sessions. It looks again when a Sentinel publishes something, when a node
/// fails, and after every interval.
actor Discovery {
    nonisolated let source: Source
    private let registry: SessionRegistry
    private let board: DeploymentBoard
    private let names: DeploymentNames
    private let rank: DeploymentNames.Rank
    private let naming: DeploymentNaming
    private let forgetAfter: Duration
    private let clock = ContinuousClock()
    private let wakeups: AsyncStream<Void>
    nonisolated private let wake: AsyncStream<Void>.Continuation
    private let watcher: NodeWatcher

    private var known = Topology()
    private var addresses: AddressMap
    private var members: [Endpoint: Member] = [:]
    private var order: [Endpoint] = []
    private var subscriptions: [Endpoint: SubscriptionState] = [:]
    private var reporter: FailoverReporter
    private var pacer = LookPacer()
    /// Whether the target is not watched any more.
    private var isEnded = false
    /// Looks since something has changed, while something is wrong that should not last.
    private var looksAtTrouble = 0
    private var checkedNodes: Set<Endpoint> = []

    /// Where nodes come from.
    enum Source: Sendable {
        /// The nodes that are found from a target.
        case target(TargetConfiguration)
        /// Nodes that were named one by one: what they say of each other is of interest, but no other node is watched.
        case plain([NodeConfiguration])
    }

    private struct Member {
        let session: NodeSession
        var statement: NodeStatement
        var lastNamed: ContinuousClock.Instant
        /// Parts of answers that could not be read so far.
        var skipped = 0
    }

    /// How long one look waits for nodes that do not answer, and for those that did not the last time either: a master
    /// that hangs must not delay what is learned of its heir.
    private static let patience: Duration = .seconds(1)
    private static let patienceWithSilent: Duration = .milliseconds(100)
    /// So many are asked at a time: the replies of a thousand at once would take tens of megabytes for a moment.
    private static let askedAtOnce = 64
    /// How often a target in trouble is looked at, and how many times.
    private static let troubleInterval: Duration = .seconds(2)
    private static let troubleLooks = 60
    /// How many nodes one target may bring.
    private static let memberLimit = 2000

    /// Prepares to look.
    ///
    /// - Parameter forgetAfter: How long a node that nobody names any more is still watched, so that it is missed.
    init(
        of source: Source,
        in registry: SessionRegistry,
        board: DeploymentBoard,
        names: DeploymentNames,
        forgetAfter: Duration
    ) {
        self.source = source
        self.registry = registry
        self.board = board
        reporter = FailoverReporter(board: board)
        self.names = names
        self.forgetAfter = forgetAfter
        (wakeups, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let rank = names.enter { [wake] in wake.yield() }
        self.rank = rank
        var naming = DeploymentNaming()
        naming.isTaken = { names.isTaken($0, for: $1, before: rank) }
        let findsNodes = if case .target = source { true } else { false }
        watcher = NodeWatcher(findsNodes: findsNodes) { [wake] in wake.yield() }
        let now = ContinuousClock.now
        switch source {
        case .plain(let nodes):
            addresses = AddressMap()
            for node in nodes {
                let session = registry.add(node, for: watcher)
                let statement = NodeStatement(endpoint: session.endpoint)
                members[session.endpoint] = Member(session: session, statement: statement, lastNamed: now)
                order.append(session.endpoint)
            }
        case .target(let configuration):
            addresses = AddressMap(configuration.addressMap)
            let isSentinel = configuration.target.namesSentinels
            naming.ofMaster = isSentinel ? configuration.name : nil
            naming.qualifier = configuration.target.addresses[0].endpoint.description
            for address in configuration.target.addresses {
                let node = configuration.configuration(of: address.endpoint, isSentinel: isSentinel)
                let session = registry.add(node, for: watcher)
                var statement = NodeStatement(endpoint: address.endpoint)
                statement.configuredName = isSentinel ? nil : configuration.name
                members[address.endpoint] = Member(session: session, statement: statement, lastNamed: now)
                order.append(address.endpoint)
            }
        }
        self.naming = naming
    }

    /// What nodes are found from; `nil` where they are named one by one.
    nonisolated var target: TargetConfiguration? {
        if case .target(let configuration) = source { configuration } else { nil }
    }

    /// Looks again and again until the task is cancelled.
    func run(every interval: Duration) async {
        let ticking = Task { [wake] in
            repeat { wake.yield() } while (try? await Task.sleep(for: interval)) != nil
        }
        defer {
            ticking.cancel()
            for subscription in subscriptions.values { subscription.task?.cancel() }
        }
        for await _ in wakeups {
            guard !Task.isCancelled else { return }
            await learnUntilSettled()
            let pause = pacer.pause(members: members.count, now: clock.now)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
        }
    }

    /// Watches these nodes instead of those that were named one by one before; what is as it was goes on.
    func replaceNodes(with nodes: [NodeConfiguration]) async {
        let wanted = Dictionary(nodes.map { ($0.connection.address.endpoint, $0) }) { first, _ in first }
        for endpoint in order {
            guard let session = members[endpoint]?.session, wanted[endpoint] != session.configuration else { continue }
            await release(endpoint)
        }
        for node in nodes where members[node.connection.address.endpoint] == nil { addNamed(node) }
        wake.yield()
    }

    /// Ends the watch of all nodes that were found.
    func end() async {
        isEnded = true
        wake.finish()
        board.forget(known.deployments.map(\.name))
        names.leave(rank)
        known = Topology()
        for endpoint in order { await release(endpoint) }
    }

    private func addNamed(_ node: NodeConfiguration) {
        let session = registry.add(node, for: watcher)
        let statement = NodeStatement(endpoint: session.endpoint)
        members[session.endpoint] = Member(session: session, statement: statement, lastNamed: clock.now)
        order.append(session.endpoint)
    }

    private func release(_ endpoint: Endpoint) async {
        members[endpoint] = nil
        order.removeAll { $0 == endpoint }
        subscriptions.removeValue(forKey: endpoint)?.task?.cancel()
        reporter.forget(endpoint)
        await registry.remove(endpoint, for: watcher)
    }

    /// What the members say, in their order.
    private var statements: [NodeStatement] {
        order.compactMap { members[$0]?.statement }
    }

    /// The members that are looked at: of nodes that were named one by one those that no target has found.
    private var asked: [Member] {
        let own = watcher.findsNodes ? order : order.filter { registry.isHeard(watcher, at: $0) }
        return own.compactMap { members[$0] }
    }

    /// Looks until no new node is found, a few times at most.
    func learnUntilSettled() async {
        var looksLeft = 4
        while looksLeft > 0, await learn() {
            looksLeft -= 1
        }
    }

    /// What is known, with the lag of each link as it is now.
    var topology: Topology {
        let lags = registry.surroundings.lagBoard
        var topology = known
        let now = clock.now
        for index in topology.links.indices {
            guard let lag = lags.lag(of: topology.links[index].replica, now: now) else { continue }
            topology.links[index].lagBytes = lag.bytes
            topology.links[index].lag = lag.age
        }
        return topology
    }

    // MARK: One look

    /// Asks all members, and takes in and lets go of nodes; true when there are new ones to ask.
    private func learn() async -> Bool {
        let asked = asked
        let answers = await Self.answers(of: asked.map { ($0.session, $0.statement) }, masterName: masterName)
        guard !isEnded else { return false }
        let now = clock.now
        for member in asked {
            let endpoint = member.statement.endpoint
            if let answer = answers[endpoint] {
                members[endpoint]?.statement = answer
                members[endpoint]?.skipped += answer.skipped
                if let facts = answer.facts { registry.surroundings.lagBoard.note(facts, of: endpoint, at: now) }
            } else {
                members[endpoint]?.statement.isReachable = false
            }
        }
        let before = known
        known = Topology(
            statements: asked.compactMap { members[$0.statement.endpoint]?.statement },
            addressMap: addresses,
            previous: before,
            naming: naming
        )
        names.claim(known.deployments, for: rank)
        if case .plain = source { known.dropSuspicions { self.members[$0] != nil } }
        // A second name stays known when the node is not asked under it any more.
        addresses = known.addresses
        let hasNew = takeIn()
        let changes = TopologyChanges.events(from: before, to: known)
        board.append(changes)
        watchTrouble(hasChanged: !changes.isEmpty)
        reporter.note(statements, before: before, known: known, now: now)
        await letGo()
        listen()
        await tellPlaces()
        return hasNew
    }

    /// Looks again soon while something is about to change, such as a master that is down and not yet replaced.
    private func watchTrouble(hasChanged: Bool) {
        if hasChanged { looksAtTrouble = 0 }
        guard known.disagreements.contains(where: { $0.kind.isPassing }), looksAtTrouble < Self.troubleLooks else {
            return
        }
        looksAtTrouble += 1
        Task { [wake] in
            guard (try? await Task.sleep(for: Self.troubleInterval)) != nil else { return }
            wake.yield()
        }
    }

    private nonisolated static func answers(
        of members: [(session: NodeSession, statement: NodeStatement)],
        masterName: String?
    ) async -> [Endpoint: NodeStatement] {
        await withTaskGroup(of: NodeStatement?.self) { group in
            var waiting = members.makeIterator()
            func askNext() {
                guard let (session, statement) = waiting.next() else { return }
                let inquiry = NodeInquiry(session: session, masterName: masterName)
                group.addTask {
                    let isSilent = await session.isSilent
                    let hasBeenSilent = isSilent && !statement.isReachable
                    return await inquiry.answer(to: statement, within: hasBeenSilent ? patienceWithSilent : patience)
                }
            }
            for _ in 0..<askedAtOnce { askNext() }
            var answers: [Endpoint: NodeStatement] = [:]
            for await answer in group {
                if let answer { answers[answer.endpoint] = answer }
                askNext()
            }
            return answers
        }
    }

    private var masterName: String? {
        if case .target(let configuration) = source, case .sentinel(let name) = configuration.target.kind {
            name
        } else {
            nil
        }
    }

    private func takeIn() -> Bool {
        guard case .target(let configuration) = source, configuration.target.kind != .node else { return false }
        var hasNew = false
        let now = clock.now
        for node in known.nodes {
            if node.isNamed { members[node.endpoint]?.lastNamed = now }
            guard members[node.endpoint] == nil, members.count < Self.memberLimit else { continue }
            let session = registry.add(
                configuration.configuration(of: node.endpoint, isSentinel: node.role == .sentinel),
                for: watcher
            )
            members[node.endpoint] = Member(
                session: session,
                statement: NodeStatement(endpoint: node.endpoint, isConfigured: false),
                lastNamed: now
            )
            order.append(node.endpoint)
            hasNew = true
        }
        return hasNew
    }

    /// Ends the watch of nodes that are another one under a second name, and of those that are long gone.
    private func letGo() async {
        let now = clock.now
        for endpoint in order {
            guard let member = members[endpoint], !member.statement.isConfigured else { continue }
            let isAlias = known.addresses.resolve(endpoint) != endpoint
            guard isAlias || now - member.lastNamed > forgetAfter else { continue }
            await release(endpoint)
            guard !isAlias, let deployment = known.node(at: endpoint)?.deployment else { continue }
            board.change(deployment) { $0.nodesForgotten += 1 }
            let text = "\(endpoint) is watched no longer: nobody has spoken of it for a while"
            board.append([EventDraft(.nodeForgotten, deployment, endpoint, text)])
        }
    }

    /// Tells each session where its node stands.
    private func tellPlaces() async {
        checkedNodes = known.checkedNodes(before: checkedNodes)
        let places = known.places(
            isWatched: { members[$0] != nil },
            checked: checkedNodes,
            label: { label(ofDeployment: $0) }
        )
        for endpoint in order {
            guard let member = members[endpoint], var place = places[endpoint],
                registry.isHeard(watcher, at: endpoint)
            else { continue }
            place.skipped = member.skipped
            if place.role == .sentinel, case .target = source {
                place.events = reporter.counts(of: endpoint)
                place.isSubscribed = subscriptions[endpoint]?.isSubscribed ?? false
            }
            await member.session.take(place)
        }
    }

    /// A server on its own, named as it is, is not made part of something: its series stay as they would be without us.
    private func label(ofDeployment name: String) -> String {
        guard case .plain = source else { return name }
        let watched = known.deployment(named: name)?.nodes.count { members[$0] != nil } ?? 0
        return watched > 1 ? name : ""
    }

    // MARK: Events of Sentinels

    /// Listens to every Sentinel that answers and is not listened to.
    private func listen() {
        guard case .target(let configuration) = source else { return }
        for endpoint in order {
            guard let member = members[endpoint], member.statement.isReachable,
                member.statement.facts?.role == .sentinel,
                subscriptions[endpoint, default: SubscriptionState()].mayStart(now: clock.now)
            else { continue }
            let listener = SentinelListener(
                options: configuration.configuration(of: endpoint, isSentinel: true).connection,
                connector: registry.surroundings.connector,
                eventLoop: registry.surroundings.eventLoops.next()
            )
            subscriptions[endpoint, default: SubscriptionState()].start(
                Task {
                    await listener.listen { self.receive($0, from: endpoint) }
                    await self.lost(endpoint)
                }
            )
        }
    }

    private func receive(_ news: SentinelListener.News, from endpoint: Endpoint) {
        // What was on its way when the watch ended would bring the deployment's figures back.
        guard !isEnded else { return }
        switch news {
        case .subscribed:
            subscriptions[endpoint]?.subscribed()
            board.append([
                EventDraft(.subscribed, sentinelDeployment(of: endpoint), endpoint, "events of \(endpoint) are heard")
            ])
        case .message(let message):
            guard let event = SentinelEvent(channel: message.channel, text: message.payload) else { return }
            reporter.receive(event, from: endpoint, statements, known: known, now: clock.now)
        }
        // What happened while nobody listened is found by looking, too.
        wake.yield()
    }

    private func sentinelDeployment(of endpoint: Endpoint) -> String {
        known.node(at: endpoint)?.deployment ?? ""
    }

    /// A subscription has ended: the look after a pause begins another one.
    private func lost(_ endpoint: Endpoint) async {
        guard let state = subscriptions[endpoint], !Task.isCancelled else { return }
        if state.isSubscribed {
            board.append([
                EventDraft(
                    .unsubscribed, sentinelDeployment(of: endpoint), endpoint, "events of \(endpoint) are not heard"
                )
            ])
        }
        let retryAt = subscriptions[endpoint]?.ended(now: clock.now) ?? clock.now
        wake.yield()
        try? await clock.sleep(until: retryAt, tolerance: nil)
        wake.yield()
    }
}

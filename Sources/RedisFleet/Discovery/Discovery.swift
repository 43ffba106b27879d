import NIOCore
import RedisClient
import RedisCollectors

/// Keeps knowing which nodes a target has and how they stand to each other.
///
/// It asks over the connections of the sessions. It looks again when a Sentinel publishes something, when a node
/// fails, and after every interval.
actor Discovery {
    private let configuration: TargetConfiguration
    private let registry: SessionRegistry
    private let clock = ContinuousClock()
    private let wakeups: AsyncStream<Void>
    nonisolated private let wake: AsyncStream<Void>.Continuation

    private(set) var topology = Topology()
    private var addresses: AddressMap
    private var members: [Endpoint: Member] = [:]
    private var order: [Endpoint] = []
    private var listeners: [Endpoint: Task<Void, Never>] = [:]
    private var events: [Endpoint: [String: Int]] = [:]

    private struct Member {
        let session: NodeSession
        var statement: NodeStatement
        var lastNamed: ContinuousClock.Instant
    }

    /// How long a node that nobody names any more is still watched, so that it is missed.
    private static let forgetAfter: Duration = .seconds(600)
    /// How long one look waits for nodes that do not answer.
    private static let patience: Duration = .seconds(1)
    /// How many nodes one target may bring.
    private static let memberLimit = 2000
    /// How many kinds of events are told apart.
    private static let eventKindLimit = 64

    init(of configuration: TargetConfiguration, in registry: SessionRegistry) {
        self.configuration = configuration
        self.registry = registry
        addresses = AddressMap(configuration.addressMap)
        (wakeups, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let isSentinel = if case .sentinel = configuration.target.kind { true } else { false }
        for address in configuration.target.addresses {
            let node = configuration.configuration(of: address.endpoint, isSentinel: isSentinel)
            guard let session = registry.add(node, changed: { [wake] in wake.yield() }) else { continue }
            var statement = NodeStatement(endpoint: address.endpoint)
            statement.configuredName = isSentinel ? nil : configuration.name
            members[address.endpoint] = Member(session: session, statement: statement, lastNamed: .now)
            order.append(address.endpoint)
        }
    }

    /// Looks again and again until the task is cancelled.
    func run(every interval: Duration) async {
        let ticking = Task { [wake] in
            repeat { wake.yield() } while (try? await Task.sleep(for: interval)) != nil
        }
        defer {
            ticking.cancel()
            for listener in listeners.values { listener.cancel() }
        }
        for await _ in wakeups {
            guard !Task.isCancelled else { return }
            await learnUntilSettled()
            // Events come in bursts: what happens meanwhile is looked at together.
            guard (try? await clock.sleep(for: .milliseconds(50))) != nil else { return }
        }
    }

    /// Looks until no new node is found, a few times at most.
    func learnUntilSettled() async {
        var looksLeft = 4
        while looksLeft > 0, await learn() {
            looksLeft -= 1
        }
    }

    // MARK: One look

    /// Asks all members, and takes in and lets go of nodes; true when there are new ones to ask.
    private func learn() async -> Bool {
        let asked = order.compactMap { members[$0] }
        let answers = await Self.answers(of: asked.map { ($0.session, $0.statement) }, masterName: masterName)
        let now = clock.now
        for member in asked {
            let endpoint = member.statement.endpoint
            if let answer = answers[endpoint] {
                members[endpoint]?.statement = answer
                if let facts = answer.facts { registry.surroundings.lagBoard?.note(facts, of: endpoint, at: now) }
            } else {
                members[endpoint]?.statement.isReachable = false
            }
        }
        topology = Topology(
            statements: order.compactMap { members[$0]?.statement },
            addressMap: addresses,
            previous: topology
        )
        // A second name stays known when the node is not asked under it any more.
        addresses = topology.addresses
        let hasNew = takeIn()
        await letGo()
        listen()
        await tellPlaces()
        return hasNew
    }

    private nonisolated static func answers(
        of members: [(session: NodeSession, statement: NodeStatement)],
        masterName: String?
    ) async -> [Endpoint: NodeStatement] {
        await withTaskGroup(of: NodeStatement?.self) { group in
            for (session, statement) in members {
                let inquiry = NodeInquiry(session: session, masterName: masterName)
                group.addTask { await inquiry.answer(to: statement, within: patience) }
            }
            var answers: [Endpoint: NodeStatement] = [:]
            for await answer in group {
                if let answer { answers[answer.endpoint] = answer }
            }
            return answers
        }
    }

    private var masterName: String? {
        if case .sentinel(let name) = configuration.target.kind { name } else { nil }
    }

    private func takeIn() -> Bool {
        guard configuration.target.kind != .node else { return false }
        var hasNew = false
        let now = clock.now
        for node in topology.nodes {
            if node.isNamed { members[node.endpoint]?.lastNamed = now }
            guard members[node.endpoint] == nil, members.count < Self.memberLimit,
                let session = registry.add(
                    configuration.configuration(of: node.endpoint, isSentinel: node.role == .sentinel),
                    changed: { [wake] in wake.yield() }
                )
            else { continue }
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
            let isAlias = topology.addresses.resolve(endpoint) != endpoint
            guard isAlias || now - member.lastNamed > Self.forgetAfter else { continue }
            members[endpoint] = nil
            order.removeAll { $0 == endpoint }
            listeners.removeValue(forKey: endpoint)?.cancel()
            events[endpoint] = nil
            await registry.remove(endpoint)
        }
    }

    /// Tells each session where its node stands.
    private func tellPlaces() async {
        var troubles: [Endpoint: Set<Disagreement.Kind>] = [:]
        for disagreement in topology.disagreements {
            // What is about no node in particular is told by every node of the deployment.
            let nodes =
                disagreement.nodes.isEmpty
                ? topology.deployment(named: disagreement.deployment)?.nodes ?? [] : disagreement.nodes
            for node in nodes { troubles[node, default: []].insert(disagreement.kind) }
        }
        for node in topology.nodes {
            guard let member = members[node.endpoint] else { continue }
            var place = NodePlace()
            place.role = node.role
            place.deployment = node.deployment
            place.shard = node.shard
            place.migrating = node.migrating
            place.importing = node.importing
            place.hasLinks = node.hasLinks
            place.disagreements = troubles[node.endpoint, default: []].sorted { $0.rawValue < $1.rawValue }
            place.events = events[node.endpoint, default: [:]]
            await member.session.take(place)
        }
    }

    // MARK: Events

    /// Listens to every Sentinel that answers and is not listened to.
    private func listen() {
        for endpoint in order {
            guard listeners[endpoint] == nil, let member = members[endpoint], member.statement.isReachable,
                member.statement.facts?.role == .sentinel
            else { continue }
            let options = configuration.configuration(of: endpoint, isSentinel: true).connection
            let eventLoop = registry.surroundings.eventLoops.next()
            let connector = registry.surroundings.connector
            listeners[endpoint] = Task {
                await self.receive(endpoint, options, eventLoop, connector)
                self.stopped(endpoint)
            }
        }
    }

    private func receive(
        _ endpoint: Endpoint,
        _ options: ConnectionOptions,
        _ eventLoop: any EventLoop,
        _ connector: RedisConnector
    ) async {
        let deadline = NIODeadline.now() + .seconds(5)
        guard let connection = try? await connector.connect(options, on: eventLoop, deadline: deadline),
            let messages = try? await connection.subscribe(toPattern: "*", deadline: deadline)
        else { return }
        // How a subscription ends is of no interest: the session tells why a Sentinel is down.
        do {
            for try await message in messages {
                count(message.channel, of: endpoint)
                wake.yield()
            }
        } catch {
            wake.yield()
        }
    }

    private func count(_ channel: String, of endpoint: Endpoint) {
        // What a channel's name is, anybody who may publish there decides.
        let isEvent =
            (channel.hasPrefix("+") || channel.hasPrefix("-")) && channel.utf8.count <= 48
            && channel.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isEvent else { return }
        var counts = events[endpoint, default: [:]]
        guard counts[channel] != nil || counts.count < Self.eventKindLimit else { return }
        counts[channel, default: 0] += 1
        events[endpoint] = counts
    }

    /// The next look listens again.
    private func stopped(_ endpoint: Endpoint) {
        listeners[endpoint] = nil
    }
}

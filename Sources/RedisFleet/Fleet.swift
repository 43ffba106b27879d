public import Logging
public import Metrics
public import NIOCore
import RedisClient
import RedisCollectors
public import ServiceLifecycle
import Synchronization
public import Tracing

/// The places of the fleet's tables in the catalogue.
public struct FleetFamilies: Sendable {
    let node: FamilyID
    let ping: FamilyID
    let place: FamilyID
    let deployment: FamilyID
    let shard: FamilyID
    let collectors: CollectorCatalog
    let check: FamilyID
    let checks: CheckCatalog

    /// The indices of the families that no limit of series holds back.
    var aboutTheWatch: Range<Int> {
        node.index..<(node.index + NodeMetrics.rows.count)
    }

    /// Adds all tables that polls need.
    public init(catalog: inout MetricCatalog) {
        node = catalog.add(NodeMetrics.rows)
        ping = catalog.add(PingTimes.rows)
        place = catalog.add(PlaceMetrics.rows)
        deployment = catalog.add(DeploymentMetrics.rows)
        shard = catalog.add(ShardMetrics.rows)
        collectors = CollectorCatalog(catalog: &catalog)
        check = catalog.add(CheckMetrics.rows)
        checks = CheckCatalog(catalog: &catalog)
    }

    /// All labels that some metric has by itself: a target's labels must have other names.
    public static let labelNames: Set<String> = {
        var catalog = MetricCatalog()
        _ = FleetFamilies(catalog: &catalog)
        return Set(catalog.rows.flatMap(\.labels)).union(["job", "instance", "le", "quantile"])
    }()
}

/// All nodes that are watched, each polled at its interval: those that are named, and those found from targets.
public final class Fleet: Service {
    /// What the logs of slow and large commands of the nodes said lately.
    public let slowLogs: SlowLogArchive
    private let sessions: SessionRegistry
    /// Of the nodes that were named one by one; they are only compared, none is found.
    private let comparison: Discovery
    private let discoveries = Mutex([Discovery]())
    private let discovery: @Sendable (Discovery.Source) -> Discovery
    /// Servers that are not watched, but asked when somebody wants to know.
    public let onDemand: OnDemandNodes
    let clusterDirectory = ClusterDirectory()
    private let discoveryInterval: Duration
    private let board = DeploymentBoard()
    private let deploymentMetrics: DeploymentMetrics
    private let isPart: Bool
    private let awaits: Mutex<Bool>

    /// Prepares a session per configured node; nothing is connected before `run`.
    ///
    /// - Parameters:
    ///   - nodes: Nodes that are watched as they are.
    ///   - targets: Where more nodes are to be found; they come and go while the fleet runs.
    ///   - logsSlowCommands: Whether each new entry of those logs is written to `logger`, too.
    ///   - discoveryInterval: How often deployments are looked at anew, beside the times when something happens.
    ///   - connectLimit: How many nodes are connected to at a time; the others wait.
    ///   - forgetAfter: How long a node that was found and that nobody names any more is still watched.
    ///   - isPart: Whether other processes watch other nodes; which are to be watched here is said by `reconfigure`.
    ///   - onDemandLimit: How many servers that are not watched a connection is kept to.
    ///   - tracer: Gets a span of each poll; `nil` for none.
    ///   - nodeAdded: Is told of every node, also of `nodes`, before its first outcome; must not block.
    ///   - nodeRemoved: Is told of every node that is not watched any more; must not block.
    ///   - deliver: Gets every outcome, on the event loop of the node; must not block.
    public init(
        nodes: [NodeConfiguration],
        targets: [TargetConfiguration] = [],
        logsSlowCommands: Bool = false,
        discoveryInterval: Duration = .seconds(30),
        connectLimit: Int = 64,
        forgetAfter: Duration = .seconds(600),
        isPart: Bool = false,
        onDemandLimit: Int = 1000,
        tracer: Tracer? = nil,
        table: SeriesKeyTable,
        families: FleetFamilies,
        eventLoops: any EventLoopGroup,
        logger: Logger,
        nodeAdded: @escaping @Sendable (Node) -> Void = { _ in },
        nodeRemoved: @escaping @Sendable (Node) -> Void = { _ in },
        deliver: @escaping @Sendable (PollOutcome) -> Void
    ) {
        let log = OutageLog(logger: logger)
        let slowLogs = SlowLogArchive()
        let slowLogEvents = logsSlowCommands ? SlowLogEvents(logger: logger) : nil
        self.slowLogs = slowLogs
        let checkLog = CheckLog(logger: logger)
        let surroundings = SessionSurroundings(
            table: table,
            families: families,
            eventLoops: eventLoops,
            connector: RedisConnector(),
            connectGate: ConnectGate(limit: connectLimit),
            tracer: tracer,
            nodeAdded: nodeAdded,
            nodeRemoved: { node in
                slowLogs.forget(node)
                nodeRemoved(node)
            },
            noteCheck: checkLog.note
        )
        onDemand = OnDemandNodes(surroundings: surroundings, limit: onDemandLimit)
        let board = board
        let registry = SessionRegistry(surroundings: surroundings) { outcome in
            log.note(outcome)
            slowLogs.note(outcome.slowLog, of: outcome.node)
            slowLogEvents?.note(outcome.slowLog, of: outcome.node)
            board.append(outcome.events)
            deliver(outcome)
        }
        sessions = registry
        self.discoveryInterval = discoveryInterval
        self.isPart = isPart
        awaits = Mutex(isPart)
        deploymentMetrics = DeploymentMetrics(first: families.deployment)
        let names = DeploymentNames()
        discovery = { Discovery(of: $0, in: registry, board: board, names: names, forgetAfter: forgetAfter) }
        comparison = discovery(.plain(nodes))
        start(comparison)
        add(targets)
    }

    private func add(_ targets: [TargetConfiguration]) {
        for target in targets {
            let discovery = discovery(.target(target))
            discoveries.withLock { $0.append(discovery) }
            start(discovery)
        }
    }

    private func start(_ discovery: Discovery) {
        sessions.start { [discoveryInterval] in await discovery.run(every: discoveryInterval) }
    }

    /// Watches these instead of what was configured before.
    ///
    /// What is configured as it was keeps its connections and its history. One caller at a time.
    public func reconfigure(nodes: [NodeConfiguration], targets: [TargetConfiguration]) async {
        let before = discoveries.withLock { $0 }
        let kept = before.filter { discovery in targets.contains { $0 == discovery.target } }
        discoveries.withLock { $0 = kept }
        for discovery in before where !kept.contains(where: { $0 === discovery }) { await discovery.end() }
        await comparison.replaceNodes(with: nodes)
        add(targets.filter { target in !kept.contains { $0.target == target } })
        awaits.withLock { $0 = false }
    }

    /// Polls all nodes until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await work in self.sessions.starts() {
                    group.addTask { await work() }
                }
            }
        }
    }

    /// One outcome per node, none older than `maxAge`: configured nodes in their order, then those that were found.
    ///
    /// Nodes that do not answer before the deadline are in it as down, with the reason `timeout`.
    public func scrape(maxAge: Duration, deadline: ContinuousClock.Instant) async -> [PollOutcome] {
        let sessions = sessions.all
        if sessions.count == 1 {
            return [await sessions[0].freshOutcome(maxAge: maxAge, deadline: deadline)]
        }
        return await withTaskGroup(of: (Int, PollOutcome).self) { group in
            for (position, session) in sessions.enumerated() {
                group.addTask { (position, await session.freshOutcome(maxAge: maxAge, deadline: deadline)) }
            }
            var outcomes = [PollOutcome?](repeating: nil, count: sessions.count)
            for await (position, outcome) in group {
                outcomes[position] = outcome
            }
            return outcomes.compactMap { $0 }
        }
    }

    /// The last outcome of each node that has been polled at least once.
    public func latestOutcomes() async -> [PollOutcome] {
        var outcomes: [PollOutcome] = []
        for session in sessions.all {
            if let outcome = await session.latest {
                outcomes.append(outcome)
            }
        }
        return outcomes
    }

    /// How each node is, in the order of `nodes`.
    public func conditions() async -> [(node: Node, condition: NodeCondition)] {
        var conditions: [(node: Node, condition: NodeCondition)] = []
        for session in sessions.all { conditions.append((session.node, await session.condition)) }
        return conditions
    }

    /// Whether it is not known yet which nodes are to be watched.
    public var awaitsNodes: Bool {
        awaits.withLock { $0 }
    }

    var surroundings: SessionSurroundings {
        sessions.surroundings
    }

    func session(at endpoint: Endpoint) -> NodeSession? {
        sessions.session(at: endpoint)
    }

    var watchedSessions: [NodeSession] {
        sessions.all
    }

    /// All nodes: configured ones in their order, then those that were found.
    public var nodes: [Node] {
        sessions.all.map(\.node)
    }

    /// Whether series need the label `instance` to say whose they are: not where one node is watched for good.
    public var needsInstanceLabel: Bool {
        isPart || !discoveries.withLock { $0.isEmpty } || sessions.all.count > 1
    }

    /// What is known of the deployments: of the nodes that were named one by one, then of each target.
    public func topologies() async -> [Topology] {
        let compared = await comparison.topology
        var topologies = compared.nodes.isEmpty ? [] : [compared]
        for discovery in discoveries.withLock({ $0 }) {
            topologies.append(await discovery.topology)
        }
        return topologies
    }

    /// The newest events behind a number, oldest first, and the number of the last event of all.
    ///
    /// - Parameters:
    ///   - number: Only events behind this one; 0 for all that are kept.
    ///   - limit: The most events wanted.
    ///   - deployment: The only deployment of interest.
    public func events(
        after number: Int = 0,
        limit: Int = .max,
        deployment: String? = nil
    ) -> (events: [FleetEvent], last: Int) {
        board.events(after: number, limit: limit, deployment: deployment)
    }

    /// Puts something that happened to Redstart itself on the timeline.
    public func note(_ kind: FleetEvent.Kind, _ text: String) {
        board.append([EventDraft(kind, "", nil, text)])
    }

    /// Adds what is counted of whole deployments, which belongs to no node.
    public func appendDeploymentSamples(to buffer: inout SampleBuffer) {
        board.appendSamples(deploymentMetrics, to: &buffer)
    }

    /// Looks once at all nodes for what they say of each other, those that were named one by one included.
    func lookAtAll() async {
        await comparison.learnUntilSettled()
        await discover()
    }

    /// Looks at all targets once, for those who do not `run` the fleet; nodes that are found are watched from then on.
    public func discover() async {
        for discovery in discoveries.withLock({ $0 }) {
            await discovery.learnUntilSettled()
        }
    }
}

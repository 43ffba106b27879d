import Metrics
import RedisClient
import RedisCollectors

/// Makes outcomes: what a session says of its node after a poll, or while one is late.
struct OutcomeWriter {
    /// How a poll went.
    struct Ended {
        /// The time of its samples, in milliseconds since 1970.
        let timestamp: Int64
        let started: ContinuousClock.Instant
        let finished: ContinuousClock.Instant
        /// Why nothing came.
        let failure: RedisError?
        /// Why not all came.
        let shortfall: RedisError?
    }

    private let configuration: NodeConfiguration
    private let node: Node
    private let lagBoard: LagBoard
    private let placeMetrics: PlaceMetrics
    private let checkMetrics: CheckMetrics
    private var changes = NodeChanges()
    private var resolver: SeriesResolver
    /// Keys of the samples that say "late" to a scraper while the poll goes on.
    private var lateResolver: SeriesResolver

    /// What was sent to the node and came from it.
    var metrics: NodeMetrics
    var pingTimes: PingTimes
    /// Where the node stands; `nil` while nobody has looked.
    var place: NodePlace?

    init(configuration: NodeConfiguration, surroundings: SessionSurroundings) {
        let families = surroundings.families
        self.configuration = configuration
        node = configuration.node
        lagBoard = surroundings.lagBoard
        placeMetrics = PlaceMetrics(first: families.place)
        checkMetrics = CheckMetrics(first: families.check, catalog: families.checks, options: configuration.checks)
        resolver = SeriesResolver(
            table: surroundings.table,
            limits: configuration.seriesLimits,
            unlimited: families.aboutTheWatch
        )
        lateResolver = SeriesResolver(table: surroundings.table)
        metrics = NodeMetrics(first: families.node, isUnprotected: configuration.connection.provesNothing)
        pingTimes = PingTimes(first: families.ping, includesLast: configuration.collectors.includePingTime)
    }

    /// What came of a poll.
    ///
    /// - Parameters:
    ///   - refusedQuestions: How many commands the node refuses beside the poll.
    ///   - buffer: What the collectors have found; nothing after a failure. The samples about the poll are added.
    mutating func outcome(
        of poll: Ended,
        collectors: inout NodeCollectors,
        refusedQuestions: Int,
        checks: CheckReport,
        buffer: inout SampleBuffer
    ) -> PollOutcome {
        let isUp = poll.failure == nil
        let reason = poll.failure?.reason ?? poll.shortfall?.reason
        let duration = poll.finished - poll.started
        metrics.countPoll(reason: reason)
        metrics.append(
            isUp: isUp,
            reason: reason,
            duration: duration,
            collectors: collectors,
            discoverySkips: place?.skipped ?? 0,
            refusedCommands: collectors.refusedCommands + refusedQuestions,
            checks: checks,
            resolver: resolver,
            to: &buffer
        )
        pingTimes.append(to: &buffer)
        appendPlace(isUp ? collectors.state.facts.role : .unknown, now: poll.finished, to: &buffer)
        // The last of all, so that nothing else is beyond a limit because of them.
        if isUp { checkMetrics.append(checks, to: &buffer) }
        let facts = isUp && collectors.hasFacts ? collectors.state.facts : nil
        return PollOutcome(
            node: node,
            samples: resolver.resolve(buffer, at: poll.timestamp),
            facts: facts,
            unknownInfoFields: collectors.state.unknownFields,
            failure: poll.failure,
            shortfall: poll.shortfall,
            finished: poll.finished,
            duration: duration,
            slowLog: collectors.takeSlowLogFindings(),
            events: facts.map { events(of: $0, collectors.takeConfigChanges()) } ?? []
        )
    }

    private mutating func events(of facts: ServerFacts, _ found: [ConfigChange]) -> [EventDraft] {
        let endpoint = configuration.connection.address.endpoint
        return changes.events(facts, found, of: endpoint, in: place?.deployment ?? "")
    }

    /// What is said while a poll has taken `duration` and not ended.
    mutating func lateOutcome(
        at timestamp: Int64,
        now: ContinuousClock.Instant,
        duration: Duration
    ) -> PollOutcome {
        let failure = RedisError(
            reason: .timeout,
            address: configuration.connection.address.description,
            message: "\(node.instance) has not answered in time"
        )
        var late = SampleBuffer()
        metrics.appendState(isUp: false, reason: .timeout, to: &late)
        appendPlace(.unknown, now: now, to: &late)
        return PollOutcome(
            node: node,
            samples: lateResolver.resolve(late, at: timestamp),
            facts: nil,
            unknownInfoFields: [],
            failure: failure,
            shortfall: nil,
            finished: now,
            duration: duration
        )
    }

    /// Gives the keys of all samples back: the node is watched no longer.
    mutating func releaseAll() {
        resolver.releaseAll()
        lateResolver.releaseAll()
    }

    /// - Parameter role: What the node says of itself in this poll.
    private func appendPlace(_ role: ServerFacts.Role, now: ContinuousClock.Instant, to buffer: inout SampleBuffer) {
        var current = place ?? NodePlace()
        // By its own word, which is newer than what the deployment was made of.
        if role != .unknown { current.role = role }
        guard current.role != .unknown else { return }
        let lag = lagBoard.lag(of: configuration.connection.address.endpoint, now: now)
        placeMetrics.append(current, lag: lag, to: &buffer)
    }
}

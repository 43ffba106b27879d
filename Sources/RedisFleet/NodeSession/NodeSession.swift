import EventLoops
import Metrics
import NIOCore
import RedisClient
import RedisCollectors

/// The life of one node: its connection, its poll loop, what was learned about it, and its last poll.
///
/// The session runs on the event loop of its connection, so a poll crosses no thread.
actor NodeSession {
    nonisolated let node: Node
    nonisolated let unownedExecutor: UnownedSerialExecutor

    nonisolated let configuration: NodeConfiguration
    private let eventLoop: any EventLoop
    /// What polls prefer, so that the wait for replies changes no thread.
    private let taskExecutor: EventLoopExecutor
    private let connector: RedisConnector
    private let connectGate: ConnectGate
    private let lagBoard: LagBoard?
    private let placeMetrics: PlaceMetrics
    private let deliver: @Sendable (PollOutcome) -> Void
    private let clock = ContinuousClock()

    private var breaker = CircuitBreakerStateMachine()
    private var connection: RedisConnection?
    /// When the last connection was begun.
    private var connectedAt: ContinuousClock.Instant
    private var collectors: NodeCollectors
    private let checks: CheckRunner
    private let checkMetrics: CheckMetrics
    private var metrics: NodeMetrics
    private var pingTimes: PingTimes
    private var lastPing: ContinuousClock.Instant?
    private var buffer = SampleBuffer()
    private var resolver: SeriesResolver
    /// Keys of the samples that say "late" to a scraper while the poll goes on.
    private var lateResolver: SeriesResolver

    private var lastOutcome: PollOutcome?
    private var lastStarted: ContinuousClock.Instant?
    private var lastTimestamp: Int64 = 0
    /// The poll under way.
    private var poll: Task<Void, Never>?
    /// The number of the last poll that was begun.
    private var pollNumber = 0
    private var waiters = PollWaiters()
    /// Where the node stands; `nil` while nobody has looked.
    private var place: NodePlace?
    /// Whether the node's place has changed its labels since the poll under way began.
    private var hasNewLabels = false
    /// How many wait for an answer beside the poll.
    private var questions = 0
    /// What the server refuses to answer beside the poll, on this connection.
    private var refusedQuestions: Set<Command> = []
    /// Whether the node is not watched any more.
    private var isStopped = false

    init(
        configuration: NodeConfiguration,
        surroundings: SessionSurroundings,
        isChecked: Bool,
        deliver: @escaping @Sendable (PollOutcome) -> Void
    ) {
        node = configuration.node
        self.configuration = configuration
        let families = surroundings.families
        let table = surroundings.table
        eventLoop = surroundings.eventLoops.next()
        taskExecutor = EventLoopExecutor(eventLoop)
        connector = surroundings.connector
        lagBoard = surroundings.lagBoard
        connectGate = surroundings.connectGate
        placeMetrics = PlaceMetrics(first: families.place)
        self.deliver = deliver
        connectedAt = clock.now
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        collectors = NodeCollectors(collectors: families.collectors, options: configuration.collectors)
        checks = CheckRunner(
            configuration: configuration,
            catalog: families.checks,
            connector: surroundings.connector,
            connectGate: surroundings.connectGate,
            eventLoop: eventLoop,
            isChosen: isChecked,
            noteFailure: surroundings.noteCheck
        )
        checkMetrics = CheckMetrics(first: families.check, catalog: families.checks, options: configuration.checks)
        metrics = NodeMetrics(first: families.node, isUnprotected: configuration.connection.provesNothing)
        pingTimes = PingTimes(first: families.ping, includesLast: configuration.collectors.includePingTime)
        resolver = SeriesResolver(
            table: table, limits: configuration.seriesLimits, unlimited: families.aboutTheWatch)
        lateResolver = SeriesResolver(table: table)
    }

    /// The last outcome, `nil` before the first poll has ended.
    var latest: PollOutcome? {
        lastOutcome
    }

    /// How the node is, and when it is tried again.
    var condition: NodeCondition {
        NodeCondition(outcome: lastOutcome, failures: breaker.failures, retryAt: breaker.retryAt)
    }

    // MARK: The poll loop

    /// Polls at the node's interval until the task is cancelled, then closes the connection.
    func run(firstPollAfter delay: Duration) async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                if lagBoard != nil { group.addTask { await self.watchReplication() } }
                if !configuration.checks.isEmpty { group.addTask { await self.checks.run() } }
                await pollRegularly(firstPollAfter: delay)
                group.cancelAll()
            }
        } onCancel: {
            // A poll under way is of no use to anyone any more, and it may be one that hangs.
            eventLoop.execute { self.assumeIsolated { $0.poll?.cancel() } }
        }
        await poll?.value
        close()
    }

    private func pollRegularly(firstPollAfter delay: Duration) async {
        var due = clock.now + delay
        while !Task.isCancelled, !isStopped {
            guard (try? await clock.sleep(until: due, tolerance: nil)) != nil, !Task.isCancelled, !isStopped else {
                return
            }
            // A scrape may have polled in the meantime: then the interval counts from there.
            due = nextDue()
            if due <= clock.now {
                _ = await outcomeOfPoll(deadline: clock.now + configuration.pollTimeout * 2)
                due = nextDue()
            }
        }
    }

    /// When the next poll is due: an interval after the last one began, or, of a node that failed, when the breaker
    /// allows it.
    private func nextDue() -> ContinuousClock.Instant {
        guard let lastStarted else { return clock.now }
        return breaker.retryAt ?? lastStarted + configuration.pollInterval
    }

    private func close() {
        connection?.close()
        connection = nil
        resolver.releaseAll()
        lateResolver.releaseAll()
    }

    // MARK: Scrapes

    /// The samples of a poll that is no older than `maxAge`, polling now if need be.
    ///
    /// All callers at a time share one poll. Who has waited until `deadline` gets an outcome that says `timeout`, while
    /// the poll goes on for the others.
    func freshOutcome(maxAge: Duration, deadline: ContinuousClock.Instant) async -> PollOutcome {
        if let lastOutcome, isGoodEnough(lastOutcome, maxAge: maxAge) {
            return lastOutcome
        }
        return await outcomeOfPoll(deadline: deadline) ?? lateOutcome()
    }

    /// Whether a scraper gets what is known without a new poll: it is young, or it says that the node is down and
    /// another attempt is not allowed yet, or is under way and would make the scraper wait.
    private func isGoodEnough(_ outcome: PollOutcome, maxAge: Duration) -> Bool {
        if maxAge > .zero, clock.now - outcome.finished <= maxAge { return true }
        guard outcome.failure != nil else { return false }
        // Where the failure came at once, such as a refused connection, whoever wants it always fresh can have that.
        let wasQuick = outcome.duration < .milliseconds(100)
        if maxAge == .zero, wasQuick { return false }
        return poll != nil ? !wasQuick : !breaker.allowsAttempt(now: clock.now)
    }

    /// Joins the poll under way, or starts one; `nil` when the deadline passes first or the poll is cancelled.
    private func outcomeOfPoll(deadline: ContinuousClock.Instant) async -> PollOutcome? {
        let patience = max(.zero, clock.now.duration(to: deadline))
        return await withCheckedContinuation { continuation in
            // In here, as the way in is a suspension for a task that prefers another executor: a poll that was under
            // way before it may be over, and nobody would be told.
            if poll == nil { beginPoll() }
            waiters.add(continuation) { id in
                eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
                    self.assumeIsolated { $0.waiters.expire(id) }
                }
            }
        }
    }

    private func lateOutcome(at timestamp: Int64 = WallClock.milliseconds()) -> PollOutcome {
        let failure = RedisError(
            reason: .timeout,
            address: configuration.connection.address.description,
            message: "\(node.instance) has not answered in time"
        )
        var late = SampleBuffer()
        let now = clock.now
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
            duration: poll == nil ? .zero : lastStarted.map { now - $0 } ?? .zero
        )
    }

    // MARK: The deployment around the node

    /// Where the node is.
    nonisolated var endpoint: Endpoint {
        configuration.connection.address.endpoint
    }

    /// Whether the node is reached with TLS.
    nonisolated var usesTLS: Bool {
        configuration.connection.address.scheme.usesTLS
    }

    /// As many targets as may have a node in common, which all ask it; a node that hangs collects no more.
    private static let questionLimit = 8

    /// Whether the node owes an answer, or has failed its last poll.
    var isSilent: Bool {
        questions > 0 || lastOutcome?.failure != nil
    }

    /// Asks the node something beside the poll; `nil` when it does not answer, or when too many wait for its answer
    /// already.
    ///
    /// One entry per command; `nil` for those that are not sent because the server has refused them on this connection.
    func ask(_ commands: [Command]) async -> [Reply?]? {
        guard questions < Self.questionLimit, !isStopped else { return nil }
        questions += 1
        defer { questions -= 1 }
        if connection?.isUsable != true {
            // Connecting is the poll's business: it knows when the node may be tried.
            guard breaker.allowsAttempt(now: clock.now) else { return nil }
            _ = await outcomeOfPoll(deadline: clock.now + configuration.pollTimeout)
        }
        let wanted = commands.filter { !refusedQuestions.contains($0) }
        guard !wanted.isEmpty else { return commands.map { _ in nil } }
        guard let replies = await answers(to: Pipeline(wanted)), replies.count == wanted.count else { return nil }
        var answers: [Command: Reply] = [:]
        for (position, command) in wanted.enumerated() {
            answers[command] = replies[position]
            if replies[position].refusal != nil, refusedQuestions.count < Self.refusalLimit {
                refusedQuestions.insert(command)
            }
        }
        return commands.map { answers[$0] }
    }

    /// Asks over the connection of the polls, if there is one.
    private func answers(to pipeline: Pipeline) async -> ReplyTape? {
        guard let connection, connection.isUsable, !isStopped else { return nil }
        let deadline = nioDeadline(clock.now + configuration.pollTimeout)
        let result = await connection.execute(pipeline, deadline: deadline)
        metrics.count(result, commands: pipeline.commands.count)
        return result.failure == nil ? result.replies : nil
    }

    /// Takes over where the node stands; where that changes its labels a poll follows at once.
    func take(_ new: NodePlace) {
        let isSame = new.hasSameLabels(as: place)
        let isFirst = place == nil
        // Only a part that was told before can be wrong.
        let hasToldRole = place.map { $0.role != .unknown } ?? false
        place = new
        checks.choose(new.isChecked)
        guard !isSame, !isStopped, !isFirst || lastOutcome != nil else { return }
        if poll == nil {
            beginPoll()
        } else {
            hasNewLabels = true
        }
        guard !new.isReachable, hasToldRole else { return }
        let number = pollNumber
        eventLoop.scheduleTask(in: Self.labelPatience) { self.assumeIsolated { $0.deliverLabels(duringPoll: number) } }
    }

    /// A node that hangs must not be told in its old part until its poll times out.
    ///
    /// Short, as only nodes are concerned that have not answered a look either.
    private static let labelPatience: TimeAmount = .milliseconds(200)

    /// Says that the node is late, if the poll of that number is still under way.
    private func deliverLabels(duringPoll number: Int) {
        guard poll != nil, !isStopped, number == pollNumber else { return }
        let outcome = lateOutcome(at: nextTimestamp())
        lastOutcome = outcome
        deliver(outcome)
    }

    /// Ends the watch: no outcome is delivered any more.
    func stop() {
        isStopped = true
        checks.choose(false)
        lagBoard?.forget(endpoint)
        if poll == nil { close() }
    }

    /// A Sentinel is asked about names that it tells itself: what is remembered of that has a limit.
    private static let refusalLimit = 1024
    private static let replicationInfo = Pipeline([Command("INFO", "replication")])

    /// Looks once a second how far a node is that follows or is followed.
    private func watchReplication() async {
        while !Task.isCancelled, !isStopped {
            // Who is alone is not woken for nothing.
            let pause: Duration = place?.hasLinks == true ? .seconds(1) : .seconds(3)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
            guard place?.hasLinks == true else { continue }
            // A server that has gone is not gone unnoticed until the next poll.
            if let connection, !connection.isUsable, poll == nil, breaker.allowsAttempt(now: clock.now) { beginPoll() }
            if let replies = await answers(to: Self.replicationInfo), replies.count > 0,
                let facts = SelfDescription(replies[0])
            {
                lagBoard?.note(facts, of: endpoint, at: clock.now)
            }
        }
    }

    private func appendPlace(_ role: ServerFacts.Role, now: ContinuousClock.Instant, to buffer: inout SampleBuffer) {
        var current = place ?? NodePlace()
        // By its own word, which is newer than what the deployment was made of.
        if role != .unknown { current.role = role }
        guard current.role != .unknown else { return }
        let lag = lagBoard?.lag(of: endpoint, now: now)
        placeMetrics.append(current, lag: lag, to: &buffer)
    }

    // MARK: One poll

    private func beginPoll() {
        breaker.begin()
        pollNumber &+= 1
        hasNewLabels = false
        // Not tied to whoever asked first: others may wait for the same poll with a later deadline.
        poll = Task(executorPreference: taskExecutor) { await self.pollAndDeliver() }
    }

    private func pollAndDeliver() async {
        guard connection?.isUsable != true else { return await pollNowAndDeliver() }
        // Waits before any clock of the poll runs: a queue says nothing about the node.
        guard let ticket = await connectGate.enter(isRetry: breaker.hasFailed) else {
            poll = nil
            return waiters.finish(with: nil)
        }
        await pollNowAndDeliver()
        connectGate.leave(ticket)
    }

    private func pollNowAndDeliver() async {
        let started = clock.now
        lastStarted = started
        let timestamp = nextTimestamp()
        buffer.removeAll()
        var failure: RedisError?
        var shortfall: RedisError?
        do {
            shortfall = try await pollOnce(at: timestamp, deadline: started + configuration.pollTimeout)
            checks.note(collectors.state.facts)
            if configuration.checks.schedule == .withPoll, !configuration.checks.isEmpty {
                await checks.runOnce(collectors.state.facts, deadline: started + configuration.pollTimeout)
            }
        } catch {
            checks.note(nil)
            // What is said after a half-read INFO would be half the truth.
            buffer.removeAll()
            // A server that loads its data answers, though not everything and not everyone.
            if error.reason == .loading { shortfall = error } else { failure = error }
            connection?.close()
            connection = nil
        }
        poll = nil
        if Task.isCancelled || isStopped {
            // Whoever stopped us: that says nothing about the node.
            if isStopped { close() }
            return waiters.finish(with: nil)
        }
        if failure == nil {
            breaker.succeed()
        } else {
            breaker.fail(now: clock.now, jitter: .random(in: 0...1))
        }
        // That the node is late may have been told meanwhile: this is newer.
        let time = lastTimestamp == timestamp ? timestamp : nextTimestamp()
        let outcome = outcome(at: time, failure: failure, shortfall: shortfall, started: started)
        lastOutcome = outcome
        deliver(outcome)
        waiters.finish(with: outcome)
        // What was asked may be older than the change.
        if hasNewLabels, failure == nil { beginPoll() }
        await ping()
    }

    private static let pingCommand = Command("PING")
    private static let pingPipeline = Pipeline([pingCommand])

    /// Measures the way to the node and back, when nobody waits for anything.
    private func ping() async {
        let now = clock.now
        guard let connection, connection.isUsable, !refusedQuestions.contains(Self.pingCommand),
            lastPing.map({ now - $0 >= .seconds(1) }) ?? true
        else { return }
        lastPing = now
        let result = await connection.execute(
            Self.pingPipeline,
            deadline: nioDeadline(now + configuration.pollTimeout)
        )
        metrics.count(result, commands: 1)
        guard result.failure == nil, result.replies.count == 1 else { return }
        if result.replies[0].refusal == nil {
            pingTimes.add(result.roundTrip)
        } else {
            refusedQuestions.insert(Self.pingCommand)
        }
    }

    private func outcome(
        at timestamp: Int64,
        failure: RedisError?,
        shortfall: RedisError?,
        started: ContinuousClock.Instant
    ) -> PollOutcome {
        let finished = clock.now
        let report = checks.report
        let reason = failure?.reason ?? shortfall?.reason
        metrics.countPoll(reason: reason)
        metrics.append(
            isUp: failure == nil,
            reason: reason,
            duration: finished - started,
            collectors: collectors,
            discoverySkips: place?.skipped ?? 0,
            refusedCommands: collectors.refusedCommands + refusedQuestions.count,
            checks: report,
            resolver: resolver,
            to: &buffer
        )
        pingTimes.append(to: &buffer)
        appendPlace(failure == nil ? collectors.state.facts.role : .unknown, now: finished, to: &buffer)
        // The last of all, so that nothing else is beyond a limit because of them.
        if failure == nil { checkMetrics.append(report, to: &buffer) }
        return PollOutcome(
            node: node,
            samples: resolver.resolve(buffer, at: timestamp),
            facts: failure == nil && collectors.hasFacts ? collectors.state.facts : nil,
            unknownInfoFields: collectors.state.unknownFields,
            failure: failure,
            shortfall: shortfall,
            finished: finished,
            duration: finished - started,
            slowLog: collectors.takeSlowLogFindings()
        )
    }

    /// The wall clock, but never at or before the poll before: two samples of a series cannot share a timestamp.
    private func nextTimestamp() -> Int64 {
        let now = WallClock.milliseconds()
        // A clock that was set back by more than a second is believed; the store decides about such samples.
        let timestamp = now > lastTimestamp - 1000 ? max(now, lastTimestamp + 1) : now
        lastTimestamp = timestamp
        return timestamp
    }

    /// Asks all and reads what comes.
    ///
    /// - Returns: Why some of it did not come, `nil` where all did.
    /// - Throws: Why not even INFO came.
    private func pollOnce(
        at timestamp: Int64,
        deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisError? {
        let connection = try await readyConnection(deadline: deadline)
        repeat {
            let plan = collectors.plan(now: timestamp)
            var replies = ReplyTape()
            var failure: RedisError?
            if !plan.pipeline.commands.isEmpty {
                let result = await connection.execute(plan.pipeline, deadline: nioDeadline(deadline))
                metrics.count(result, commands: plan.pipeline.commands.count)
                (replies, failure) = (result.replies, result.failure)
            }
            do {
                try collectors.collect(
                    replies,
                    of: plan,
                    address: connection.address,
                    place: place,
                    now: timestamp,
                    into: &buffer
                )
            } catch {
                throw failure ?? error
            }
            if let failure { return failure }
        } while collectors.hasMoreToAsk
        guard collectors.state.facts.isLoading else { return nil }
        return RedisError(
            reason: .loading,
            address: connection.address,
            message: "\(connection.address) is loading its data and does not serve clients yet."
        )
    }

    private func readyConnection(deadline: ContinuousClock.Instant) async throws(RedisError) -> RedisConnection {
        if let connection, connection.isUsable, !mayShowOldCertificate(connection) {
            return connection
        }
        connection?.close()
        connection = nil
        let started = clock.now
        connectedAt = started
        let new = try await connector.connect(
            configuration.connection,
            on: eventLoop,
            deadline: nioDeadline(deadline)
        )
        metrics.connected(after: clock.now - started, certificateExpiry: new.certificateExpiry)
        collectors.startEpoch()
        refusedQuestions.removeAll()
        connection = new
        return new
    }

    /// Whether the server may have a newer certificate than the one it showed: a kept connection would report the old
    /// one for ever.
    private func mayShowOldCertificate(_ connection: RedisConnection) -> Bool {
        guard let expiry = connection.certificateExpiry, clock.now - connectedAt > .seconds(3600) else { return false }
        return expiry - WallClock.milliseconds() / 1000 < 30 * 86400
    }

    private func nioDeadline(_ deadline: ContinuousClock.Instant) -> NIODeadline {
        .now() + TimeAmount(max(.zero, clock.now.duration(to: deadline)))
    }
}

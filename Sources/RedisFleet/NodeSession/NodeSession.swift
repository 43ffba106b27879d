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
    private let lagBoard: LagBoard
    private let deliver: @Sendable (PollOutcome) -> Void
    private let clock = ContinuousClock()

    private var breaker = CircuitBreakerStateMachine()
    private var connection = KeptConnection()
    private var collectors: NodeCollectors
    private let checks: CheckRunner
    private let buffers: SampleBufferPool
    private var writer: OutcomeWriter

    private var lastOutcome: PollOutcome?
    private var lastStarted: ContinuousClock.Instant?
    /// When the poll was due or wanted from which the interval counts.
    ///
    /// A poll beside the rhythm, such as for a look at the deployment or new labels, does not move it: all nodes of a
    /// fleet have these at the same time, and would be polled together ever after.
    private var intervalStart: ContinuousClock.Instant?
    private var timestamps = PollTimestamps()
    /// The poll under way.
    private var poll: Task<Void, Never>?
    private var trace: PollTrace
    /// The number of the last poll that was begun.
    private var pollNumber = 0
    private var waiters = PollWaiters()
    /// Whether the node's place has changed its labels since the poll under way began.
    private var hasNewLabels = false
    /// Tells the watch of the replication that there is something to watch.
    private let linkSignal: AsyncStream<Void>.Continuation
    private let linkSignals: AsyncStream<Void>
    /// How many wait for an answer beside the poll.
    private var questions = 0
    /// What the server refuses to answer beside the poll, on this connection.
    private var refusedQuestions = Refusals<Command>()
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
        eventLoop = surroundings.eventLoops.next()
        taskExecutor = .of(eventLoop)
        connector = surroundings.connector
        lagBoard = surroundings.lagBoard
        buffers = surroundings.buffers
        trace = PollTrace(surroundings.tracer, of: configuration.connection.address.endpoint)
        connectGate = surroundings.connectGate
        self.deliver = deliver
        (linkSignals, linkSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        unownedExecutor = taskExecutor.asUnownedSerialExecutor()
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
        writer = OutcomeWriter(configuration: configuration, surroundings: surroundings)
    }

    /// The last outcome, `nil` before the first poll has ended.
    var latest: PollOutcome? {
        lastOutcome
    }

    /// How the node is, and when it is tried again.
    var condition: NodeCondition {
        NodeCondition(
            outcome: lastOutcome,
            failures: breaker.failures,
            retryAt: breaker.retryAt,
            pollInterval: configuration.pollInterval,
            pollTimeout: configuration.pollTimeout
        )
    }

    /// The commands that the server has refused on this connection, those of its beginning included.
    var refusedCommands: [Command] {
        let atFirst = (connection.usable?.refusals ?? []).map { refusal in
            Command(arguments: refusal.command.split(separator: " ").map { Array($0.utf8) })
        }
        return atFirst + collectors.refusals + refusedQuestions.all
    }

    // MARK: The poll loop

    /// Polls at the node's interval until the task is cancelled, then closes the connection.
    func run(firstPollAfter delay: Duration) async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.watchReplication() }
                if !configuration.checks.isEmpty { group.addTask { await self.checks.run() } }
                await pollRegularly(firstPollAfter: delay)
                group.cancelAll()
            }
        } onCancel: {
            eventLoop.execute { self.assumeIsolated { $0.cancel() } }
        }
        await poll?.value
        close()
    }

    /// A poll under way is of no use to anyone any more, and it may be one that hangs; nor is one that begins now.
    private func cancel() {
        isStopped = true
        poll?.cancel()
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
                intervalStart = clock.now
                _ = await outcomeOfPoll(deadline: clock.now + configuration.pollTimeout * 2)
                due = nextDue()
            }
        }
    }

    /// When the next poll is due: an interval after the last one began, or, of a node that failed, when the breaker
    /// allows it.
    private func nextDue() -> ContinuousClock.Instant {
        breaker.retryAt ?? intervalStart.map { $0 + configuration.pollInterval } ?? clock.now
    }

    private func close() {
        connection.close()
        writer.releaseAll()
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
        intervalStart = clock.now
        if let outcome = await outcomeOfPoll(deadline: deadline) { return outcome }
        // Who is not watched any more is not late.
        if isStopped, let lastOutcome { return lastOutcome }
        return lateOutcome()
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

    /// Joins the poll under way, or starts one; `nil` when the deadline passes first, or the watch
    /// ends.
    private func outcomeOfPoll(deadline: ContinuousClock.Instant) async -> PollOutcome? {
        let patience = max(.zero, clock.now.duration(to: deadline))
        return await withCheckedContinuation { continuation in
            // In here, as the way in is a suspension for a task that prefers another executor: a poll that was under
            // way before it may be over, and nobody would be told.
            guard !isStopped else { return continuation.resume(returning: nil) }
            if poll == nil { beginPoll() }
            waiters.add(continuation) { id in
                eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
                    self.assumeIsolated { $0.waiters.expire(id) }
                }
            }
        }
    }

    /// What is said while the poll under way does not end, or none was begun.
    private func lateOutcome(at timestamp: Int64 = WallClock.milliseconds()) -> PollOutcome {
        let now = clock.now
        let waited = poll == nil ? .zero : lastStarted.map { now - $0 } ?? .zero
        return writer.lateOutcome(at: timestamp, now: now, duration: waited)
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
        if connection.usable == nil {
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
            if replies[position].refusal != nil { refusedQuestions.add(command) }
        }
        return commands.map { answers[$0] }
    }

    /// Asks over the connection of the polls, if there is one.
    private func answers(to pipeline: Pipeline) async -> ReplyTape? {
        guard let connection = connection.usable, !isStopped else { return nil }
        let deadline = nioDeadline(clock.now + configuration.pollTimeout)
        let result = await connection.execute(pipeline, deadline: deadline)
        writer.metrics.count(result, commands: pipeline.commands.count)
        return result.failure == nil ? result.replies : nil
    }

    /// Takes over where the node stands; where that changes its labels a poll follows at once.
    func take(_ new: NodePlace) {
        let isSame = new.hasSameLabels(as: writer.place)
        let isFirst = writer.place == nil
        // Only a part that was told before can be wrong.
        let hasToldRole = writer.place.map { $0.role != .unknown } ?? false
        writer.place = new
        if new.hasLinks { linkSignal.yield() }
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
        let outcome = lateOutcome(at: timestamps.next(now: WallClock.milliseconds()))
        lastOutcome = outcome
        deliver(outcome)
    }

    /// Ends the watch: no outcome is delivered any more.
    func stop() {
        linkSignal.finish()
        isStopped = true
        checks.choose(false)
        lagBoard.forget(endpoint)
        if poll == nil { close() }
    }

    private static let replicationInfo = Pipeline([Command("INFO", "replication")])

    /// Looks once a second how far a node is that follows or is followed.
    private func watchReplication() async {
        // Who is alone is not woken at all.
        for await _ in linkSignals {
            while writer.place?.hasLinks == true, !isStopped {
                guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
                await lookAtReplication()
            }
        }
    }

    private func lookAtReplication() async {
        guard writer.place?.hasLinks == true, !isStopped else { return }
        // A server that has gone is not gone unnoticed until the next poll.
        if connection.isBroken, poll == nil, breaker.allowsAttempt(now: clock.now) { beginPoll() }
        if let replies = await answers(to: Self.replicationInfo), replies.count > 0,
            let facts = SelfDescription(replies[0])
        {
            lagBoard.note(facts, of: endpoint, at: clock.now)
        }
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
        if connection.usable(forPollAt: clock.now) != nil {
            await pollNowAndDeliver()
        } else {
            // Waits before any clock of the poll runs: a queue says nothing about the node.
            guard let ticket = await connectGate.enter(isRetry: breaker.hasFailed) else {
                return giveUp()
            }
            let entered = clock.now
            await pollNowAndDeliver()
            leaveGate(ticket, at: entered + Self.connectSpacing)
        }
        await ping()
    }

    /// However quick nodes answer, those that are let in at a time are all that are connected to in this time.
    private static let connectSpacing: Duration = .milliseconds(100)

    private func leaveGate(_ ticket: ConnectQueue.Ticket, at time: ContinuousClock.Instant) {
        eventLoop.scheduleTask(in: TimeAmount(max(.zero, clock.now.duration(to: time)))) { [connectGate] in
            connectGate.leave(ticket)
        }
    }

    /// Ends the poll without an outcome: whoever stopped it, that says nothing about the node.
    private func giveUp() {
        poll = nil
        if isStopped { close() }
        waiters.finish(with: nil)
    }

    private func pollNowAndDeliver() async {
        guard !isStopped else { return giveUp() }
        let started = clock.now
        lastStarted = started
        let timestamp = timestamps.next(now: WallClock.milliseconds())
        var buffer = buffers.take()
        defer { buffers.takeBack(&buffer) }
        trace.begin(at: started)
        var failure: RedisError?
        var shortfall: RedisError?
        do {
            shortfall = try await pollOnce(
                at: timestamp, deadline: started + configuration.pollTimeout, into: &buffer)
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
            connection.close()
        }
        guard !Task.isCancelled, !isStopped else { return giveUp() }
        poll = nil
        let ended = clock.now
        if failure == nil {
            breaker.succeed()
        } else {
            breaker.fail(now: clock.now, jitter: .random(in: 0...1))
        }
        // That the node is late may have been told meanwhile: this is newer.
        let time = timestamps.last == timestamp ? timestamp : timestamps.next(now: WallClock.milliseconds())
        let outcome = writer.outcome(
            of: .init(timestamp: time, started: started, finished: ended, failure: failure, shortfall: shortfall),
            collectors: &collectors,
            refusedQuestions: refusedQuestions.count,
            checks: checks.report,
            buffer: &buffer
        )
        lastOutcome = outcome
        deliver(outcome)
        trace.end(outcome, of: writer.place?.deployment, storedFrom: ended)
        waiters.finish(with: outcome)
        // What was asked may be older than the change.
        if hasNewLabels, failure == nil { beginPoll() }
    }

    private static let pingCommand = Command("PING")
    private static let pingPipeline = Pipeline([pingCommand])

    /// Measures the way to the node and back, when nobody waits for anything.
    private func ping() async {
        let now = clock.now
        guard !Task.isCancelled, let connection = connection.usable,
            !refusedQuestions.contains(Self.pingCommand),
            writer.pingTimes.begin(now: now)
        else { return }
        let result = await connection.execute(
            Self.pingPipeline,
            deadline: nioDeadline(now + configuration.pollTimeout)
        )
        writer.metrics.count(result, commands: 1)
        guard result.failure == nil, result.replies.count == 1 else { return }
        if result.replies[0].refusal == nil {
            writer.pingTimes.add(result.roundTrip)
        } else {
            refusedQuestions.add(Self.pingCommand)
        }
    }

    /// Asks all and reads what comes.
    ///
    /// - Returns: Why some of it did not come, `nil` where all did.
    /// - Throws: Why not even INFO came.
    private func pollOnce(
        at timestamp: Int64,
        deadline: ContinuousClock.Instant,
        into buffer: inout SampleBuffer
    ) async throws(RedisError) -> RedisError? {
        let connection = try await readyConnection(deadline: deadline)
        repeat {
            let plan = collectors.plan(now: timestamp)
            var replies = ReplyTape()
            var failure: RedisError?
            if !plan.pipeline.commands.isEmpty {
                let sent = clock.now
                let result = await connection.execute(plan.pipeline, deadline: nioDeadline(deadline))
                writer.metrics.count(result, commands: plan.pipeline.commands.count)
                (replies, failure) = (result.replies, result.failure)
                trace.addPipeline(of: plan.pipeline.commands.count, from: sent, failure: failure)
            }
            let received = clock.now
            defer { trace.addParse(from: received) }
            do {
                try collectors.collect(
                    replies,
                    of: plan,
                    address: connection.address,
                    place: writer.place,
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
        let started = clock.now
        if let usable = connection.usable(forPollAt: started) { return usable }
        connection.begin(now: started)
        let new: RedisConnection
        do throws(RedisError) {
            new = try await connector.connect(
                configuration.connection,
                on: eventLoop,
                deadline: nioDeadline(deadline)
            )
        } catch {
            trace.addConnect(from: started, failure: error)
            throw error
        }
        trace.addConnect(from: started, failure: nil)
        writer.metrics.connected(after: clock.now - started, certificateExpiry: new.certificateExpiry)
        collectors.startEpoch()
        refusedQuestions.removeAll()
        connection.keep(new)
        return new
    }

    private func nioDeadline(_ deadline: ContinuousClock.Instant) -> NIODeadline {
        .now() + TimeAmount(max(.zero, clock.now.duration(to: deadline)))
    }
}

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

    private let configuration: NodeConfiguration
    private let eventLoop: any EventLoop
    private let connector: RedisConnector
    private let deliver: @Sendable (PollOutcome) -> Void
    private let clock = ContinuousClock()

    private var breaker = CircuitBreakerStateMachine()
    private var connection: RedisConnection?
    private var collectors: NodeCollectors
    private var metrics: NodeMetrics
    private var buffer = SampleBuffer()
    private var resolver: SeriesResolver
    /// Keys of the samples that say "late" to a scraper while the poll goes on.
    private var lateResolver: SeriesResolver

    private var lastOutcome: PollOutcome?
    private var lastStarted: ContinuousClock.Instant?
    private var lastTimestamp: Int64 = 0
    /// The poll under way.
    private var poll: Task<Void, Never>?
    private var waiters = PollWaiters()

    init(
        configuration: NodeConfiguration,
        table: SeriesKeyTable,
        families: FleetFamilies,
        eventLoop: any EventLoop,
        connector: RedisConnector,
        deliver: @escaping @Sendable (PollOutcome) -> Void
    ) {
        node = configuration.node
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.connector = connector
        self.deliver = deliver
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        collectors = NodeCollectors(collectors: families.collectors, options: configuration.collectors)
        metrics = NodeMetrics(first: families.node)
        resolver = SeriesResolver(table: table, seriesLimit: configuration.seriesLimit)
        lateResolver = SeriesResolver(table: table, seriesLimit: configuration.seriesLimit)
    }

    /// The last outcome, `nil` before the first poll has ended.
    var latest: PollOutcome? {
        lastOutcome
    }

    // MARK: The poll loop

    /// Polls at the node's interval until the task is cancelled, then closes the connection.
    func run(firstPollAfter delay: Duration) async {
        await withTaskCancellationHandler {
            await pollRegularly(firstPollAfter: delay)
        } onCancel: {
            // A poll under way is of no use to anyone any more, and it may be one that hangs.
            eventLoop.execute { self.assumeIsolated { $0.poll?.cancel() } }
        }
        close()
    }

    private func pollRegularly(firstPollAfter delay: Duration) async {
        var due = clock.now + delay
        while !Task.isCancelled {
            guard (try? await clock.sleep(until: due, tolerance: nil)) != nil else { break }
            // A scrape may have polled in the meantime: then the interval counts from there.
            due = nextDue()
            if due <= clock.now {
                _ = await outcomeOfPoll(deadline: clock.now + configuration.pollTimeout * 2)
                due = nextDue()
            }
        }
    }

    /// When the next poll is due: an interval after the last one began, or as soon as a node that failed may be tried
    /// again, whichever is earlier.
    private func nextDue() -> ContinuousClock.Instant {
        guard let lastStarted else { return clock.now }
        let regular = lastStarted + configuration.pollInterval
        guard let retryAt = breaker.retryAt else { return regular }
        return min(regular, retryAt)
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
        if let lastOutcome, poll == nil {
            let isYoung = clock.now - lastOutcome.finished <= maxAge && maxAge > .zero
            let isWaitingForRetry = breaker.retryAt.map { clock.now < $0 } ?? false
            if isYoung || isWaitingForRetry {
                return lastOutcome
            }
        }
        return await outcomeOfPoll(deadline: deadline) ?? lateOutcome()
    }

    /// Joins the poll under way, or starts one; `nil` when the deadline passes first.
    private func outcomeOfPoll(deadline: ContinuousClock.Instant) async -> PollOutcome? {
        if poll == nil {
            // Not tied to whoever asked first: others may wait for the same poll with a later deadline.
            poll = Task { await self.pollAndDeliver() }
        }
        let patience = max(.zero, clock.now.duration(to: deadline))
        return await withCheckedContinuation { continuation in
            waiters.add(continuation) { id in
                eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
                    self.assumeIsolated { $0.waiters.expire(id) }
                }
            }
        }
    }

    private func lateOutcome() -> PollOutcome {
        let failure = RedisError(
            reason: .timeout,
            address: configuration.connection.address.description,
            message: "\(node.instance) has not answered in time"
        )
        var late = SampleBuffer()
        metrics.appendState(failure: .timeout, to: &late)
        return PollOutcome(
            node: node,
            samples: lateResolver.resolve(late, at: WallClock.milliseconds()),
            facts: nil,
            failure: failure,
            finished: clock.now,
            duration: .zero
        )
    }

    // MARK: One poll

    private func pollAndDeliver() async {
        let started = clock.now
        lastStarted = started
        let timestamp = nextTimestamp()
        let deadline = started + configuration.pollTimeout
        buffer.removeAll()
        var failure: RedisError?
        do {
            try await ask(at: timestamp, deadline: deadline)
            breaker.succeed()
        } catch {
            failure = error
            buffer.removeAll()
            connection?.close()
            connection = nil
            breaker.fail(now: clock.now, jitter: .random(in: 0...1))
        }
        let finished = clock.now
        metrics.countPoll(failure: failure?.reason)
        metrics.append(
            failure: failure?.reason,
            duration: finished - started,
            collectors: collectors,
            resolver: resolver,
            to: &buffer
        )
        let outcome = PollOutcome(
            node: node,
            samples: resolver.resolve(buffer, at: timestamp),
            facts: failure == nil ? collectors.state.facts : nil,
            failure: failure,
            finished: finished,
            duration: finished - started
        )
        lastOutcome = outcome
        poll = nil
        deliver(outcome)
        waiters.finish(with: outcome)
    }

    /// The wall clock, but never at or before the poll before: two samples of a series cannot share a timestamp.
    private func nextTimestamp() -> Int64 {
        let now = WallClock.milliseconds()
        // A clock that was set back by more than a second is believed; the store decides about such samples.
        let timestamp = now > lastTimestamp - 1000 ? max(now, lastTimestamp + 1) : now
        lastTimestamp = timestamp
        return timestamp
    }

    private func ask(at timestamp: Int64, deadline: ContinuousClock.Instant) async throws(RedisError) {
        let connection = try await readyConnection(deadline: deadline)
        repeat {
            let plan = collectors.plan(now: timestamp)
            var replies = ReplyTape()
            if !plan.pipeline.commands.isEmpty {
                let result = await connection.execute(plan.pipeline, deadline: nioDeadline(deadline))
                metrics.count(result, commands: plan.pipeline.commands.count)
                if let failure = result.failure { throw failure }
                replies = result.replies
            }
            try collectors.collect(
                replies,
                of: plan,
                address: connection.address,
                now: timestamp,
                into: &buffer
            )
        } while collectors.hasMoreToAsk
    }

    private func readyConnection(deadline: ContinuousClock.Instant) async throws(RedisError) -> RedisConnection {
        if let connection, connection.isUsable {
            return connection
        }
        connection = nil
        let started = clock.now
        let new = try await connector.connect(
            configuration.connection,
            on: eventLoop,
            deadline: nioDeadline(deadline)
        )
        metrics.connected(after: clock.now - started)
        collectors.startEpoch()
        connection = new
        return new
    }

    private func nioDeadline(_ deadline: ContinuousClock.Instant) -> NIODeadline {
        .now() + TimeAmount(max(.zero, clock.now.duration(to: deadline)))
    }
}

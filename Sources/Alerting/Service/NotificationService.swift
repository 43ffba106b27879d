public import HTTPClient
public import Logging
import Metrics
public import NIOPosix
public import SQLite
public import ServiceLifecycle
import Synchronization
import Tracing

/// Tells receivers of alerts: Alertmanagers all of them, others by routes, in groups, with inhibition and silences.
///
/// What happens to an alert comes in after the journal has it; what is to be sent is in the state file before it goes
/// out, and stays there until it has arrived or was given up.
///
/// A message may go out only once, and must not be lost. When the process is killed while one is under way, nobody can
/// know whether it has arrived. It is marked in the last moment before its last byte goes out; a process that finds the
/// mark takes the message for delivered. When a second later there is no answer, the receiver is in trouble and the mark
/// is taken back: such a message is sent again. PagerDuty knows repetitions by a key, so it gets the message again in
/// any case; webhooks that want to can know them by `Idempotency-Key`.
///
/// The mark is set on the event loop of the connection, so that nothing comes between it and the last byte: the client
/// must have event loops of its own, which may wait for the disk.
public actor NotificationService: Service {
    /// How many alerts one message has at most; more become several messages.
    private static let batchSize = 500
    /// After this long without an answer a message counts as not delivered.
    private static let answerTime: Duration = .seconds(1)
    private static let refreshMilliseconds: Int64 = 15_000
    private static let housekeepingMilliseconds: Int64 = 30_000

    let store: NotificationStore
    let logger: Logger
    /// The time of day in milliseconds since 1970.
    let now: @Sendable () -> Int64
    private let client: HTTPClient
    private let threads: NIOThreadPool
    private let shutdownTime: Duration
    private let commandThreads = NIOThreadPool(numberOfThreads: 2)
    private let rules: @Sendable () -> [RuleGroupEvaluation]
    private let inbox = Mutex<[JournalEntry]>([])
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    private let published = Mutex(NotificationStatistics())

    private var configuration: NotificationConfiguration
    private var alerts: [Labels: NotifiedAlert] = [:]
    private var dispatcher: Dispatcher
    var silenceBook: SilenceBook
    /// The change of a silence before, after which the next one begins.
    var lastSilenceChange: Task<Void, Never>?
    private var outbox: Outbox
    var feeds: AlertmanagerFeeds
    var figures = NotificationStatistics()
    private var running: [Int64: Task<Void, Never>] = [:]
    private var feeding: [String: Task<Void, Never>] = [:]
    private var lookup: Task<Void, Never>?
    private var timer: Task<Void, Never>?
    private var nextFlush: Int64?
    private var nextFeed: Int64 = .min
    private var nextRefresh: Int64 = .min
    private var nextHousekeeping: Int64 = .min

    /// Makes a service that goes on where an earlier process ended, and does nothing before `run()`.
    ///
    /// - Parameters:
    ///   - threads: Where the state file is read and written.
    ///   - shutdownTime: How long the shutdown waits for messages that are under way.
    ///   - now: The time of day in milliseconds since 1970.
    ///   - rules: The rule groups as they are at the moment of the call.
    /// - Throws: `SQLiteError` when what an earlier process has left cannot be read.
    public init(
        _ configuration: NotificationConfiguration,
        store: NotificationStore,
        client: HTTPClient,
        threads: NIOThreadPool,
        shutdownTime: Duration = .milliseconds(500),
        logger: Logger,
        now: @escaping @Sendable () -> Int64,
        rules: @escaping @Sendable () -> [RuleGroupEvaluation]
    ) throws(SQLiteError) {
        self.configuration = configuration
        self.store = store
        self.client = client
        self.threads = threads
        self.shutdownTime = shutdownTime
        self.logger = logger
        self.now = now
        self.rules = rules
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        wakes = stream
        waker = continuation
        let time = now()
        let restored = try store.restore(since: time - AlertStateMachine.resolvedRetentionMilliseconds)
        silenceBook = SilenceBook(restored.silences)
        var outbox = Outbox(configuration, client: client, threads: commandThreads)
        var figures = NotificationStatistics()
        for receiver in configuration.receivers { figures.receivers[receiver.name] = .init() }
        let over = Self.resume(restored, &outbox, &figures, logger: logger)
        try store.remove(over, now: time)
        self.outbox = outbox
        self.figures = figures
        let groups = rules()
        var alerts: [Labels: NotifiedAlert] = [:]
        for entry in restored.alerts {
            alerts[entry.labels] = NotifiedAlert(entry, groups: groups, externals: configuration.externals)
        }
        self.alerts = alerts
        var dispatcher = Self.dispatcher(configuration)
        try store.forget(dispatcher.restore(restored.notices, alerts: Array(alerts.values), now: time), now: time)
        nextFlush = dispatcher.nextDue
        self.dispatcher = dispatcher
        feeds = AlertmanagerFeeds(configuration)
        published.withLock { [figures] in $0 = figures }
    }

    /// Puts another configuration in the place of the one there is.
    ///
    /// What was told stays told; messages to receivers that are not there any more are given up.
    public func reconfigure(_ new: NotificationConfiguration) async {
        let time = now()
        takeEntries(at: time)
        let notices = dispatcher.notices
        var outbox = Outbox(new, client: client, threads: commandThreads)
        let removed = outbox.takeOver(self.outbox, at: time)
        configuration = new
        self.outbox = outbox
        dispatcher = Self.dispatcher(new)
        let gone = dispatcher.restore(notices, alerts: Array(alerts.values), now: time)
        feeds = AlertmanagerFeeds(new, before: feeds)
        nextFlush = dispatcher.nextDue
        nextFeed = time
        nextHousekeeping = time
        figures.receivers = figures.receivers.filter { name, _ in new.receivers.contains { $0.name == name } }
        for receiver in new.receivers where figures.receivers[receiver.name] == nil {
            figures.receivers[receiver.name] = .init()
        }
        // Nothing of the above may wait: a message that arrives meanwhile would be noted in the queue of before.
        await giveUp(removed, reason: "removed", at: time)
        let store = store
        await onDisk { try store.forget(gone, now: time) }
        wake()
    }

    private static func dispatcher(_ configuration: NotificationConfiguration) -> Dispatcher {
        var endpoints: [String: [Dispatcher.Endpoint]] = [:]
        for receiver in configuration.receivers {
            endpoints[receiver.name] = receiver.integrations.enumerated().map { index, integration in
                Dispatcher.Endpoint(id: receiver.endpoint(index), sendsResolved: integration.sendsResolved)
            }
        }
        return Dispatcher(root: configuration.root, endpoints: endpoints, inhibitions: configuration.inhibitions)
    }

    /// Takes over the messages that an earlier process has left; returns those that are over.
    private static func resume(
        _ restored: NotificationStore.Restored,
        _ outbox: inout Outbox,
        _ figures: inout NotificationStatistics,
        logger: Logger
    ) -> [Int64] {
        var over: [Int64] = []
        for (id, item, isSent) in restored.deliveries {
            guard let way = outbox.way(of: id) else {
                over.append(item.id)
                logger.warning("a message waited for a receiver that is not configured any more: \(id)")
                continue
            }
            guard isSent, !way.toleratesRepetition else {
                outbox.add(item, to: id)
                continue
            }
            over.append(item.id)
            figures.receivers[way.receiver]?.uncertain += 1
            logger.notice("a message was under way when the process before ended; it counts as delivered: \(id)")
        }
        return over
    }

    /// How telling receivers goes.
    public nonisolated var statistics: NotificationStatistics {
        published.withLock { $0 }
    }

    /// Takes what the journal has written down; returns at once.
    public nonisolated func receive(_ entries: [JournalEntry]) {
        guard !entries.isEmpty else { return }
        inbox.withLock { $0 += entries }
        waker.yield()
    }

    /// Tells until the graceful shutdown or a cancellation.
    public func run() async throws {
        commandThreads.start()
        waker.yield()
        await cancelWhenGracefulShutdown {
            for await _ in self.wakes { await self.turn() }
        }
        timer?.cancel()
        await endDeliveries()
        try await commandThreads.shutdownGracefully()
    }

    private func endDeliveries() async {
        let tasks = Array(running.values) + Array(feeding.values)
        let deadline = Task { [shutdownTime] in
            try await Task.sleep(for: shutdownTime)
            for task in tasks { task.cancel() }
        }
        for task in tasks { await task.value }
        deadline.cancel()
    }

    func wake() {
        waker.yield()
    }

    /// Does everything that is due.
    private func turn() async {
        let time = now()
        takeEntries(at: time)
        if time >= nextHousekeeping {
            nextHousekeeping = time + Self.housekeepingMilliseconds
            await keepHouse(at: time)
        }
        if let due = nextFlush, due <= time { await flush(at: time) }
        startDeliveries(at: time)
        if time >= nextFeed { startFeeding(at: time) }
        publish()
        schedule()
    }

    private func takeEntries(at time: Int64) {
        let entries = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        guard !entries.isEmpty else { return }
        let groups = rules()
        for entry in entries {
            guard let alert = NotifiedAlert(entry, groups: groups, externals: configuration.externals) else { continue }
            alerts[entry.labels] = alert
            dispatcher.update(alert, now: time)
        }
        nextFlush = dispatcher.nextDue
        nextFeed = time
    }

    /// The annotations as the rules give them now: they change while an alert fires.
    private func refresh(at time: Int64) {
        guard time >= nextRefresh else { return }
        nextRefresh = time + Self.refreshMilliseconds
        for active in rules().flatMap(\.rules).flatMap(\.activeAlerts) where active.state == .firing {
            guard var alert = alerts[active.labels], !alert.isResolved else { continue }
            guard alert.annotations != active.annotations || alert.value != active.value else { continue }
            alert.annotations = active.annotations
            alert.value = active.value
            alerts[active.labels] = alert
            dispatcher.refresh(alert)
        }
    }

    private func flush(at time: Int64) async {
        refresh(at: time)
        let outcome = dispatcher.flush(at: time) { [silenceBook] in silenceBook.silence($0, at: time) }
        nextFlush = dispatcher.nextDue
        guard !outcome.messages.isEmpty || !outcome.ended.isEmpty else { return }
        let store = store
        let saved = await onDisk { try store.save(outcome, batchSize: Self.batchSize, now: time) }
        for (endpoint, item) in saved ?? [] { outbox.add(item, to: endpoint) }
        await giveUp(outbox.shorten(at: time), reason: "queue_full", at: time)
    }

    private func startDeliveries(at time: Int64) {
        for departure in outbox.start(at: time) {
            running[departure.item.id] = Task { await self.deliver(departure) }
        }
    }

    private func deliver(_ departure: Outbox.Departure) async {
        let (store, now, item, way) = (store, now, departure.item, departure.way)
        let found = await onDisk { try store.message(item.id, receiver: way.receiver) }
        guard let found, let message = found else {
            await finish(departure, .refused(reason: "state"))
            return
        }
        let doubt = Mutex<Task<Void, Never>?>(nil)
        let mark: @Sendable () throws -> Void = {
            guard !way.toleratesRepetition, doubt.withLock({ $0 == nil }) else { return }
            let unmark = Task {
                guard (try? await Task.sleep(for: Self.answerTime)) != nil else { return }
                _ = await self.onDisk { try store.mark(item.id, isSent: false, now: now()) }
            }
            doubt.withLock { $0 = unmark }
            try store.mark(item.id, isSent: true, now: now())
        }
        let outcome = await traced(departure) { await way.sender.send(message, beforeSending: mark) }
        if let unmark = doubt.withLock({ $0 }) {
            unmark.cancel()
            await unmark.value
        }
        await finish(departure, outcome)
    }

    /// Sends in a span, where such are wanted.
    private func traced(
        _ departure: Outbox.Departure,
        _ send: () async -> DeliveryOutcome
    ) async -> DeliveryOutcome {
        guard let tracer = client.tracer else { return await send() }
        let attributes = [
            SpanAttribute("redstart.receiver", departure.way.receiver),
            SpanAttribute("redstart.attempt", departure.item.attempts + 1),
        ]
        return await tracer.span("notify", attributes, send) { outcome in
            outcome.problem.map { ([SpanAttribute("error.type", $0)], $0) } ?? ([], nil)
        }
    }

    private func finish(_ departure: Outbox.Departure, _ outcome: DeliveryOutcome) async {
        let (item, receiver) = (departure.item, departure.way.receiver)
        running[item.id] = nil
        // A delivery that the shutdown cut off stays as it is: the next process decides by its mark.
        if case .failed("cancelled", _) = outcome { return }
        let (time, store) = (now(), store)
        let action = outbox.finish(departure, outcome, at: time, random: Double.random(in: 0...1))
        switch action {
        case nil:
            // The receiver was taken out of the configuration meanwhile.
            await onDisk { try store.remove([item.id], now: time) }
        case .done:
            figures.receivers[receiver]?.sent += 1
            figures.receivers[receiver]?.latencySeconds += Double(max(0, time - item.createdAt)) / 1000
            await onDisk { try store.remove([item.id], now: time) }
        case .retry(let reason):
            figures.receivers[receiver]?.failedAttempts[reason, default: 0] += 1
            if item.attempts == 0 {
                let facts: Logger.Metadata = ["to": "\(receiver)", "reason": "\(reason)"]
                logger.warning("a message cannot be delivered yet", metadata: facts)
            }
            await onDisk { try store.mark(item.id, isSent: false, now: time) }
        case .giveUp(let reason):
            figures.receivers[receiver]?.failedAttempts[reason, default: 0] += 1
            await giveUp([(receiver, [item])], reason: reason, at: time)
        }
        wake()
    }

    private func giveUp(_ dropped: [Outbox.Dropped], reason: String, at time: Int64) async {
        for (receiver, items) in dropped {
            guard let first = items.first else { continue }
            figures.receivers[receiver]?.failed[reason, default: 0] += items.count
            let story =
                "\(items.count) messages to \(receiver) were given up: \(reason); the first one of \(first.group)"
            figures.lastFailure = (time, story)
            logger.error("\(story)")
        }
        let (store, ids) = (store, dropped.flatMap { $0.items.map(\.id) })
        if !ids.isEmpty { await onDisk { try store.remove(ids, now: time) } }
    }

    private func keepHouse(at time: Int64) async {
        let (store, limit) = (store, time - AlertStateMachine.resolvedRetentionMilliseconds)
        for (key, alert) in alerts {
            guard let end = alert.endsAt, end < limit else { continue }
            alerts[key] = nil
            feeds.forget(key)
        }
        await giveUp(outbox.expire(at: time), reason: "expired", at: time)
        let gone = silenceBook.removeExpired(at: time)
        if !gone.isEmpty { await onDisk { try store.removeSilences(gone, now: time) } }
        startLookingUp()
    }

    /// Looks up the names of Alertmanagers beside all else: a name server that does not answer takes its time.
    private func startLookingUp() {
        guard feeds.needsDiscovery, lookup == nil else { return }
        lookup = Task { [feeds] in
            let addresses = try? await NIOThreadPool.singleton.runIfActive { feeds.lookUp() }
            self.feeds.replace(discovered: addresses ?? [:])
            lookup = nil
            wake()
        }
    }

    private func startFeeding(at time: Int64) {
        nextFeed = time + 1000
        guard !feeds.isEmpty else { return }
        refresh(at: time)
        for target in feeds.idle {
            let due = feeds.start(target, alerts.values, at: time)
            guard !due.isEmpty else { continue }
            let validUntil = time + 4 * configuration.resendMilliseconds
            feeding[target.name] = Task { [client] in
                let result = await Self.feed(target, due, validUntil: validUntil, client)
                self.finish(target, result, begun: time)
            }
        }
    }

    /// Sends in a span, where such are wanted.
    private static func feed(
        _ target: AlertmanagerFeeds.Target,
        _ due: [NotifiedAlert],
        validUntil: Int64,
        _ client: HTTPClient
    ) async -> AlertmanagerFeeds.Result {
        let send = { await target.send(due, validUntil: validUntil, client: client) }
        guard let tracer = client.tracer else { return await send() }
        let attributes = [
            SpanAttribute("redstart.receiver", target.name), SpanAttribute("redstart.alerts", due.count),
        ]
        return await tracer.span("notify", attributes, send) { result in
            result.failure.map { ([SpanAttribute("error.type", $0.reason)], $0.reason) } ?? ([], nil)
        }
    }

    private func finish(_ target: AlertmanagerFeeds.Target, _ result: AlertmanagerFeeds.Result, begun: Int64) {
        let time = now()
        let name = target.name
        feeding[name] = nil
        figures.receivers[name, default: .init()].sent += result.batches
        figures.receivers[name]?.latencySeconds += Double(result.batches) * Double(max(0, time - begun)) / 1000
        if let failure = result.failure {
            figures.receivers[name]?.failedAttempts[failure.reason, default: 0] += 1
            if failure.isFinal { figures.receivers[name]?.failed[failure.reason, default: 0] += 1 }
        }
        if feeds.finish(target, result, at: time, random: Double.random(in: 0...1)), let failure = result.failure {
            let story = "\(name) has not taken alerts for too long: \(failure.reason)"
            figures.receivers[name]?.failed[failure.reason, default: 0] += 1
            figures.lastFailure = (time, story)
            logger.error("\(story)")
        }
        nextFeed = min(nextFeed, time + 1000)
        wake()
    }

    func publish() {
        for receiver in configuration.receivers {
            figures.receivers[receiver.name]?.queued = outbox.count(of: receiver.name)
        }
        figures.alertmanagers = feeds.targets.map(\.name)
        let time = now()
        figures.silences = Dictionary(grouping: silenceBook.silences.values) { $0.state(at: time) }.mapValues(\.count)
        published.withLock { [figures] in $0 = figures }
    }

    /// Sets the clock for what is due next.
    private func schedule() {
        timer?.cancel()
        var due = [nextHousekeeping]
        if let nextFlush { due.append(nextFlush) }
        if let departure = outbox.nextDue { due.append(departure) }
        if !feeds.isEmpty, !alerts.isEmpty { due.append(nextFeed) }
        let wait = max(1, (due.min() ?? nextHousekeeping) - now())
        timer = Task { [waker] in
            guard (try? await Task.sleep(for: .milliseconds(wait))) != nil else { return }
            waker.yield()
        }
    }

    /// Does what may wait for the disk, to its end also when the caller is cancelled; `nil` where it fails, which is
    /// logged.
    @discardableResult
    nonisolated func onDisk<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async -> Result? {
        let threads = threads
        do {
            return try await Task { try await threads.runIfActive(body) }.value
        } catch {
            logger.error("the state of notifications cannot be kept: \(error)")
            return nil
        }
    }
}

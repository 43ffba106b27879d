public import Logging
public import PromQL
public import ServiceLifecycle
import Synchronization
public import TimeSeriesStore
public import Tracing

/// Evaluates all rule groups, each at its interval, and keeps their results and states.
public actor AlertingService: Service {
    /// Who is told of what happened to alerts; the group's next evaluation waits until it returns.
    public typealias Receiver = @Sendable (_ changes: [AlertChange], _ rule: Rule, _ group: RuleGroup) async -> Void

    /// How rules are evaluated.
    public struct Configuration: Sendable {
        /// The limits of queries.
        public var engine: QueryEngine
        /// What templates see of the daemon.
        public var externals: TemplateExternals
        /// How `for` clocks go on after a restart; `nil` where the store starts empty, so that there is nothing to
        /// wait for.
        public var restoration: RestorationConfiguration?
        /// Asks elsewhere for the clocks of the alerts of these names; `nil` for nowhere.
        public var askForClocks: (@Sendable (_ alerts: [String]) async -> CarriedClocks?)?
        /// Gets a span of each evaluation; `nil` for none.
        public var tracer: Tracer?

        /// Makes a configuration.
        public init(
            engine: QueryEngine = QueryEngine(),
            externals: TemplateExternals = TemplateExternals(),
            restoration: RestorationConfiguration? = nil,
            askForClocks: (@Sendable (_ alerts: [String]) async -> CarriedClocks?)? = nil,
            tracer: Tracer? = nil
        ) {
            self.engine = engine
            self.externals = externals
            self.restoration = restoration
            self.askForClocks = askForClocks
            self.tracer = tracer
        }
    }

    /// A group at work and the way of its results into the store.
    private struct Work: Sendable {
        var evaluation: RuleGroupEvaluation
        var writer: RuleResultWriter
        /// The number of the clocks of others that it has.
        var carried = 0
    }

    private struct GroupName: Hashable {
        let file: String
        let name: String

        init(_ group: RuleGroup) {
            file = group.file
            name = group.name
        }
    }

    private let store: TimeSeriesStore
    private let configuration: Configuration
    private let logger: Logger
    /// The time of day in milliseconds since 1970.
    private let now: @Sendable () -> Int64
    private let receiver: Receiver
    /// The states after the last evaluations, in the order of the groups; read without waiting for one.
    private let published: Published
    private let carried = Mutex<(number: Int, clocks: CarriedClocks?)>((0, nil))
    private var waiting: [Work]
    private var tasks: [Task<Work, Never>] = []
    private var isRunning = false

    /// Makes a service that does nothing before `run()`.
    public init(
        groups: [RuleGroup],
        store: TimeSeriesStore,
        configuration: Configuration = Configuration(),
        logger: Logger,
        now: @escaping @Sendable () -> Int64,
        receiver: @escaping Receiver = { _, _, _ in }
    ) {
        self.store = store
        self.configuration = configuration
        self.logger = logger
        self.now = now
        self.receiver = receiver
        waiting = groups.map { group in
            var evaluation = RuleGroupEvaluation(group)
            if let restoration = configuration.restoration { evaluation.resume(restoration) }
            return Work(
                evaluation: evaluation,
                writer: RuleResultWriter(store: store, ruleCount: group.rules.count)
            )
        }
        published = Published(waiting.map(\.evaluation))
    }

    /// All groups with their rules, alerts and health, as of their last evaluations.
    public nonisolated var groups: [RuleGroupEvaluation] {
        published.groups
    }

    /// Evaluates until the graceful shutdown or a cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.takeOverClocks() }
        isRunning = true
        start()
        // Both ends of the wait mean the same thing.
        try? await gracefulShutdown()
        isRunning = false
        waiting = await stop()
    }

    /// Asks for the `for` clocks that other processes have begun, so that alerts found from now on go on with them.
    ///
    /// To be called before nodes are watched that another process has watched so far. Does nothing where there is nobody
    /// to ask; takes no longer than an answer may.
    public nonisolated func takeOverClocks() async {
        guard let ask = configuration.askForClocks else { return }
        let names = groups.flatMap(\.rules).filter { $0.rule.alerting != nil }.map(\.rule.name)
        guard !names.isEmpty, let clocks = await ask(Set(names).sorted()) else { return }
        carried.withLock { $0 = ($0.number + 1, clocks) }
    }

    /// Puts other rules in the place of those that there are; rules that are in both keep their state.
    ///
    /// A group is the same one if its file and name are, a rule if its kind, name and labels are. Waits for
    /// evaluations under way.
    public func reload(_ groups: [RuleGroup]) async {
        var earlier: [GroupName: Work] = [:]
        for work in await stop() + waiting { earlier[GroupName(work.evaluation.group)] = work }
        waiting = groups.map { group in
            guard var old = earlier.removeValue(forKey: GroupName(group)) else {
                return Work(
                    evaluation: RuleGroupEvaluation(group),
                    writer: RuleResultWriter(store: store, ruleCount: group.rules.count)
                )
            }
            let (evaluation, origins) = RuleGroupEvaluation.replacing(old.evaluation, with: group)
            return Work(
                evaluation: evaluation, writer: old.writer.replaced(origins: origins, at: now()), carried: old.carried
            )
        }
        for var gone in earlier.values { gone.writer.end(at: now()) }
        published.replace(waiting.map(\.evaluation))
        if isRunning { start() }
    }

    private func start() {
        tasks = waiting.enumerated().map { place, work in
            Task { [self] in await loop(work, place: place) }
        }
        waiting = []
    }

    private func stop() async -> [Work] {
        let ending = tasks
        tasks = []
        for task in ending { task.cancel() }
        var works: [Work] = []
        for task in ending { works.append(await task.value) }
        return works
    }

    /// Evaluates one group until its task is cancelled, and gives its state back.
    ///
    /// Runs beside the actor: groups do not wait for each other, nor a reload's caller for all of them in turn.
    @concurrent
    private nonisolated func loop(_ work: consuming sending Work, place: Int) async -> Work {
        let schedule = EvaluationSchedule(work.evaluation.group)
        var due = schedule.slot(at: now()) + schedule.intervalMilliseconds
        var rounds = 0
        while !Task.isCancelled {
            if schedule.isBeyondNext(due, now: now()) { due = schedule.slot(at: now()) + schedule.intervalMilliseconds }
            do {
                try await Task.sleep(for: .milliseconds(max(0, due - now())))
            } catch {
                break
            }
            let (time, missed) = schedule.catchUp(due: due, now: now())
            work.evaluation.missedIterations += missed
            due = time + schedule.intervalMilliseconds
            takeCarriedClocks(&work)
            let before = work.evaluation
            let results = evaluate(&work, at: time)
            if Task.isCancelled {
                // Queries that were cut off say nothing about the rules: it is as if the evaluation had not begun.
                work.evaluation = before
                break
            }
            logNewFailures(of: work.evaluation, since: before)
            rounds += 1
            if rounds >= 2 { restore(&work.evaluation, at: time) }
            published.update(work.evaluation, at: place)
            for result in results where !result.changes.isEmpty {
                let group = work.evaluation.group
                await receiver(result.changes, group.rules[result.ruleIndex], group)
            }
        }
        return work
    }

    private nonisolated func evaluate(_ work: inout Work, at time: Int64) -> [RuleResult] {
        let span = configuration.tracer?.begin()
        var writer = work.writer
        let results = work.evaluation.evaluate(
            at: time,
            engine: configuration.engine,
            source: StoreSeriesSource(store),
            externals: configuration.externals
        ) { writer.write($0) }
        work.writer = writer
        if let span { Self.end(span, of: work.evaluation, results) }
        return results
    }

    private nonisolated func takeCarriedClocks(_ work: inout Work) {
        let (number, clocks) = carried.withLock { $0 }
        guard number != work.carried, let clocks else { return }
        work.carried = number
        work.evaluation.carry(clocks)
    }

    private static func end(_ span: OpenSpan, of evaluation: RuleGroupEvaluation, _ results: [RuleResult]) {
        let errors = results.compactMap { result in
            result.error.map { "\(evaluation.rules[result.ruleIndex].rule.name): \($0)" }
        }
        let attributes = [
            SpanAttribute("redstart.rule_group.name", evaluation.group.name),
            SpanAttribute("redstart.rule_group.file", evaluation.group.file),
            SpanAttribute("redstart.rule_group.rules", results.count),
            SpanAttribute("redstart.rule_group.failures", errors.count),
        ]
        let kind = errors.isEmpty ? [] : [SpanAttribute("error.type", "rule")]
        span.end("evaluate rules", attributes + kind, failure: errors.first)
    }

    /// A rule that goes on failing is told once; its health shows in the API and in metrics.
    private nonisolated func logNewFailures(of evaluation: RuleGroupEvaluation, since before: RuleGroupEvaluation) {
        for (rule, earlier) in zip(evaluation.rules, before.rules)
        where rule.health.status == .err && earlier.health.status != .err {
            logger.warning(
                "a rule cannot be evaluated",
                metadata: [
                    "rule": "\(rule.rule.name)",
                    "at": "\(rule.rule.location)",
                    "error": "\(rule.health.lastError)",
                ]
            )
        }
    }

    /// Continues the clocks of the process before, once the alerts of now are known.
    private nonisolated func restore(_ evaluation: inout RuleGroupEvaluation, at time: Int64) {
        guard let restoration = configuration.restoration, evaluation.awaitsRestoration else { return }
        do {
            try evaluation.restore(from: StoreSeriesSource(store), at: time, configuration: restoration)
        } catch {
            logger.warning("the state of alerts cannot be restored yet", metadata: ["error": "\(error)"])
        }
    }
}

/// The states that readers see: replaced as a whole, so that reading never waits for an evaluation.
private final class Published: Sendable {
    private let state: Mutex<[RuleGroupEvaluation]>

    init(_ groups: [RuleGroupEvaluation]) {
        state = Mutex(groups)
    }

    var groups: [RuleGroupEvaluation] {
        state.withLock { $0 }
    }

    func replace(_ groups: [RuleGroupEvaluation]) {
        state.withLock { $0 = groups }
    }

    func update(_ group: RuleGroupEvaluation, at place: Int) {
        state.withLock { if place < $0.count { $0[place] = group } }
    }
}

public import Logging
public import Metrics
import RedisClient
public import ServiceLifecycle
import Synchronization

/// Has a fleet watch one shard of what is configured.
///
/// It asks all that is configured, at first and then rarely, where it belongs, by a few commands over connections that
/// are not kept. What is not of this shard is left alone otherwise.
public actor ShardKeeper: Service {
    private struct Figures {
        var watched = 0
        var elsewhere = 0
        var silent = 0
        var taken = 0
        var givenUp = 0
        var lookTime: Duration?
    }

    private let shard: Shard
    private let fleet: Fleet
    private let interval: Duration
    private let metrics: ShardMetrics
    private let logger: Logger
    private let beforeTaking: @Sendable () async -> Void
    private let clock = ContinuousClock()
    private let figures = Mutex(Figures())
    private var membership: ShardMembership
    private var candidates: [ShardCandidate] = []
    /// What is watched, and by which keys; `nil` before the first look.
    private var applied: [ShardCandidate]?
    private var watched: Set<ShardKey>?
    /// The last look that was begun: they come one after the other.
    private var last: Task<Void, Never>?

    /// How long what a node has said counts where it has fallen silent.
    private static let memory: Duration = .seconds(300)

    /// Prepares to look; nothing is asked or watched before `run`.
    ///
    /// - Parameters:
    ///   - fleet: One that was made for a part, without nodes.
    ///   - interval: The time between two looks.
    ///   - beforeTaking: Is called before what another shard has watched is watched here, and waited for.
    public init(
        _ shard: Shard,
        of fleet: Fleet,
        nodes: [NodeConfiguration],
        targets: [TargetConfiguration],
        interval: Duration = .seconds(60),
        families: FleetFamilies,
        logger: Logger,
        beforeTaking: @escaping @Sendable () async -> Void = {}
    ) {
        self.shard = shard
        self.fleet = fleet
        self.interval = interval
        self.logger = logger
        self.beforeTaking = beforeTaking
        metrics = ShardMetrics(first: families.shard)
        membership = ShardMembership(shard, memory: max(Self.memory, interval * 4), handover: interval * 2)
        candidates = Self.candidates(nodes, targets)
        membership.replace(with: candidates)
    }

    /// Looks until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.lookRegularly() }
    }

    private func lookRegularly() async {
        repeat {
            await look()
        } while (try? await clock.sleep(for: interval)) != nil
    }

    /// Watches its shard of these instead of those that were configured before.
    public func reconfigure(nodes: [NodeConfiguration], targets: [TargetConfiguration]) async {
        candidates = Self.candidates(nodes, targets)
        membership.replace(with: candidates)
        await look()
    }

    private static func candidates(
        _ nodes: [NodeConfiguration],
        _ targets: [TargetConfiguration]
    ) -> [ShardCandidate] {
        nodes.map(ShardCandidate.node) + targets.map(ShardCandidate.target)
    }

    /// The targets of these keys, none with the name of another one.
    ///
    /// Many Sentinels call their master `mymaster`. Which of them gets a longer name must not depend on who is watched
    /// in the same process.
    private func targets(of keys: Set<ShardKey>) -> [TargetConfiguration] {
        var taken: Set<String> = []
        return candidates.compactMap { candidate in
            guard case .target(var target) = candidate else { return nil }
            if case .sentinel(let master?) = target.target.kind, !taken.insert(target.name ?? master).inserted,
                target.name == nil
            {
                target.name = "\(master) (\(target.target.addresses[0].endpoint))"
            }
            return keys.contains(candidate.key) ? target : nil
        }
    }

    /// Looks once, after the look that may be under way.
    private func look() async {
        let before = last
        let task = Task {
            await before?.value
            await lookNow()
        }
        last = task
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func lookNow() async {
        let started = clock.now
        let candidates = candidates
        let answers = await fleet.identityMarks(of: candidates)
        guard !Task.isCancelled, candidates == self.candidates else { return }
        let now = clock.now
        for (key, marks) in answers { membership.note(marks, of: key, at: now) }
        let new = membership.watched(at: now)
        await watch(new)
        figures.withLock { figures in
            figures.silent = candidates.count { answers[$0.key] == nil }
            figures.lookTime = now - started
        }
    }

    private func watch(_ new: Set<ShardKey>) async {
        let chosen = candidates.filter { new.contains($0.key) }
        guard chosen != applied else { return }
        applied = chosen
        let before = watched
        watched = new
        figures.withLock { figures in
            figures.watched = chosen.count
            figures.elsewhere = candidates.count - chosen.count
            figures.taken += before.map { new.subtracting($0).count } ?? 0
            figures.givenUp += before?.subtracting(new).count ?? 0
        }
        if let before, !new.isSubset(of: before) { await beforeTaking() }
        await fleet.reconfigure(
            nodes: chosen.compactMap { if case .node(let node) = $0 { node } else { nil } },
            targets: targets(of: new)
        )
        guard new != before else { return }
        logger.notice(
            "shard \(shard.index)/\(shard.count) watches \(chosen.count) of \(candidates.count) targets",
            metadata: before.map { before in
                [
                    "taken": "\(new.subtracting(before).map(\.text).sorted().joined(separator: " "))",
                    "given_up": "\(before.subtracting(new).map(\.text).sorted().joined(separator: " "))",
                ]
            }
        )
    }

    /// Adds what is to be said of the shard.
    public nonisolated func appendSamples(to buffer: inout SampleBuffer) {
        let figures = figures.withLock { $0 }
        metrics.appendInfo(shard, to: &buffer)
        guard let lookTime = figures.lookTime else { return }
        metrics.append(.targets, "watched", figures.watched, to: &buffer)
        metrics.append(.targets, "elsewhere", figures.elsewhere, to: &buffer)
        metrics.append(.silent, Double(figures.silent), to: &buffer)
        metrics.append(.taken, Double(figures.taken), to: &buffer)
        metrics.append(.givenUp, Double(figures.givenUp), to: &buffer)
        metrics.append(.lookTime, lookTime.seconds, to: &buffer)
    }
}

public import HTTPClient
public import Logging
import Metrics
import NIOPosix
public import ServiceLifecycle
import Synchronization
public import TimeSeriesStore

/// Writes what a store is given to endpoints elsewhere.
///
/// What is appended goes into a log; each endpoint reads it at its own pace. So an endpoint that is slow or gone keeps
/// neither polls nor other endpoints waiting.
public final class RemoteWriter: Service, Sendable {
    private struct Running {
        let endpoint: Endpoint
        let task: Task<Void, Never>
    }

    /// What there is while there are endpoints.
    private struct Work {
        let log: SampleLog
        let drain: Task<Void, Never>
        var endpoints: [Running] = []
        var configuration: RemoteWriteConfiguration
    }

    /// Changes of what runs: one after another, and none after the end.
    private struct Turns {
        var last: Task<Void, Never>?
        var hasEnded = false
    }

    private let directory: String?
    private let store: TimeSeriesStore
    private let client: HTTPClient
    private let families: FamilyIndex
    /// How long the end may take: others have to end, too.
    private let farewell: Duration
    private let logger: Logger
    private let threads = NIOThreadPool(numberOfThreads: 2)
    private let work = Mutex<Work?>(nil)
    private let turns = Mutex(Turns())
    /// Why there is no folder, where there should be one.
    private let folderProblem = Mutex<QueueProblem?>(nil)

    /// Begins to take what the store is given; it is sent when `run` is called.
    ///
    /// - Parameters:
    ///   - directory: The folder of the daemon's state; `nil` to keep what waits in memory.
    ///   - families: What is known of metrics.
    ///   - farewell: How long the end waits for what is left to be sent.
    public init(
        _ configuration: RemoteWriteConfiguration,
        directory: String?,
        store: TimeSeriesStore,
        client: HTTPClient,
        families: FamilyIndex,
        farewell: Duration = .milliseconds(500),
        logger: Logger
    ) {
        self.directory = directory
        self.store = store
        self.client = client
        self.families = families
        self.farewell = farewell
        self.logger = logger
        if !configuration.endpoints.isEmpty { begin(configuration) }
    }

    /// Waits for the graceful shutdown, and then for a moment that what is left is sent.
    public func run() async throws {
        // Its only end: sleeping for good, until it is cancelled.
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(3600))) != nil {}
        }
        await inTurn(isLast: true) { await self.end() }
        try await threads.shutdownGracefully()
    }

    /// Puts another configuration into force.
    ///
    /// Endpoints that stay as they are go on undisturbed, changed ones from where they are. What waits for one that is
    /// not there any more is given up.
    public func reconfigure(_ configuration: RemoteWriteConfiguration) async {
        await inTurn { await self.change(to: configuration) }
    }

    /// Waits for the changes before, then makes one; does nothing after the last of all.
    private func inTurn(isLast: Bool = false, _ body: @escaping @Sendable () async -> Void) async {
        let turn = turns.withLock { turns -> Task<Void, Never>? in
            guard !turns.hasEnded else { return nil }
            turns.hasEnded = isLast
            // Not a child task: the one that this runs in may be cancelled, and a change that is half made is none.
            let turn = Task { [before = turns.last] in
                await before?.value
                await body()
            }
            turns.last = turn
            return turn
        }
        await turn?.value
    }

    private func change(to configuration: RemoteWriteConfiguration) async {
        guard var work = work.withLock({ $0 }) else {
            if !configuration.endpoints.isEmpty { begin(configuration) }
            return
        }
        guard configuration != work.configuration else { return }
        work.log.setLimits(Self.limits(configuration))
        let keepsLabels = configuration.externalLabels == work.configuration.externalLabels
        let stay = work.endpoints.filter { running in
            keepsLabels && configuration.endpoints.contains(running.endpoint.configuration)
        }
        let others = work.endpoints.filter { running in !stay.contains { $0.endpoint === running.endpoint } }
        for running in others {
            running.task.cancel()
            await running.task.value
        }
        guard !configuration.endpoints.isEmpty else {
            giveUp(work)
            return
        }
        work.configuration = configuration
        let around = surroundings(of: work.log, configuration)
        work.endpoints = configuration.endpoints.map { settings in
            if let running = stay.first(where: { $0.endpoint.configuration == settings }) { return running }
            let before = others.first { $0.endpoint.configuration.name == settings.name }
            return start(settings, from: before?.endpoint.progress, around)
        }
        forgetOthers(in: work)
        self.work.withLock { [work] in $0 = work }
    }

    /// How it goes; `nil` where there is no endpoint.
    public var statistics: RemoteWriteStatistics? {
        work.withLock { $0 }.map { work in
            var queue = work.log.status
            if let problem = folderProblem.withLock({ $0 }) { queue.problem = problem }
            return RemoteWriteStatistics(
                queue: queue,
                endpoints: work.endpoints.map { ($0.endpoint.configuration.name, $0.endpoint.statistics) }
            )
        }
    }

    // MARK: Beginning

    private static func limits(_ configuration: RemoteWriteConfiguration) -> SampleLog.Limits {
        var limits = SampleLog.Limits()
        if let bytes = configuration.queueBytes {
            limits.diskBytes = bytes
            limits.memoryBytes = min(limits.memoryBytes, bytes)
        }
        return limits
    }

    private func begin(_ configuration: RemoteWriteConfiguration) {
        threads.start()
        let log = makeLog(Self.limits(configuration))
        let around = surroundings(of: log, configuration)
        let drain = Task { await self.drain(log) }
        var work = Work(log: log, drain: drain, configuration: configuration)
        work.endpoints = configuration.endpoints.map { start($0, from: nil, around) }
        forgetOthers(in: work)
        self.work.withLock { [work] in $0 = work }
        store.observe(
            with: StoreObserver(
                appended: { keys, values, timestamp, group in
                    log.append(keys: keys, values: values, at: timestamp, to: group)
                },
                ended: { group, timestamp in log.end(group, at: timestamp) }
            )
        )
    }

    /// A log in the folder, or in memory where that cannot be used.
    private func makeLog(_ limits: SampleLog.Limits) -> SampleLog {
        // No process before had the same, unless the clock was set back by just the right nanoseconds.
        let epoch = UInt64.random(in: .min ... .max)
        do {
            let folder = try directory.map { path throws(QueueProblem) in try SegmentFolder("\(path)/remote-write") }
            return try SampleLog(folder: folder, limits: limits, table: store.keys, epoch: epoch)
        } catch {
            folderProblem.withLock { $0 = error }
            logger.error("what is to be written remotely waits in memory: \(error)")
            return SampleLog(inMemory: limits, table: store.keys, epoch: epoch)
        }
    }

    private func surroundings(of log: SampleLog, _ configuration: RemoteWriteConfiguration) -> Endpoint.Surroundings {
        Endpoint.Surroundings(
            log: log,
            client: client,
            families: families,
            externalLabels: configuration.externalLabels,
            threads: threads,
            logger: logger
        ) { [weak self] in
            self?.release(log)
        }
    }

    private func start(
        _ settings: EndpointConfiguration,
        from known: WriteProgress?,
        _ around: Endpoint.Surroundings
    ) -> Running {
        var file: ProgressFile?
        var progress = WriteProgress(position: around.log.end)
        do {
            if let folder = around.log.folder {
                let opened = try ProgressFile(folder: folder, endpoint: settings.name)
                file = opened
                switch try opened.read() {
                case .progress(let kept) where kept.position <= around.log.end: progress = kept
                // Rather twice than not at all.
                case .progress, .damaged: progress.position = around.log.start
                case nil: break
                }
            }
        } catch {
            let message: Logger.Message = "how far the endpoint has got is not kept: \(error)"
            logger.error(message, metadata: ["endpoint": "\(settings.name)"])
        }
        let endpoint = Endpoint(settings, from: known ?? progress, file: file, in: around)
        return Running(endpoint: endpoint, task: Task { await endpoint.run() })
    }

    /// Forgets how far endpoints were that are not there any more.
    private func forgetOthers(in work: Work) {
        guard let folder = work.log.folder else { return }
        let names = work.endpoints.map(\.endpoint.configuration.name)
        // What cannot be removed only keeps its place on the disk.
        try? ProgressFile.removeOthers(than: names, in: folder)
    }

    // MARK: At work

    /// Writes the log to the disk whenever something was appended.
    private func drain(_ log: SampleLog) async {
        for await _ in log.appended {
            let before = log.status.problem
            let result = try? await threads.runIfActive { Result { () throws(QueueProblem) in try log.drain() } }
            switch result {
            case .failure(let problem) where before?.kind != problem.kind: logger.error("\(problem)")
            case .success where before != nil: logger.notice("what is to be written remotely is kept on disk again")
            default: break
            }
        }
    }

    /// Forgets what all endpoints have had.
    private func release(_ log: SampleLog) {
        let places = work.withLock { $0?.endpoints.map { $0.endpoint.progress.position } ?? [] }
        if let first = places.min() { log.release(before: first) }
    }

    // MARK: Ending

    private func end() async {
        store.observe(with: nil)
        guard let work = work.withLock({ $0 }) else { return }
        for running in work.endpoints { running.endpoint.hurry() }
        let deadline = ContinuousClock.now + farewell
        // Not a child task: the one that this runs in may be cancelled.
        await Task {
            while !work.endpoints.allSatisfy(\.endpoint.isDone), .now < deadline {
                try? await Task.sleep(for: .milliseconds(10))
            }
        }.value
        for running in work.endpoints {
            running.task.cancel()
            await running.task.value
        }
        work.drain.cancel()
        await work.drain.value
        // What was appended last.
        _ = try? await threads.runIfActive { try work.log.drain() }
    }

    /// There is no endpoint any more.
    private func giveUp(_ work: Work) {
        store.observe(with: nil)
        self.work.withLock { $0 = nil }
        work.drain.cancel()
        work.log.forgetGroups()
        work.log.release(before: work.log.end)
        var work = work
        work.endpoints = []
        forgetOthers(in: work)
    }
}

/// How writing remotely goes.
public struct RemoteWriteStatistics: Sendable {
    /// The queue that all endpoints share.
    public var queue: QueueStatus
    /// The endpoints by name, in the order of the configuration.
    public var endpoints: [(name: String, statistics: EndpointStatistics)]
}

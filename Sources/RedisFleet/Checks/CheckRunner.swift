import Glibc
import Metrics
import NIOCore
import NIOPosix
import RedisClient
import RedisCollectors
import Synchronization

/// Runs the heavy checks of one node beside its session: over connections of its own, at its own times, within its
/// budget. Polls take what was found last and never wait.
actor CheckRunner {
    private let node: Node
    private let configuration: NodeConfiguration
    private let catalog: CheckCatalog
    private let connector: RedisConnector
    private let connectGate: ConnectGate
    private let eventLoop: any EventLoop
    private let noteFailure: @Sendable (CheckFailure) -> Void
    private let clock = ContinuousClock()

    /// What the rest of the program sees and says, from any thread.
    private struct Shared: Sendable {
        var report = CheckReport()
        /// What the node said last; `nil` while it is down.
        var facts: ServerFacts?
        /// Whether this node is the one of its kind that is checked.
        var isChosen: Bool
    }

    nonisolated private let shared: Mutex<Shared>
    private let wakeups: AsyncStream<Void>
    nonisolated private let wake: AsyncStream<Void>.Continuation

    private var connection: CheckConnection?
    private var lastStarted: ContinuousClock.Instant?
    private var lastRunID = ""
    private var hasFailed = false

    /// - Parameters:
    ///   - isChosen: Whether the node is checked before anybody says so.
    ///   - noteFailure: Is told what came of each check; must not block.
    init(
        configuration: NodeConfiguration,
        catalog: CheckCatalog,
        connector: RedisConnector,
        connectGate: ConnectGate,
        eventLoop: any EventLoop,
        isChosen: Bool,
        noteFailure: @escaping @Sendable (CheckFailure) -> Void
    ) {
        node = configuration.node
        self.configuration = configuration
        self.catalog = catalog
        self.connector = connector
        self.connectGate = connectGate
        self.eventLoop = eventLoop
        self.noteFailure = noteFailure
        shared = Mutex(Shared(isChosen: isChosen))
        (wakeups, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private var options: CheckOptions {
        configuration.checks
    }

    // MARK: For the session

    /// What was found last and what it has cost.
    nonisolated var report: CheckReport {
        shared.withLock { $0.report }
    }

    /// Takes over what a poll has found out about the node; `nil` when it failed.
    nonisolated func note(_ facts: ServerFacts?) {
        let isNews = shared.withLock { shared in
            defer { shared.facts = facts }
            return facts != nil && facts?.runID != shared.facts?.runID
        }
        if isNews { wake.yield() }
    }

    /// Says whether this node is to be checked, or another one that has the same data.
    nonisolated func choose(_ isChosen: Bool) {
        let isNews = shared.withLock { shared in
            defer { shared.isChosen = isChosen }
            if !isChosen { shared.report.removeSamples() }
            return isChosen && !shared.isChosen
        }
        if isNews { wake.yield() }
    }

    private nonisolated var factsIfChosen: ServerFacts? {
        shared.withLock { $0.isChosen ? $0.facts : nil }
    }

    // MARK: Runs

    /// Runs the checks at their interval while the node answers, until the task is cancelled.
    func run() async {
        guard case .every(let interval) = options.schedule, !options.isEmpty else { return }
        let ticking = Task { [wake] in
            repeat { wake.yield() } while (try? await Task.sleep(for: interval)) != nil
        }
        defer { ticking.cancel() }
        for await _ in wakeups {
            guard !Task.isCancelled else { break }
            if let facts = factsIfChosen, isDue(facts, interval) {
                await runAll(facts, pace: CheckPace(share: options.budget), end: nil)
            }
        }
        connection?.close(includingOwn: true)
        connection = nil
    }

    /// Whether the interval is over; a node that was restarted, or that failed last time, need not wait for it.
    private func isDue(_ facts: ServerFacts, _ interval: Duration) -> Bool {
        guard let lastStarted, !hasFailed, facts.runID == lastRunID else { return true }
        // The timer that wakes may be a little early.
        return clock.now - lastStarted >= interval * 0.9
    }

    /// Runs all checks now, without pauses, and ends the connection.
    ///
    /// What is not complete by `deadline` is left out.
    func runOnce(_ facts: ServerFacts, deadline: ContinuousClock.Instant) async {
        guard shared.withLock({ $0.isChosen }) else { return }
        await runAll(facts, pace: CheckPace(share: 1), end: deadline)
        connection?.close(includingOwn: true)
        connection = nil
    }

    private func runAll(_ facts: ServerFacts, pace: CheckPace, end: ContinuousClock.Instant?) async {
        lastStarted = clock.now
        lastRunID = facts.runID
        hasFailed = false
        var pace = pace
        var connection =
            self.connection
            ?? CheckConnection(
                configuration.connection,
                isCluster: facts.isClusterEnabled,
                connector: connector,
                gate: connectGate,
                eventLoop: eventLoop
            )
        for check in catalog.checks(CheckContext(options: options, facts: facts)) {
            let name = type(of: check).name
            shared.withLock { $0.report.start(name) }
            do {
                try await run(check, name, over: &connection, &pace, end: end)
            } catch {
                hasFailed = true
                shared.withLock { $0.report.abort(name) }
                // Nobody needs to hear of a check that ended with the watch, or with the node.
                if !Task.isCancelled, end != nil || factsIfChosen != nil {
                    noteFailure(CheckFailure(node: node, check: name, message: error.message))
                }
                break
            }
        }
        connection.close(includingOwn: hasFailed)
        self.connection = hasFailed ? nil : connection
    }

    private func run(
        _ check: any Check,
        _ name: String,
        over connection: inout CheckConnection,
        _ pace: inout CheckPace,
        end: ContinuousClock.Instant?
    ) async throws(RedisError) {
        var check = check
        let started = clock.now
        while let step = check.next() {
            guard !Task.isCancelled, factsIfChosen != nil || end != nil, end.map({ clock.now < $0 }) ?? true else {
                throw ended(after: clock.now - started)
            }
            switch step {
            case .fileSize(let path):
                check.read(.fileSize(await Self.fileSize(path)))
            case .ask(let question):
                let answer = try await connection.ask(question, deadline: stepDeadline(end))
                shared.withLock { $0.report.count(answer.serverTime, of: name) }
                check.read(answer.answer)
                if let pause = pace.pause(after: answer.serverTime) {
                    try? await clock.sleep(for: pause)
                }
            }
        }
        finish(check.outcome, name, duration: clock.now - started)
    }

    private func finish(_ outcome: CheckOutcome, _ name: String, duration: Duration) {
        let now = WallClock.milliseconds()
        shared.withLock { shared in
            shared.report.complete(name, outcome, duration: duration, now: now)
            // Another node was chosen meanwhile.
            if !shared.isChosen { shared.report.removeSamples() }
        }
        noteFailure(CheckFailure(node: node, check: name, message: outcome.failure))
    }

    private func stepDeadline(_ end: ContinuousClock.Instant?) -> NIODeadline {
        let patience = min(configuration.pollTimeout, end.map { clock.now.duration(to: $0) } ?? .seconds(3600))
        return .now() + TimeAmount(max(.milliseconds(1), patience))
    }

    private func ended(after time: Duration) -> RedisError {
        RedisError(
            reason: .timeout,
            address: configuration.connection.address.description,
            message: "it was ended after \(Int(time.seconds * 1000)) ms, before it was complete"
        )
    }

    /// Not on a thread of the program's own: a network file system may let it wait.
    private static func fileSize(_ path: String) async -> Int64? {
        try? await NIOThreadPool.singleton.runIfActive {
            var status = stat()
            return stat(path, &status) == 0 ? Int64(status.st_size) : nil
        }
    }
}

/// What kept a check from being complete and right; without a message that nothing did.
struct CheckFailure: Sendable {
    let node: Node
    let check: String
    let message: String?
}

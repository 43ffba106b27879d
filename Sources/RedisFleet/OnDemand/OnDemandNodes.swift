import Metrics
import NIOCore
import RedisClient
import RedisCollectors
public import ServiceLifecycle

/// Servers that are polled only when somebody asks for them, such as by `/scrape`.
///
/// A connection is kept from one question to the next for some minutes. There are never more than `limit`: the one that
/// was asked for longest ago goes.
public actor OnDemandNodes: Service {
    /// What makes two questions the same.
    private struct Key: Hashable {
        let connection: ConnectionOptions
        let collectors: CollectorOptions
        let checks: CheckOptions

        func hash(into hasher: inout Hasher) {
            hasher.combine(connection)
        }
    }

    private struct Entry {
        let session: NodeSession
        var lastUsed: ContinuousClock.Instant
        var questions = 0
    }

    private static let idleTime: Duration = .seconds(300)
    private static let sweepInterval: Duration = .seconds(30)

    private let surroundings: SessionSurroundings
    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private let clock = ContinuousClock()

    init(surroundings: SessionSurroundings, limit: Int) {
        self.surroundings = surroundings.apart
        self.limit = limit
    }

    /// The number of servers with which a connection may be open.
    public var count: Int {
        entries.count
    }

    /// Polls a server, or takes a poll that is no older than `maxAge`.
    ///
    /// - Throws: `TooManyNodes` where all that are kept are being asked right now.
    public func scrape(
        _ configuration: NodeConfiguration,
        maxAge: Duration,
        deadline: ContinuousClock.Instant
    ) async throws(TooManyNodes) -> PollOutcome {
        let key = Key(
            connection: configuration.connection,
            collectors: configuration.collectors,
            checks: configuration.checks
        )
        let session = try await session(for: key, configuration)
        let outcome = await session.freshOutcome(maxAge: maxAge, deadline: deadline)
        entries[key]?.questions -= 1
        entries[key]?.lastUsed = clock.now
        return outcome
    }

    /// Ends what is idle, until graceful shutdown; then ends all.
    public func run() async {
        await cancelWhenGracefulShutdown { await self.sweepRegularly() }
        await end { _ in true }
    }

    private func sweepRegularly() async {
        while (try? await clock.sleep(for: Self.sweepInterval)) != nil {
            let oldest = clock.now - Self.idleTime
            await end { $0.questions == 0 && $0.lastUsed < oldest }
        }
    }

    private func session(for key: Key, _ configuration: NodeConfiguration) async throws(TooManyNodes) -> NodeSession {
        if let entry = entries[key] {
            entries[key]?.questions += 1
            return entry.session
        }
        let session = NodeSession(configuration: configuration, surroundings: surroundings, isChecked: true) { _ in }
        var evicted: NodeSession?
        if entries.count >= limit {
            let idle = entries.filter { $0.value.questions == 0 }.min { $0.value.lastUsed < $1.value.lastUsed }
            guard let idle else { throw TooManyNodes(limit: limit) }
            evicted = entries.removeValue(forKey: idle.key)?.session
        }
        entries[key] = Entry(session: session, lastUsed: clock.now, questions: 1)
        await evicted?.stop()
        return session
    }

    private func end(where isOver: (Entry) -> Bool) async {
        let over = entries.filter { isOver($0.value) }
        // All at once: while one is being stopped, somebody may ask for the next.
        for key in over.keys { entries[key] = nil }
        for entry in over.values { await entry.session.stop() }
    }
}

/// More servers are asked for at once than are allowed.
public struct TooManyNodes: Error, Sendable {
    /// How many are allowed.
    public let limit: Int
}

extension SessionSurroundings {
    /// The same for sessions beside those that watch: what they see and how they end says nothing about the others.
    fileprivate var apart: SessionSurroundings {
        SessionSurroundings(
            table: table,
            families: families,
            eventLoops: eventLoops,
            connector: connector,
            connectGate: connectGate,
            tracer: tracer,
            nodeAdded: nodeAdded,
            nodeRemoved: nodeRemoved,
            noteCheck: noteCheck
        )
    }
}

public import HTTPClient
public import Logging
import Metrics
import Outbound
public import ServiceLifecycle
import Synchronization
public import Tracing

/// Sends spans to a collector, by OTLP over HTTP.
///
/// Spans that are refused are dropped, and so are those that find the tracer's queue full: tracing must disturb nothing.
public final class TraceExporter: Service {
    /// Where spans go, and whose they are.
    public struct Configuration: Sendable {
        /// The whole address: `http://collector:4318/v1/traces`.
        public var url: HTTPURL
        /// Header fields for the collector, such as a token.
        public var headers: [(name: String, value: String)]
        /// What the spans say of the program: `service.name` and so on.
        public var resource: [SpanAttribute]

        /// Joins the settings.
        public init(url: HTTPURL, headers: [(name: String, value: String)], resource: [SpanAttribute]) {
            self.url = url
            self.headers = headers
            self.resource = resource
        }
    }

    /// How it went so far.
    public struct Statistics: Sendable, Equatable {
        /// Spans that wait, in the tracer's queue or under way.
        public var queued = 0
        /// Spans that the collector has taken.
        public var exported = 0
        /// Spans that the collector does not get, by reason.
        public var dropped: [String: Int] = [:]
        /// Requests that failed, by reason.
        public var failedRequests: [String: Int] = [:]
    }

    private enum Outcome {
        case taken
        case retry(reason: String, after: Int64?)
        case refused(reason: String)
    }

    /// What OpenTelemetry's own exporters send at a time, and how often.
    private static let batchSize = 512
    private static let interval: Duration = .seconds(5)
    private static let timeout: Duration = .seconds(10)
    private static let backoff = Backoff(first: 1000, longest: 30_000)
    /// A batch that has failed so often makes way for newer spans.
    private static let attempts = 5
    /// Nobody may ask for more than that.
    private static let longestRetryAfter: Int64 = 60_000

    private let configuration: Configuration
    private let tracer: Tracer
    private let client: HTTPClient
    private let farewell: Duration
    private let logger: Logger
    private let figures = Mutex(Statistics())
    private let isFailing = Mutex(false)

    /// Sends what the tracer keeps, once it runs.
    ///
    /// - Parameters:
    ///   - client: One that is not traced itself.
    ///   - farewell: How long the end of the program waits for the last spans.
    public init(
        _ configuration: Configuration,
        tracer: Tracer,
        client: HTTPClient,
        farewell: Duration = .milliseconds(500),
        logger: Logger
    ) {
        self.configuration = configuration
        self.tracer = tracer
        self.client = client
        self.farewell = farewell
        self.logger = logger
    }

    /// How it goes.
    public var statistics: Statistics {
        var result = figures.withLock { $0 }
        let waiting = tracer.statistics
        result.queued += waiting.queued
        if waiting.dropped > 0 { result.dropped["queue_full"] = waiting.dropped }
        return result
    }

    /// Sends until the graceful shutdown, and then for a moment what is left.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await self.pause()) != nil {
                let batch = self.takeBatch()
                if !batch.isEmpty { await self.deliver(batch) }
            }
        }
        let last = takeBatch()
        guard !last.isEmpty else { return }
        // Not a child task: the one that this runs in may be cancelled.
        await Task { await self.settle(last, with: self.send(last, within: self.farewell), isLast: true) }.value
    }

    /// Waits until there is a whole batch, or the interval is over.
    private func pause() async throws {
        let deadline = ContinuousClock.now + Self.interval
        repeat {
            try await Task.sleep(for: .milliseconds(250))
        } while tracer.statistics.queued < Self.batchSize && .now < deadline
    }

    private func takeBatch() -> [Span] {
        let batch = tracer.take(atMost: Self.batchSize)
        figures.withLock { $0.queued = batch.count }
        return batch
    }

    /// Sends a batch until it is taken or given up.
    private func deliver(_ batch: [Span]) async {
        for attempt in 1...Self.attempts {
            let outcome = await send(batch, within: Self.timeout)
            let isLast = attempt == Self.attempts || Task.isCancelled
            settle(batch, with: outcome, isLast: isLast)
            guard case .retry(_, let after) = outcome, !isLast else { return }
            let own = Self.backoff.wait(failures: attempt, random: .random(in: 0...1))
            // Cut short by the end of the program, there is one attempt more.
            try? await Task.sleep(for: .milliseconds(max(own, min(after ?? 0, Self.longestRetryAfter))))
        }
    }

    private func send(_ batch: [Span], within timeout: Duration) async -> Outcome {
        let fields = [("Content-Type", "application/x-protobuf"), ("User-Agent", "Redstart")]
        let request = ClientRequest(
            method: "POST",
            url: configuration.url,
            headers: fields + configuration.headers,
            body: TraceRequest.encode(batch, resource: configuration.resource),
            timeout: timeout
        )
        do throws(HTTPClientError) {
            let response = try await client.send(request)
            switch response.status {
            case 200...299: return .taken
            // Of the specification of OTLP; everything else must not be tried again.
            case 429, 502, 503, 504:
                let after = response.retryAfter(now: WallClock.milliseconds())
                return .retry(reason: "http_\(response.status)", after: after)
            default: return .refused(reason: "http_\(response.status)")
            }
        } catch {
            return .retry(reason: error.reason.rawValue, after: nil)
        }
    }

    private func settle(_ batch: [Span], with outcome: Outcome, isLast: Bool) {
        switch outcome {
        case .taken:
            figures.withLock { figures in
                figures.queued = 0
                figures.exported += batch.count
            }
            noteSuccess()
        case .retry(let reason, _), .refused(let reason):
            var isOver = isLast
            if case .refused = outcome { isOver = true }
            figures.withLock { [isOver] figures in
                figures.failedRequests[reason, default: 0] += 1
                guard isOver else { return }
                figures.queued = 0
                figures.dropped[reason, default: 0] += batch.count
            }
            noteFailure(reason)
        }
    }

    private func noteSuccess() {
        let wasFailing = isFailing.withLock { isFailing in
            defer { isFailing = false }
            return isFailing
        }
        if wasFailing { logger.notice("the collector takes spans again") }
    }

    /// A collector that goes on failing is told once; metrics have the rest.
    private func noteFailure(_ reason: String) {
        let isNew = isFailing.withLock { isFailing in
            defer { isFailing = true }
            return !isFailing
        }
        guard isNew else { return }
        let facts: Logger.Metadata = ["collector": "\(configuration.url.origin)", "reason": "\(reason)"]
        logger.warning("spans cannot be sent", metadata: facts)
    }
}

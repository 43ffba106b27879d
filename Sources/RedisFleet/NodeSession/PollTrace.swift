import RedisClient
import Tracing

/// The spans of one node's polls; where nothing is traced it does nothing.
struct PollTrace {
    private let tracer: Tracer?
    private let endpoint: Endpoint
    private let clock = ContinuousClock()
    /// The span of the poll under way.
    private var span: OpenSpan?

    init(_ tracer: Tracer?, of endpoint: Endpoint) {
        self.tracer = tracer
        self.endpoint = endpoint
    }

    mutating func begin(at start: ContinuousClock.Instant) {
        span = tracer?.begin(at: start)
    }

    mutating func addConnect(from start: ContinuousClock.Instant, failure: RedisError?) {
        addExchange("connect", [], from: start, failure: failure)
    }

    mutating func addPipeline(of commands: Int, from start: ContinuousClock.Instant, failure: RedisError?) {
        addExchange("PIPELINE", PollAttributes.ofPipeline(commands), from: start, failure: failure)
    }

    private mutating func addExchange(
        _ name: String,
        _ own: [SpanAttribute],
        from start: ContinuousClock.Instant,
        failure: RedisError?
    ) {
        guard span != nil else { return }
        let attributes = PollAttributes.ofServer(endpoint) + own + PollAttributes.ofError(failure)
        let end = clock.now
        span?.addPart(name, attributes, kind: .client, from: start, to: end, failure: failure?.message)
    }

    mutating func addParse(from start: ContinuousClock.Instant) {
        guard span != nil else { return }
        let end = clock.now
        span?.addPart("parse", from: start, to: end)
    }

    mutating func end(_ outcome: PollOutcome, of deployment: String?, storedFrom start: ContinuousClock.Instant) {
        guard var span = span.take() else { return }
        span.addPart("store", from: start, to: clock.now)
        let failure = outcome.failure ?? outcome.shortfall
        let attributes =
            PollAttributes.ofServer(endpoint) + (deployment.map(PollAttributes.ofDeployment) ?? [])
            + PollAttributes.ofError(failure)
        span.end("poll", attributes, at: clock.now, failure: failure?.message)
    }
}

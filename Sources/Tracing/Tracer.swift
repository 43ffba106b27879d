import Glibc
import Synchronization

/// Begins spans, and keeps those that are over until somebody takes them.
public final class Tracer: Sendable {
    /// How many spans wait at most; those beyond are dropped, so that a collector that hangs costs no memory.
    public static let capacity = 4096

    /// How it went so far.
    public struct Statistics: Sendable, Equatable {
        /// Spans that wait.
        public var queued = 0
        /// Spans that were dropped, as too many waited.
        public var dropped = 0
    }

    private struct Queue {
        var spans: [Span] = []
        var dropped = 0
    }

    /// What the work of this task is a part of, where that is traced.
    @TaskLocal public static var current: SpanContext?

    /// Traces whose number is below are kept.
    private let threshold: UInt64
    private let queue = Mutex(Queue())

    /// - Parameter ratio: The share of traces that is kept, from 0 to 1.
    public init(ratio: Double) {
        threshold = ratio >= 1 ? .max : UInt64(max(0, ratio) * 0x1p64)
    }

    /// Begins a piece of work, a part of what the task does; `nil` where its trace is not among those that are kept.
    public func begin(at start: ContinuousClock.Instant = .now) -> OpenSpan? {
        let parent = Self.current
        let trace = parent?.trace ?? (.random(in: 1 ... .max), .random(in: .min ... .max))
        // Of OpenTelemetry: the decision follows from the number of the trace.
        guard parent != nil || threshold == .max || trace.low < threshold else { return nil }
        return OpenSpan(
            SpanContext(trace: trace, span: .random(in: 1 ... .max)),
            of: self,
            parent: parent?.span,
            startedAt: start,
            startTime: Self.time(of: start)
        )
    }

    /// Does a piece of work in a span, of which what is called becomes a part.
    ///
    /// - Parameter result: What to say of the result: attributes, and what went wrong.
    public func span<Result: Sendable>(
        _ name: String,
        _ attributes: [SpanAttribute],
        _ body: () async -> Result,
        result: (Result) -> (attributes: [SpanAttribute], failure: String?)
    ) async -> Result {
        guard let span = begin() else { return await body() }
        let value = await Self.$current.withValue(span.context, operation: body)
        let told = result(value)
        span.end(name, attributes + told.attributes, failure: told.failure)
        return value
    }

    /// How it goes.
    public var statistics: Statistics {
        queue.withLock { Statistics(queued: $0.spans.count, dropped: $0.dropped) }
    }

    /// Takes up to so many spans away, the oldest first.
    public func take(atMost count: Int) -> [Span] {
        queue.withLock { queue in
            let taken = Array(queue.spans.prefix(count))
            queue.spans.removeFirst(taken.count)
            return taken
        }
    }

    func take(_ spans: [Span]) {
        queue.withLock { queue in
            // All of a trace or nothing: the rest would be of no use.
            guard queue.spans.count + spans.count <= Self.capacity else {
                queue.dropped += spans.count
                return
            }
            queue.spans += spans
        }
    }

    /// The time of day of an instant, in nanoseconds since 1970.
    private static func time(of instant: ContinuousClock.Instant) -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let passed = (ContinuousClock.now - instant).components
        let age = passed.seconds &* 1_000_000_000 &+ passed.attoseconds / 1_000_000_000
        return UInt64(clamping: Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec) &- age)
    }
}

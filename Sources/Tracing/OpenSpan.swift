/// A piece of work under way, with those of its parts that are over.
///
/// Nothing is kept of it before `end`, so one that is let go leaves no trace.
public struct OpenSpan: Sendable {
    /// Its name in its trace, for parts elsewhere and for calls of other programs.
    public let context: SpanContext
    private let tracer: Tracer
    private let parent: UInt64?
    private let startedAt: ContinuousClock.Instant
    /// The time of day of `startedAt`, from which the steady clock leads on: spans do not overlap when that is set.
    private let startTime: UInt64
    private var parts: [Span] = []

    init(
        _ context: SpanContext,
        of tracer: Tracer,
        parent: UInt64?,
        startedAt: ContinuousClock.Instant,
        startTime: UInt64
    ) {
        self.context = context
        self.tracer = tracer
        self.parent = parent
        self.startedAt = startedAt
        self.startTime = startTime
    }

    /// Adds a part that is over.
    public mutating func addPart(
        _ name: String,
        _ attributes: [SpanAttribute] = [],
        kind: Span.Kind = .inside,
        from start: ContinuousClock.Instant,
        to end: ContinuousClock.Instant,
        failure: String? = nil
    ) {
        parts.append(
            Span(
                context: SpanContext(trace: context.trace, span: .random(in: 1 ... .max)),
                parent: context.span,
                name: name,
                kind: kind,
                start: time(of: start),
                end: time(of: end),
                attributes: attributes,
                failure: failure
            )
        )
    }

    /// Ends it; it and its parts go to whoever collects them.
    public consuming func end(
        _ name: String,
        _ attributes: [SpanAttribute] = [],
        kind: Span.Kind = .inside,
        at end: ContinuousClock.Instant = .now,
        failure: String? = nil
    ) {
        let whole = Span(
            context: context,
            parent: parent,
            name: name,
            kind: kind,
            start: startTime,
            end: time(of: end),
            attributes: attributes,
            failure: failure
        )
        tracer.take([whole] + parts)
    }

    private func time(of instant: ContinuousClock.Instant) -> UInt64 {
        let passed = (instant - startedAt).components
        let nanoseconds = passed.seconds &* 1_000_000_000 &+ passed.attoseconds / 1_000_000_000
        return startTime &+ UInt64(bitPattern: nanoseconds)
    }
}

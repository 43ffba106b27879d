/// What a span is about, by the name that OpenTelemetry has for it.
public struct SpanAttribute: Sendable, Equatable {
    /// The value.
    public enum Value: Sendable, Equatable {
        /// A text.
        case text(String)
        /// A whole number.
        case number(Int)
    }

    /// The name: `server.address`.
    public let name: String
    /// The value.
    public let value: Value

    /// An attribute with a text.
    public init(_ name: String, _ text: String) {
        self.name = name
        value = .text(text)
    }

    /// An attribute with a whole number.
    public init(_ name: String, _ number: Int) {
        self.name = name
        value = .number(number)
    }
}

/// The trace that a span belongs to, and the span.
public struct SpanContext: Sendable, Equatable {
    /// The trace in two halves.
    public let trace: (high: UInt64, low: UInt64)
    /// The span within the trace.
    public let span: UInt64

    /// Names a span.
    init(trace: (high: UInt64, low: UInt64), span: UInt64) {
        self.trace = trace
        self.span = span
    }

    /// As in the header field `traceparent` of W3C Trace Context; whoever has it knows that the span is recorded.
    public var traceParent: String {
        "00-\(Self.hex(trace.high))\(Self.hex(trace.low))-\(Self.hex(span))-01"
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// Whether both name the same span.
    public static func == (one: SpanContext, other: SpanContext) -> Bool {
        one.trace == other.trace && one.span == other.span
    }
}

/// A piece of work that is over.
public struct Span: Sendable {
    /// On which side of a call it is; the raw value is that of OTLP.
    public enum Kind: Int, Sendable {
        /// Within the program.
        case inside = 1
        /// A call of another program.
        case client = 3
    }

    /// Its name in its trace.
    public let context: SpanContext
    /// The span that it is a part of; `nil` for the first of a trace.
    public let parent: UInt64?
    /// What was done: the same for all of a kind.
    public let name: String
    /// On which side it is.
    public let kind: Kind
    /// When it began, in nanoseconds since 1970.
    public let start: UInt64
    /// When it ended, in nanoseconds since 1970.
    public let end: UInt64
    /// What it was about.
    public let attributes: [SpanAttribute]
    /// What went wrong, for people; `nil` where all went well.
    public let failure: String?
}

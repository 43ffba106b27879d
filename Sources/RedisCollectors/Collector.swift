public import Metrics
public import RedisClient

/// Turns the replies of one command family into samples.
///
/// A collector is a value that knows its families; what it remembers of a node from one poll to the next is in
/// `CollectorState`, which the node's session owns.
public protocol Collector: Sendable {
    /// The name under which the collector reports, the label `collector` of the self metrics.
    static var name: String { get }

    /// Every row the collector adds to the catalogue, in order.
    static var rows: [MetricRow] { get }

    /// Adds the collector's rows to the catalogue.
    init(catalog: inout MetricCatalog)

    /// The commands to send in the next poll, none when there is nothing to ask.
    ///
    /// Before the first INFO reply only `InfoCollector` asks, as what else the server can answer is not known yet.
    /// What was asked may be noted in the state, so the replies must be handed to `collect` before the next call.
    func commands(_ context: CollectorContext, _ state: inout CollectorState) -> [[String]]

    /// Reads the replies and adds samples to `buffer`.
    ///
    /// Total: no reply traps. A collector may add samples that it remembers even when it asked nothing. Where INFO
    /// shows that it should have asked something else it may add none and want a follow-up, once a poll.
    ///
    /// - Parameters:
    ///   - replies: One entry per command that `commands` returned; `nil` where the command was not sent.
    ///   - context: The options and the clock.
    ///   - state: What is remembered of the node.
    ///   - buffer: Where the samples go.
    func collect(
        _ replies: [Reply?],
        _ context: CollectorContext,
        _ state: inout CollectorState,
        into buffer: inout SampleBuffer
    ) -> CollectorOutcome
}

/// What a collector is told of its surroundings.
public struct CollectorContext: Sendable {
    /// What to collect.
    public var options: CollectorOptions
    /// The present time in milliseconds since 1970.
    public var nowMilliseconds: Int64
    /// The deployment that the node is part of; empty where that is not known.
    public var deployment = ""
    /// The shard of a cluster that the node is part of; empty where there is none.
    public var shard = ""
    /// Whether the collector is asked once more in this poll because it wanted that.
    public var isFollowUp = false

    /// Joins options and the present time.
    public init(options: CollectorOptions, nowMilliseconds: Int64) {
        self.options = options
        self.nowMilliseconds = nowMilliseconds
    }
}

/// What came of one collector in one poll.
public struct CollectorOutcome: Sendable, Equatable {
    /// The number of samples added.
    public var samples = 0
    /// What was skipped.
    public var skips = ParseSkips()
    /// The text of the first error reply, `nil` if there was none.
    public var refusal: String?
    /// Whether the collector has added nothing yet, and is to be asked for commands once more in this poll.
    public var wantsFollowUp = false

    /// Nothing collected, nothing skipped.
    public init() {}
}

extension CollectorOutcome {
    /// The reply where it is a list; if something else came that is noted.
    mutating func list(_ reply: Reply?) -> Reply? {
        guard let reply else { return nil }
        if reply.kind == .array { return reply }
        noteNotExpected(reply)
        return nil
    }

    /// The reply where it is a text; if something else came that is noted.
    mutating func text(_ reply: Reply?) -> Reply? {
        guard let reply else { return nil }
        if reply.kind == .string || reply.kind == .status { return reply }
        noteNotExpected(reply)
        return nil
    }

    /// Notes a reply that cannot be read: an error as a refusal, anything else as a skip.
    mutating func noteNotExpected(_ reply: Reply) {
        if let text = reply.errorText {
            refusal = refusal ?? text
        } else {
            skips.add(.unexpectedReply)
        }
    }
}

public import Metrics
public import RedisClient

/// One heavy check of a node as a conversation: it says what to ask next, and reads the answers.
///
/// A check does no I/O and knows no time: whoever runs it decides when the next step is taken, so that the server is
/// not kept busy.
public protocol Check: Sendable {
    /// The name under which the check reports, the label `check` of the self metrics.
    static var name: String { get }

    /// The next thing to do; `nil` when the check is complete.
    ///
    /// After each step `read` must be called before the next one is asked for.
    mutating func next() -> CheckStep?

    /// Takes the answers to the last step.
    ///
    /// Total: no reply traps.
    mutating func read(_ answer: CheckAnswer)

    /// What has come of the check, to be looked at when it is complete.
    var outcome: CheckOutcome { get }
}

/// What a check wants to be done.
public enum CheckStep: Sendable {
    /// Commands to send together.
    case ask(CheckQuestion)
    /// The size of a file on the machine of Redstart.
    case fileSize(path: String)
}

/// Commands of one step.
public struct CheckQuestion: Sendable {
    /// The database in which they are meant.
    public let database: Int
    /// The commands, each with one reply.
    public let commands: [Command]
    /// The node of the cluster to ask, `host:port` with an empty host for that of the node itself; `nil` for the node.
    public let address: String?
    /// Whether each command is about keys that are still on their way to that node: `ASKING` has to go before it.
    public let isAsking: Bool

    init(database: Int = 0, _ commands: [Command], address: String? = nil, isAsking: Bool = false) {
        self.database = database
        self.commands = commands
        self.address = address
        self.isAsking = isAsking
    }
}

/// What came of a step.
public enum CheckAnswer: Sendable {
    /// One reply per command.
    case replies([Reply])
    /// The question could not be asked: why, in one line.
    ///
    /// The database does not exist, or another node of the cluster cannot be reached.
    case refusal(String)
    /// The size of the file, `nil` where there is none.
    case fileSize(Int64?)
}

/// What a check knows of its surroundings.
public struct CheckContext: Sendable {
    /// What to check.
    public var options: CheckOptions
    /// What the node's last INFO said.
    public var facts: ServerFacts

    /// Joins options and facts.
    public init(options: CheckOptions, facts: ServerFacts) {
        self.options = options
        self.facts = facts
    }
}

/// What has come of a check.
public struct CheckOutcome: Sendable {
    /// The samples, in place of those of the check before.
    public internal(set) var samples = SampleBuffer()
    /// What was skipped.
    public internal(set) var skips = ParseSkips()
    /// What became no series because of a limit, by reason.
    public internal(set) var dropped: [CheckDrop: Int] = [:]
    /// The first error reply; `nil` after a success.
    ///
    /// There may be samples nevertheless, of what did not fail.
    public internal(set) var failure: String?

    /// Nothing has come yet.
    public init() {}

    mutating func drop(_ reason: CheckDrop, _ count: Int = 1) {
        dropped[reason, default: 0] += count
    }

    /// Notes an error reply, or that something is no answer to what was asked.
    mutating func noteNotExpected(_ reply: Reply?) {
        if let text = reply?.errorText {
            failure = failure ?? text
        } else {
            skips.add(.unexpectedReply)
        }
    }
}

/// Why something that was checked became no series: values of the label `reason` of `redstart_series_dropped_total`.
public enum CheckDrop: String, Sendable, CaseIterable {
    /// More keys than one pattern may bring.
    case keys = "check_keys"
    /// A name that is too long.
    case name = "check_name_bytes"
    /// A value that is too long.
    case value = "check_value_bytes"
    /// More groups of keys than are kept apart.
    case keyGroups = "check_key_groups"
    /// More groups or consumers of a stream than allowed.
    case streamGroups = "check_stream_groups"
    /// More numbers in the reply of a script than allowed.
    case scriptValues = "check_script_values"
    /// More search indexes than allowed.
    case searchIndexes = "check_search_indexes"
}

extension Reply {
    /// An integer, or the number that a text holds.
    var number: Double? {
        switch kind {
        case .integer: integer.map { Double($0) }
        case .string, .status: withBytes { $0.decimal(in: $0.wholeRange) }
        case .error, .null, .array: nil
        }
    }

    /// The bytes of a text.
    var byteArray: [UInt8] {
        withBytes { bytes in bytes.withUnsafeBufferPointer { Array($0) } }
    }
}

extension SampleBuffer {
    /// Adds one label value for the sample that comes next.
    mutating func addLabel(_ bytes: [UInt8]) {
        addLabel(bytes.span)
    }
}

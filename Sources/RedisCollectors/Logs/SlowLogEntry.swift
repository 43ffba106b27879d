import RedisClient

/// A log that a server keeps of the commands that cost it much.
public enum SlowLogKind: String, Sendable, CaseIterable {
    /// Commands that took long: SLOWLOG, and `COMMANDLOG … slow` of Valkey, which is the same log.
    case slow
    /// Large requests, of Valkey.
    case largeRequest = "large-request"
    /// Large replies, of Valkey.
    case largeReply = "large-reply"
}

/// One entry of a server's slow log or command log.
public struct SlowLogEntry: Sendable, Equatable {
    /// The log that the entry is in.
    public let log: SlowLogKind
    /// Counts up from zero with each start of the server.
    public let id: Int64
    /// When the command ended, in seconds since 1970.
    public let timestampSeconds: Int64
    /// What the log measures: microseconds in the slow log, bytes in the logs of large requests and replies.
    public let amount: Int64
    /// The command as labels have it, for example `config|set`.
    public let command: String
    /// How many arguments the command had, those that the server left out of the entry included.
    public let argumentCount: Int
    /// The arguments as the server shortened them; empty unless they were asked for.
    ///
    /// Never those of commands whose arguments may be passwords.
    public let arguments: [String]
    /// The address of the client, empty before Redis 4.0.
    public let clientAddress: String
    /// The name of the client, empty if it has none.
    public let clientName: String

    private static let argumentLimit = 64
    /// What a server keeps of an entry; of longer commands the last is how many more there were.
    /// <https://github.com/redis/redis/blob/7.0.15/src/slowlog.h>
    private static let keptWords = 32
    private static let withSecrets: Set<String> = [
        "acl|setuser", "auth", "config|set", "hello", "migrate", "sentinel|set",
    ]

    /// Reads `[id, time, amount, [command, …], address, name]`; newer servers may add to it.
    init?(parsing reply: Reply, in log: SlowLogKind = .slow, keepingArguments: Bool) {
        guard reply.kind == .array else { return nil }
        var elements = reply.elements
        guard let id = elements.next()?.integer, (0...1 << 53).contains(id),
            let timestamp = elements.next()?.integer,
            let amount = elements.next()?.integer,
            let words = elements.next(), words.kind == .array, words.count > 0
        else { return nil }
        self.log = log
        self.id = id
        timestampSeconds = timestamp
        self.amount = amount
        var iterator = words.elements
        let first = iterator.next()?.text ?? ""
        command = CommandName.name(first: first, second: iterator.next()?.text)
        let nameWords = command.contains("|") ? 2 : 1
        argumentCount = words.count - nameWords + Self.leftOut(of: words)
        let isShown = keepingArguments && !Self.withSecrets.contains(command)
        arguments = isShown ? words.elements.dropFirst(nameWords).prefix(Self.argumentLimit).map(\.text) : []
        clientAddress = elements.next()?.text ?? ""
        clientName = elements.next()?.text ?? ""
    }

    /// What `... (7 more arguments)` at the end of a long command stands for, itself taken off.
    private static func leftOut(of words: Reply) -> Int {
        guard words.count == keptWords, let last = Array(words.elements.dropFirst(keptWords - 1)).last?.text,
            last.hasPrefix("... ("), last.hasSuffix(" more arguments)"),
            let count = Int(last.dropFirst(5).prefix { $0 != " " }), (1...1 << 31).contains(count)
        else { return 0 }
        return count - 1
    }
}

/// Entries of all logs of a node that one poll brought.
public struct SlowLogFindings: Sendable {
    /// Entries that came since the poll before, newest first within each log.
    public internal(set) var new: [SlowLogEntry] = []
    /// Entries that were there when the log was looked at for the first time; they are not counted.
    public internal(set) var earlier: [SlowLogEntry] = []

    /// Nothing found.
    public init() {}

    /// Whether there is nothing.
    public var isEmpty: Bool {
        new.isEmpty && earlier.isEmpty
    }
}

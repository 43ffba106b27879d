import RedisClient

/// One entry of a server's slow log or command log.
public struct SlowLogEntry: Sendable, Equatable {
    /// Counts up from zero with each start of the server.
    public let id: Int64
    /// When the command ended, in seconds since 1970.
    public let timestampSeconds: Int64
    /// What the log measures: microseconds in the slow log, bytes in the logs of large requests and replies.
    public let amount: Int64
    /// The command as labels have it, for example `config|set`.
    public let command: String
    /// The arguments as the server shortened them; empty unless they were asked for.
    public let arguments: [String]
    /// The address of the client, empty before Redis 4.0.
    public let clientAddress: String
    /// The name of the client, empty if it has none.
    public let clientName: String

    private static let argumentLimit = 64

    /// Reads `[id, time, amount, [command, …], address, name]`; newer servers may add to it.
    init?(parsing reply: Reply, keepingArguments: Bool) {
        guard reply.kind == .array else { return nil }
        var elements = reply.elements
        guard let id = elements.next()?.integer, (0...1 << 53).contains(id),
            let timestamp = elements.next()?.integer,
            let amount = elements.next()?.integer,
            let words = elements.next(), words.kind == .array, words.count > 0
        else { return nil }
        self.id = id
        timestampSeconds = timestamp
        self.amount = amount
        var iterator = words.elements
        let first = iterator.next()?.text ?? ""
        command = CommandName.name(first: first, second: iterator.next()?.text)
        arguments = keepingArguments ? words.elements.dropFirst().prefix(Self.argumentLimit).map(\.text) : []
        clientAddress = elements.next()?.text ?? ""
        clientName = elements.next()?.text ?? ""
    }
}

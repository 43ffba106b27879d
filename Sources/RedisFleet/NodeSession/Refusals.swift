/// Commands that a server has refused, so that they are not sent again on the same connection.
struct Refusals<Command: Hashable & Sendable>: Sendable {
    private var commands: Set<Command> = []

    /// A Sentinel is asked about names that it tells itself: what is remembered of that has a limit.
    private static var limit: Int { 1024 }

    /// All of them.
    var all: Set<Command> {
        commands
    }

    /// How many there are.
    var count: Int {
        commands.count
    }

    func contains(_ command: Command) -> Bool {
        commands.contains(command)
    }

    /// The server has refused a command.
    mutating func add(_ command: Command) {
        guard commands.count < Self.limit else { return }
        commands.insert(command)
    }

    /// A new connection: what the server refused may have changed, and so may the server.
    mutating func removeAll() {
        commands.removeAll()
    }
}

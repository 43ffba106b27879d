/// Why a server will refuse a command again, however often it is sent on this connection.
public enum CommandRefusal: String, Sendable, Hashable, CaseIterable {
    /// The server does not know the command: an older version, a renamed command, another kind of server.
    case unknown
    /// The user may not run it, or the server's configuration forbids it.
    case forbidden
    /// The feature that it belongs to is switched off, such as the cluster.
    case disabled
}

extension Reply {
    /// What an error reply says about the node, `nil` for any other reply and for errors of a single command.
    public var failureReason: FailureReason? {
        errorText.flatMap(FailureReason.init(errorReply:))
    }

    /// Why this reply means that its command need not be sent again, else `nil`.
    public var refusal: CommandRefusal? {
        errorText.flatMap(CommandRefusal.init(errorReply:))
    }
}

extension FailureReason {
    /// Reads an error reply, without its `-`; `nil` when it says nothing about the node as a whole.
    ///
    /// The texts: `src/acl.c`, `src/networking.c` and `shared.*err` in `src/server.c` of Redis 2.8 to 8, and Valkey.
    public init?(errorReply text: String) {
        switch text.prefix(while: { $0 != " " }) {
        case "NOAUTH", "WRONGPASS", "DENIED": self = .auth
        case "NOPERM": self = .noperm
        case "LOADING": self = .loading
        case "BUSY": self = .busy
        case "ERR":
            let message = text.dropFirst("ERR ".count)
            if message.hasPrefix("max number of clients") || message.hasPrefix("max + cluster clients") {
                self = .limit
            } else if message.hasPrefix("invalid password") || message.hasPrefix("AUTH")
                || message.hasPrefix("Client sent AUTH") || message.hasPrefix("operation not permitted")
            {
                self = .auth
            } else if message.hasPrefix("Protocol error") {
                self = .protocol
            } else {
                return nil
            }
        default: return nil
        }
    }
}

extension CommandRefusal {
    /// Reads an error reply, without its `-`; `nil` when the command may succeed another time.
    public init?(errorReply text: String) {
        if text.hasPrefix("NOPERM") {
            self = .forbidden
        } else if text.hasPrefix("ERR unknown command") || text.hasPrefix("ERR unknown subcommand")
            || text.hasPrefix("ERR Unknown subcommand")
        {
            self = .unknown
        } else if text.hasPrefix("ERR "), text.hasSuffix(" support disabled") {
            self = .disabled
        } else if text.hasPrefix("ERR "), text.contains(" command not allowed") {
            self = .forbidden
        } else {
            return nil
        }
    }
}

import RedisClient
import Testing

@Suite("Error replies")
struct ErrorReplyTests {
    /// The error reply in each fixture of the folders named `errors`.
    private static let errors: [(name: String, reply: Reply)] = Fixture.all.compactMap { fixture in
        guard fixture.name.contains("/errors/"), let tape = try? decode([fixture.bytes[...]]), tape.count == 1,
            tape[0].kind == .error
        else { return nil }
        return (fixture.name.split(separator: "/").last.map(String.init) ?? "", tape[0])
    }

    @Test(
        "The reason is that of the reply's code",
        arguments: [
            ("NOAUTH_INFO", FailureReason.auth), ("WRONGPASS", .auth), ("AUTH_no_password", .auth),
            ("NOPERM", .noperm), ("LOADING", .loading), ("BUSY", .busy), ("max_clients", .limit),
            ("protocol_error", .protocol), ("WRONGTYPE", nil), ("unknown_command", nil), ("SELECT", nil),
            ("MOVED", nil), ("wrong_arity", nil),
        ]
    )
    func reasons(prefix: String, reason: FailureReason?) {
        let matching = Self.errors.filter { $0.name.hasPrefix(prefix) }
        #expect(!matching.isEmpty)
        for error in matching {
            #expect(error.reply.failureReason == reason, "\(error.name)")
        }
    }

    @Test(
        "A refusal for good is told from one of the moment",
        arguments: [
            ("NOPERM_CONFIG", CommandRefusal.forbidden), ("unknown_command", .unknown),
            ("unknown_subcommand", .unknown), ("unsupported", .unknown), ("renamed", .unknown),
            ("CLUSTER_INFO_cluster_disabled", .disabled), ("DEBUG_not_allowed", .forbidden),
            ("LOADING", nil), ("BUSY", nil), ("XINFO", nil), ("WRONGPASS", nil),
        ]
    )
    func refusals(prefix: String, refusal: CommandRefusal?) {
        let matching = Self.errors.filter { $0.name.hasPrefix(prefix) }
        #expect(!matching.isEmpty)
        for error in matching {
            #expect(error.reply.refusal == refusal, "\(error.name): \(error.reply.text)")
        }
    }

    @Test(
        "Texts of old servers are known",
        arguments: [
            ("ERR invalid password", FailureReason.auth), ("ERR operation not permitted", .auth),
            ("ERR Client sent AUTH, but no password is set", .auth),
            ("DENIED Redis is running in protected mode because", .auth), ("BUSYGROUP Consumer Group", nil),
            ("", nil), ("ERR", nil),
        ]
    )
    func oldTexts(text: String, reason: FailureReason?) {
        #expect(FailureReason(errorReply: text) == reason)
    }

    @Test("A reply that is no error has no reason")
    func noError() throws {
        let tape = try decode([Array("+NOAUTH\r\n".utf8)[...]])
        #expect(tape[0].failureReason == nil)
        #expect(tape[0].refusal == nil)
    }
}

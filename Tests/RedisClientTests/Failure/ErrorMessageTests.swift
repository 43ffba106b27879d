import Glibc
import Testing

@testable import RedisClient

@Suite("Messages of errors")
struct ErrorMessageTests {
    private static let cases: [(ConnectionFault, FailureReason, String)] = [
        (
            .cannotConnect(errno: ECONNREFUSED), .refused,
            "cannot connect to redis://cache-1:6379: connection refused. Is the server running? (--redis.addr)"
        ),
        (
            .cannotConnect(errno: ENOENT), .refused,
            "cannot connect to redis://cache-1:6379: there is no socket at this path. Is the server running, with 'unixsocket'? (--redis.addr)"
        ),
        (
            .cannotConnect(errno: EACCES), .refused,
            "cannot connect to redis://cache-1:6379: permission denied. May this user open the socket? (--redis.addr)"
        ),
        (
            .cannotConnect(errno: EHOSTUNREACH), .unreachable,
            "cannot connect to redis://cache-1:6379: No route to host. Check address, network and firewall. (--redis.addr)"
        ),
        (
            .cannotConnect(errno: ETIMEDOUT), .timeout,
            "cannot connect to redis://cache-1:6379: no answer. Check address, network and firewall. (--redis.addr)"
        ),
        (
            .cannotConnect(errno: ECONNRESET), .closed,
            "cannot connect to redis://cache-1:6379: the server closed the connection at once. (--redis.addr)"
        ),
        (
            .cannotConnect(errno: EMFILE), .limit,
            "cannot connect to redis://cache-1:6379: too many open files. Raise the limit of this process (ulimit -n)."
        ),
        (
            .unresolvedHost, .dns,
            "cannot connect to redis://cache-1:6379: the host name does not resolve. Check the spelling and the DNS. (--redis.addr)"
        ),
        (
            .lookupTimeout(.seconds(5)), .dns,
            "cannot connect to redis://cache-1:6379: the name server did not answer within 5 s. Check the DNS."
        ),
        (
            .socketPathTooLong, .refused,
            "cannot connect to redis://cache-1:6379: the path is too long for a Unix socket. (--redis.addr)"
        ),
        (
            .connectTimeout(.seconds(5)), .timeout,
            "cannot connect to redis://cache-1:6379: no answer within 5 s. Check address, network and firewall. (--redis.addr)"
        ),
        (
            .handshakeTimeout(.milliseconds(1500)), .timeout,
            "redis://cache-1:6379 accepts connections but did not answer within 1.5 s. Is it a Redis server, and is it hung? (--redis.addr)"
        ),
        (
            .replyTimeout(received: 3, of: 5, after: .milliseconds(250)), .timeout,
            "redis://cache-1:6379 sent 3 of 5 replies within 250 ms. Is it slow or hung?"
        ),
        (
            .handshakeRefused(.setName, reply: "NOAUTH Authentication required."), .auth,
            "redis://cache-1:6379 wants a password and none is set. (--redis.user, --redis.password)"
        ),
        (
            .handshakeRefused(.select(database: 99), reply: "ERR DB index is out of range"), .protocol,
            "redis://cache-1:6379 refused database 99: ERR DB index is out of range. (--redis.addr)"
        ),
        (
            .handshakeRefused(.select(database: 1), reply: "NOPERM no"), .noperm,
            "redis://cache-1:6379 refused database 1: NOPERM no. (--redis.addr)"
        ),
        (
            .handshakeRefused(.authenticate(user: nil, hasPassword: true), reply: "LOADING x"), .loading,
            "redis://cache-1:6379 is loading its data and does not answer yet."
        ),
        (
            .unaskedError(reply: "ERR max number of clients reached"), .limit,
            "redis://cache-1:6379 has as many clients as it allows (maxclients)."
        ),
        (
            .unaskedError(reply: "BUSY x"), .busy,
            "redis://cache-1:6379 is busy with a script and answers nothing else. (SCRIPT KILL, FUNCTION KILL)"
        ),
        (
            .unaskedError(reply: "DENIED Redis is running in protected mode"), .auth,
            "redis://cache-1:6379 is in protected mode and talks to local clients only. Set a password there."
        ),
        (
            .unaskedError(reply: "ERR od\u{1b}d\ntext"), .protocol, "redis://cache-1:6379 answered: ERR od?d?text."
        ),
        (
            .unaskedReply, .protocol,
            "redis://cache-1:6379 sent a reply that no command asked for. Is it a Redis server? (--redis.addr)"
        ),
        (
            .malformed(.arrayTooLong(9, limit: 1)), .limit,
            "redis://cache-1:6379 announced an array of 9 elements; the limit is 1. The connection was closed to keep memory bounded."
        ),
        (
            .malformed(MalformedReply(greeting: Array("HTTP/1.1".utf8)) ?? .outOfMemory), .protocol,
            "redis://cache-1:6379 answered with HTTP, not the Redis protocol. Check the port. (--redis.addr)"
        ),
        (
            .closedByServer(duringHandshake: true), .closed,
            "redis://cache-1:6379 closed the connection before it answered. Is it a Redis server, and does it want TLS (rediss://)?"
        ),
        (
            .closedByServer(duringHandshake: false), .closed,
            "redis://cache-1:6379 closed the connection. Was it restarted, or the client killed?"
        ),
        (.broken(errno: EPIPE), .closed, "the connection to redis://cache-1:6379 broke: Broken pipe."),
        (.other("x"), .closed, "the connection to redis://cache-1:6379 failed: x."),
        (
            .slowSubscriber, .limit,
            "redis://cache-1:6379 sent messages faster than they were handled; the subscription was ended."
        ),
        (.closedByCaller, .closed, "the connection to redis://cache-1:6379 was closed on our side."),
        (.cancelled, .closed, "the poll of redis://cache-1:6379 was cancelled."),
        (
            .tls(.notYetValid(day: "2030-01-31")), .tls,
            "no TLS connection to redis://cache-1:6379: its certificate is valid from 2030-01-31 only. Is the clock of this machine right?"
        ),
        (
            .tls(.clientCertificateRefused(given: true)), .tls,
            "no TLS connection to redis://cache-1:6379: the server does not accept the client certificate. (--tls-client-cert-file)"
        ),
        (
            .unusablePasswordFile(path: "/run/secret", problem: "Permission denied"), .auth,
            "cannot log in to redis://cache-1:6379: the password file '/run/secret' cannot be used: Permission denied."
        ),
        (.tls(.other("x\ny")), .tls, "no TLS connection to redis://cache-1:6379: x?y"),
    ]

    @Test("Every fault has its reason and its text on one line")
    func texts() throws {
        let options = ConnectionOptions(address: try TargetAddress("redis://u:hunter2@cache-1:6379"))
        for (fault, reason, message) in Self.cases {
            let error = RedisError(fault, options)
            #expect(error.reason == reason)
            #expect(error.message == message)
            #expect(error.address == "redis://cache-1:6379")
            #expect("\(error)" == message)
        }
    }

    @Test("What a server quotes of a login is not repeated")
    func quotedPassword() throws {
        let options = ConnectionOptions(address: try TargetAddress("redis://:hunter2@h"))
        let reply = "ERR unknown command 'AUTH', with args beginning with: 'hunter2' "
        let steps: [HandshakeStep] = [
            .authenticate(user: nil, hasPassword: true), .setName, .select(database: 1), .ping,
        ]
        for step in steps {
            let error = RedisError(.handshakeRefused(step, reply: reply), options)
            #expect(!error.message.contains("hunter2"))
        }
        #expect(!RedisError(.unaskedError(reply: reply), options).message.contains("hunter2"))
    }

    @Test("A long text of a server is cut")
    func longText() throws {
        let options = ConnectionOptions(address: try TargetAddress("h"))
        let error = RedisError(.unaskedError(reply: "ERR " + String(repeating: "x", count: 9999)), options)
        #expect(error.message.count < 300)
    }
}

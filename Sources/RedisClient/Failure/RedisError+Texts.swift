import Glibc

// Every text of the module about a connection, in one place. A text names the server, says what happened and what to
// do, on one line; it holds no credentials, nor what a server echoes of them.

extension RedisError {
    init(_ fault: ConnectionFault, _ options: ConnectionOptions) {
        let address = options.address.description
        let text = Self.text(fault, address, usesTLS: options.address.scheme.usesTLS)
        self.init(reason: text.0, address: address, message: text.1)
    }

    /// The server's answer to a subscription was an error.
    init(refusedSubscription reply: String, address: String) {
        self.init(
            reason: FailureReason(errorReply: reply) ?? .protocol,
            address: address,
            message: "\(address) refused the subscription: \(Self.shown(reply))."
        )
    }

    private static func text(
        _ fault: ConnectionFault,
        _ address: String,
        usesTLS: Bool
    ) -> (FailureReason, String) {
        switch fault {
        case .cannotConnect(let code):
            return cannotConnect(code, address)
        case .unresolvedHost:
            return (
                .dns,
                "cannot connect to \(address): the host name does not resolve. Check the spelling and the DNS. (--redis.addr)"
            )
        case .lookupTimeout(let time):
            return (
                .dns, "cannot connect to \(address): the name server did not answer within \(time.text). Check the DNS."
            )
        case .socketPathTooLong:
            return (.refused, "cannot connect to \(address): the path is too long for a Unix socket. (--redis.addr)")
        case .connectTimeout(let time):
            return (
                .timeout,
                "cannot connect to \(address): no answer within \(time.text). Check address, network and firewall. (--redis.addr)"
            )
        case .handshakeTimeout(let time):
            return (
                .timeout,
                "\(address) accepts connections but did not answer within \(time.text). "
                    + (usesTLS ? "Does it speak TLS at this port?" : "Is it a Redis server, and is it hung?")
                    + " (--redis.addr)"
            )
        case .replyTimeout(let received, let expected, let time):
            return (
                .timeout, "\(address) sent \(received) of \(expected) replies within \(time.text). Is it slow or hung?"
            )
        case .tls(let fault):
            return (.tls, tls(fault, address))
        case .unusablePasswordFile(let path, let problem):
            return (.auth, "cannot log in to \(address): the password file '\(path)' cannot be used: \(problem).")
        case .handshakeRefused(let step, let reply):
            return refused(step, reply, address)
        case .unaskedError(let reply):
            return unasked(reply, address)
        case .unaskedReply:
            return (
                .protocol, "\(address) sent a reply that no command asked for. Is it a Redis server? (--redis.addr)"
            )
        case .malformed(let malformed):
            return (malformed.reason, "\(address) \(malformed). \(malformed.advice)")
        case .closedByServer(duringHandshake: true):
            return (
                .closed,
                "\(address) closed the connection before it answered. Is it a Redis server, and does it want TLS (rediss://)?"
            )
        case .closedByServer(duringHandshake: false):
            return (.closed, "\(address) closed the connection. Was it restarted, or the client killed?")
        case .broken(let code):
            return (.closed, "the connection to \(address) broke: \(systemMessage(code)).")
        case .other(let text):
            return (.closed, "the connection to \(address) failed: \(oneLine(text)).")
        case .slowSubscriber:
            return (.limit, "\(address) sent messages faster than they were handled; the subscription was ended.")
        case .closedByCaller:
            return (.closed, "the connection to \(address) was closed on our side.")
        case .cancelled:
            return (.closed, "the poll of \(address) was cancelled.")
        }
    }

    private static func cannotConnect(_ code: Int32, _ address: String) -> (FailureReason, String) {
        let start = "cannot connect to \(address): "
        return switch code {
        case ECONNREFUSED:
            (.refused, start + "connection refused. Is the server running? (--redis.addr)")
        case ENOENT:
            (
                .refused,
                start + "there is no socket at this path. Is the server running, with 'unixsocket'? (--redis.addr)"
            )
        case EACCES, EPERM:
            (.refused, start + "permission denied. May this user open the socket? (--redis.addr)")
        case ETIMEDOUT:
            (.timeout, start + "no answer. Check address, network and firewall. (--redis.addr)")
        case ECONNRESET:
            (.closed, start + "the server closed the connection at once. (--redis.addr)")
        case EMFILE, ENFILE:
            (.limit, start + "too many open files. Raise the limit of this process (ulimit -n).")
        default:
            (.unreachable, start + "\(systemMessage(code)). Check address, network and firewall. (--redis.addr)")
        }
    }

    private static func tls(_ fault: TLSFault, _ address: String) -> String {
        let start = "no TLS connection to \(address): "
        return switch fault {
        case .notTLS:
            start + "the server does not speak TLS there. Use redis:// or the server's tls-port. (--redis.addr)"
        case .expired(let day):
            start + "its certificate expired on \(day). Renew it on the server."
        case .notYetValid(let day):
            start + "its certificate is valid from \(day) only. Is the clock of this machine right?"
        case .untrusted(hasAuthority: true):
            start + "its certificate is not signed by the configured authority. (--tls-ca-cert-file)"
        case .untrusted(hasAuthority: false):
            start
                + "its certificate is not signed by an authority of this system. Name its authority. (--tls-ca-cert-file)"
        case .wrongName(let expected):
            start + "its certificate is not for '\(expected)'. Set the name that it has. (--tls-server-name)"
        case .clientCertificateRefused(given: true):
            start + "the server does not accept the client certificate. (--tls-client-cert-file)"
        case .clientCertificateRefused(given: false):
            start + "the server wants a client certificate. (--tls-client-cert-file, --tls-client-key-file)"
        case .unusableFile(let path, let problem):
            start + "the file '\(path)' cannot be used: \(problem)."
        case .other(let text):
            start + oneLine(text)
        }
    }

    private static func refused(
        _ step: HandshakeStep,
        _ reply: String,
        _ address: String
    ) -> (FailureReason, String) {
        let reason = FailureReason(errorReply: reply)
        switch (step, reason) {
        case (.authenticate(let user, let hasPassword), .auth):
            return (.auth, "\(address) refused the login: " + login(user: user, hasPassword, reply))
        case (.authenticate, nil):
            // The server may quote the arguments, so its text is not repeated.
            return (
                .auth, "\(address) does not accept AUTH, renamed perhaps. Remove user and password. (--redis.password)"
            )
        case (.select(let database), nil), (.select(let database), .noperm):
            return (reason ?? .protocol, "\(address) refused database \(database): \(shown(reply)). (--redis.addr)")
        case (_, .auth) where reply.hasPrefix("NOAUTH"):
            return (.auth, "\(address) wants a password and none is set. (--redis.user, --redis.password)")
        default:
            return unasked(reply, address)
        }
    }

    private static func login(user: String?, _ hasPassword: Bool, _ reply: String) -> String {
        if reply.hasPrefix("ERR") && !reply.hasPrefix("ERR invalid password") {
            return "it has no password set. Remove the password. (--redis.password)"
        }
        guard let user else { return "wrong password. (--redis.password)" }
        guard hasPassword else {
            return "user '\(oneLine(user))' needs a password and none is set. (--redis.password)"
        }
        return "wrong user '\(oneLine(user))' or wrong password, or the user is off. (--redis.user, --redis.password)"
    }

    private static func unasked(_ reply: String, _ address: String) -> (FailureReason, String) {
        let reason = FailureReason(errorReply: reply) ?? .protocol
        return switch reason {
        case .limit:
            (reason, "\(address) has as many clients as it allows (maxclients).")
        case .auth where reply.hasPrefix("DENIED"):
            (reason, "\(address) is in protected mode and talks to local clients only. Set a password there.")
        case .loading:
            (reason, "\(address) is loading its data and does not answer yet.")
        case .busy:
            (reason, "\(address) is busy with a script and answers nothing else. (SCRIPT KILL, FUNCTION KILL)")
        default:
            (reason, "\(address) answered: \(shown(reply)).")
        }
    }

    /// A server's text without the arguments that it quotes, which may be secret.
    private static func shown(_ reply: String) -> String {
        let quoted = ", with args beginning with"
        var text = reply[...]
        if let comma = reply.indices.first(where: { reply[$0] == "," && reply[$0...].hasPrefix(quoted) }) {
            text = reply[..<comma]
        }
        return oneLine(String(text))
    }

    /// At most 200 characters, control characters replaced.
    private static func oneLine(_ text: String) -> String {
        let cut = text.unicodeScalars.prefix(200).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : String(scalar)
        }
        return cut.joined() + (text.unicodeScalars.count > 200 ? "…" : "")
    }
}

extension MalformedReply {
    fileprivate var reason: FailureReason {
        isLimit ? .limit : .protocol
    }

    fileprivate var advice: String {
        isLimit ? "The connection was closed to keep memory bounded." : "Check the port. (--redis.addr)"
    }
}

extension Duration {
    /// `5 s`, `1.5 s` or `250 ms`.
    fileprivate var text: String {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let tenths = milliseconds % 1000 / 100
        return tenths == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds / 1000).\(tenths) s"
    }
}

/// What can go wrong with a server; each case holds the facts and its description says what to do.
public enum HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text of a listen address is not one.
    case invalidListenAddress(String, ListenAddressProblem)
    /// The system does not let the server listen.
    case cannotListen(ListenAddress, ListenFailure)
    /// A file for HTTPS cannot be used.
    case unusableTLSFile(path: String, problem: String)
    /// The hash of the password for clients is none.
    case unusablePasswordHash
    /// HTTPS cannot begin or end while the server runs.
    case tlsNeedsRestart
    /// The certificate of a client has none of the names that it may have.
    case clientNameNotAllowed
    /// A route's pattern cannot be used.
    case invalidRoute(pattern: String, RouteProblem)
    /// The client is gone, was too slow, or the server is shutting down: nobody reads what is written.
    case connectionClosed

    /// One line a person can act on.
    public var description: String {
        switch self {
        case .invalidListenAddress(let text, let problem):
            "invalid listen address '\(text)': \(problem.explanation) (--web.listen-address)"
        case .cannotListen(let address, let failure):
            "cannot listen on \(address): \(failure.explanation) (--web.listen-address)"
        case .unusableTLSFile(let path, let problem):
            "cannot serve HTTPS with \(path): \(problem) (--tls-server-… or --web.config.file)"
        case .unusablePasswordHash:
            "the password hash is none of bcrypt: expected $2a$, $2b$ or $2y$, a cost from 04 to 20, and 53 characters, "
                + "as 'htpasswd -nB user' prints it (--basic-auth-hash-password)"
        case .tlsNeedsRestart:
            "HTTPS begins or ends with a start of the program only: restart it, or change the certificates alone"
        case .clientNameNotAllowed:
            "the certificate of the client has none of the allowed names (client_allowed_sans)"
        case .invalidRoute(let pattern, let problem):
            "invalid route '\(pattern)': \(problem.explanation)"
        case .connectionClosed:
            "the connection is closed"
        }
    }
}

/// Why the system does not let the server listen.
public enum ListenFailure: Sendable, Hashable {
    /// Another socket has the address.
    case addressInUse
    /// The port is below 1024 and the process has no privilege for it.
    case notPermitted
    /// The machine has no interface with this address.
    case addressNotAvailable
    /// The host name has no address.
    case unknownHost
    /// The process has no file descriptor left.
    case tooManyOpenFiles
    /// Anything else, in the system's words.
    case other(String)

    var explanation: String {
        switch self {
        case .addressInUse: "address already in use. Is another process listening there? Stop it or choose another port"
        case .notPermitted: "permission denied. Ports below 1024 need a privilege; choose a higher one"
        case .addressNotAvailable: "no interface of this machine has that address. Use 0.0.0.0 or [::] for all of them"
        case .unknownHost: "the host name has no address. Use an IP address or a name this machine can resolve"
        case .tooManyOpenFiles: "too many open files. Raise the limit (ulimit -n)"
        case .other(let text): "\(text)"
        }
    }
}

/// Why a route's pattern cannot be used.
public enum RouteProblem: Sendable, Hashable {
    /// The pattern has no slash in front.
    case noLeadingSlash
    /// A parameter has no name.
    case unnamedParameter
    /// Two parameters have the same name.
    case repeatedParameter(String)
    /// The same method and pattern are there already.
    case duplicate(RequestMethod)

    var explanation: String {
        switch self {
        case .noLeadingSlash: "a pattern starts with '/'"
        case .unnamedParameter: "a ':' needs a name behind it"
        case .repeatedParameter(let name): "':\(name)' stands there twice"
        case .duplicate(let method): "\(method) has a handler already"
        }
    }
}

extension ListenAddressProblem {
    var explanation: String {
        switch self {
        case .portMissing: "the port is missing. Write host:port, [IPv6]:port or :port"
        case .portInvalid(let text): "'\(text)' is not a port. Use 0 to 65535"
        case .bracketsInvalid: "an IPv6 address stands in brackets, as in [::1]:9121"
        case .bracketsMissing: "an IPv6 address needs brackets, as in [::1]:9121"
        }
    }
}

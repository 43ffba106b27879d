/// A text that is not the address of a server.
public struct InvalidAddress: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it, and what was expected.
    private let problem: String
    /// The address without what may be secret in it.
    private let shownText: String

    /// One line: the address without its credentials, what is wrong, what was expected.
    public var message: String {
        "invalid address '\(shownText)': \(problem)"
    }

    /// The message.
    public var description: String {
        message
    }

    private init(_ text: String, _ problem: String) {
        self.problem = problem
        shownText = Self.withoutSecrets(text)
    }

    /// The same problem, told of the longer text that this one is a part of.
    func within(_ text: String) -> InvalidAddress {
        InvalidAddress(text, problem)
    }

    /// Cuts what stands before the last `@`, behind a `?`, and instead of a port: a password may be there.
    private static func withoutSecrets(_ text: String) -> String {
        var rest = text[...]
        var shown = ""
        if let (scheme, location) = splitScheme(text) {
            shown = scheme + "://"
            rest = location
        }
        if let at = rest.lastIndex(of: "@") {
            shown += "…"
            rest = rest[at...]
        }
        var tail = ""
        if let mark = rest.firstIndex(of: "?") {
            tail = "?…"
            rest = rest[..<mark]
        }
        if let colon = rest.lastIndex(of: ":") {
            let port = rest[colon...].dropFirst()
            let isPlain = port.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2F || $0 == 0x5D }
            if !isPlain, !rest.contains("[") {
                return shown + rest[...colon] + "…" + tail
            }
        }
        return shown + rest + tail
    }
}

/// Splits `scheme://rest`; `nil` where there is no `://`.
func splitScheme(_ text: String) -> (scheme: String, rest: Substring)? {
    guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
    return (String(text[..<colon]), text[colon...].dropFirst(3))
}

extension InvalidAddress {
    static func empty() -> InvalidAddress {
        InvalidAddress("", "expected host:port or a URL such as redis://host:6379")
    }

    static func unknownScheme(_ scheme: String, in text: String) -> InvalidAddress {
        InvalidAddress(
            text,
            "unknown scheme '\(scheme)'; expected redis://, rediss://, valkey://, valkeys:// or unix://"
        )
    }

    static func noHost(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "there is no host; expected host:port")
    }

    static func badHost(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "a host name has letters, digits, '.', '-' and '_' only")
    }

    static func badPort(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "the port must be a number from 1 to 65535")
    }

    static func missingBracket(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "the ']' behind the IPv6 address is missing")
    }

    static func notIPv6(_ host: String, in text: String) -> InvalidAddress {
        InvalidAddress(text, "'\(host)' is not an IPv6 address; brackets are for these only")
    }

    static func unbracketedIPv6(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "an IPv6 address needs brackets, as in [::1]:6379")
    }

    static func badDatabase(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "the database must be a number, as in redis://host:6379/0 or unix:///path?db=0")
    }

    static func badQuery(_ name: String, in text: String) -> InvalidAddress {
        InvalidAddress(text, "unknown parameter '\(name)'; only db=NUMBER is known")
    }

    static func badPercent(_ text: String) -> InvalidAddress {
        InvalidAddress(
            text, "user or password has a '%' that is not followed by two hexadecimal digits; write it as %25")
    }

    static func noPath(_ text: String) -> InvalidAddress {
        InvalidAddress(text, "expected the absolute path of a socket, as in unix:///run/redis.sock")
    }
}

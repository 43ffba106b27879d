/// The address of an HTTP resource: `http` or `https`, a host, a port, a path with its query.
public struct HTTPURL: Sendable, Hashable {
    /// Why a text is no such address; the text itself may hold secrets and is not repeated.
    public struct Mistake: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// Whether the connection is encrypted.
    public let isSecure: Bool
    /// The name or address of the host; IPv6 without brackets.
    public private(set) var host: String
    /// The port.
    public let port: Int
    /// The path and the query as they go into the request.
    public private(set) var target: String
    /// `user:password` as it stood before the host.
    let credentials: String?

    /// Reads an address.
    /// - Throws: `Mistake` that says what is wrong and does not repeat the text.
    public init(_ text: String) throws(Mistake) {
        guard let scheme = text.firstRange(of: "://") else {
            throw Mistake(description: "it has no http:// or https://")
        }
        switch text[..<scheme.lowerBound].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: throw Mistake(description: "it begins with neither http:// nor https://")
        }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw Mistake(description: "it has a space or a control character in it")
        }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...].prefix { $0 != "#" }
        target = path.hasPrefix("/") ? Self.escaped(path) : "/" + Self.escaped(path)
        let at = authority.lastIndex(of: "@")
        credentials = at.map { String(authority[..<$0]) }
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        (host, port) = try Self.hostAndPort(place, isSecure: isSecure)
    }

    private static func hostAndPort(_ text: Substring, isSecure: Bool) throws(Mistake) -> (String, Int) {
        var (host, rest) = (text.prefix { $0 != ":" }, text.drop { $0 != ":" })
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw Mistake(description: "the bracket of the host is not closed")
            }
            host = text[..<end].dropFirst()
            rest = text[text.index(after: end)...]
        }
        guard !host.isEmpty else { throw Mistake(description: "it has no host") }
        guard !rest.isEmpty else { return (String(host), isSecure ? 443 : 80) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else {
            throw Mistake(description: "its port is no number from 1 to 65535")
        }
        return (String(host), Int(port))
    }

    /// What is not ASCII becomes its UTF-8 in percents.
    private static func escaped(_ text: Substring) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return String(text) }
        return text.utf8.map { byte in
            byte < 0x80 ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Scheme, host and port: what may be shown, for paths of webhooks are often secret.
    public var origin: String {
        "\(isSecure ? "https" : "http")://\(hostField)"
    }

    /// As it stands in the field `Host`.
    var hostField: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The same resource below this path: a slash between, the query of this one dropped.
    public func appending(path: String) -> HTTPURL {
        var result = self
        var base = target.prefix { $0 != "?" }
        if base.hasSuffix("/") { base = base.dropLast() }
        result.target = base + path
        return result
    }

    /// The address that a `Location` field leads to.
    func redirected(to location: String) throws(Mistake) -> HTTPURL {
        if location.contains("://") { return try HTTPURL(location) }
        if location.hasPrefix("//") { return try HTTPURL((isSecure ? "https:" : "http:") + location) }
        guard location.hasPrefix("/") else { throw Mistake(description: "its Location is no address and no path") }
        return try HTTPURL(origin + location)
    }
}

extension HTTPURL: CustomStringConvertible {
    /// The origin only.
    public var description: String { origin }
}

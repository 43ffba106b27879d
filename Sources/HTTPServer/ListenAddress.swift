/// An address to listen on: a host, or every interface, and a port.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A host name or an IP address without brackets; nil for every interface, IPv6 and IPv4.
    public var host: String?
    /// A port, 0 to 65535; with 0 the system chooses one.
    public var port: Int

    /// Creates an address from its parts.
    public init(host: String?, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[IPv6]:port` or `:port`.
    public init(parsing text: String) throws(HTTPServerError) {
        func problem(_ problem: ListenAddressProblem) -> HTTPServerError {
            .invalidListenAddress(text, problem)
        }
        guard let colon = text.lastIndex(of: ":") else { throw problem(.portMissing) }
        let hostText = text[..<colon]
        let portText = text[text.index(after: colon)...]
        guard !portText.isEmpty else { throw problem(.portMissing) }
        guard portText.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(portText), port <= 65_535
        else { throw problem(.portInvalid(String(portText))) }
        self.port = port

        if hostText.isEmpty {
            host = nil
        } else if hostText.hasPrefix("[") {
            guard hostText.hasSuffix("]"), hostText.utf8.count > 2 else { throw problem(.bracketsInvalid) }
            host = String(hostText.dropFirst().dropLast())
        } else if hostText.contains(":") {
            throw problem(.bracketsMissing)
        } else {
            host = String(hostText)
        }
    }

    /// The address as it is written in options and URLs: `0.0.0.0:9121`, `[::1]:9121`, `:9121`.
    public var description: String {
        guard let host else { return ":\(port)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// What is wrong with the text of a listen address.
public enum ListenAddressProblem: Sendable, Hashable {
    /// There is no port.
    case portMissing
    /// This is not a port.
    case portInvalid(String)
    /// A bracket is open or holds nothing.
    case bracketsInvalid
    /// An IPv6 address stands without brackets.
    case bracketsMissing
}

/// Where a server listens.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A TCP port; the host is a name, an IPv4 or an IPv6 address without brackets.
    case tcp(host: String, port: Int)
    /// A Unix domain socket.
    case unix(path: String)

    /// `cache-1:6379`, `[::1]:6379` or `/run/redis.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// Reads `host`, `host:port`, `[IPv6]` or `[IPv6]:port`.
    public init(hostAndPort text: String, defaultPort: Int = 6379) throws(InvalidAddress) {
        var rest = text[...]
        let host: Substring
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw .missingBracket(text) }
            host = rest[rest.index(after: rest.startIndex)..<end]
            guard Self.looksLikeIPv6(host) else { throw .notIPv6(String(host), in: text) }
            rest = rest[rest.index(after: end)...]
        } else {
            guard rest.count(where: { $0 == ":" }) < 2 else { throw .unbracketedIPv6(text) }
            host = rest.prefix { $0 != ":" }
            guard host.utf8.allSatisfy(Self.isHostByte) else { throw .badHost(text) }
            rest = rest[host.endIndex...]
        }
        guard !host.isEmpty else { throw .noHost(text) }
        guard !rest.isEmpty else {
            self = .tcp(host: String(host), port: defaultPort)
            return
        }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (1...65535).contains(port)
        else { throw .badPort(text) }
        self = .tcp(host: String(host), port: port)
    }

    private static func looksLikeIPv6(_ text: Substring) -> Bool {
        // A zone (`fe80::1%eth0`) may follow the digits.
        let digits = text.prefix { $0 != "%" }
        return digits.contains(":") && digits.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            byte >= 0x80
        }
    }
}

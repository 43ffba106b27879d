import ArgumentParser

/// Where a Redstart, or anything else with the API of Prometheus, listens: `http://[user:password@]host[:port][/path]`.
struct DaemonAddress: ExpressibleByArgument, Sendable {
    let isTLS: Bool
    let host: String
    let port: Int
    /// What stands before `/api/…`: empty, or with a slash at its start and none at its end.
    let path: String
    /// `user:password` as given, percent signs resolved.
    let credentials: String?

    /// The address without credentials, for messages.
    var text: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(isTLS ? "https" : "http")://\(shown):\(port)\(path)"
    }

    init?(argument: String) {
        var rest = argument[...]
        var isTLS = false
        if let scheme = rest.firstRange(of: "://") {
            switch rest[..<scheme.lowerBound].lowercased() {
            case "http": break
            case "https": isTLS = true
            default: return nil
            }
            rest = rest[scheme.upperBound...]
        }
        self.isTLS = isTLS
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        path = String(rest[slash...].reversed().drop { $0 == "/" }.reversed())
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            guard let plain = Self.percentDecoded(authority[..<at]) else { return nil }
            credentials = plain
            authority = authority[authority.index(after: at)...]
        } else {
            credentials = nil
        }
        guard let (host, port) = Self.hostAndPort(authority, default: isTLS ? 443 : 80), Self.isClean(path) else {
            return nil
        }
        self.host = host
        self.port = port
    }

    private static func hostAndPort(_ text: Substring, default fallback: Int) -> (String, Int)? {
        var host = text
        var port = fallback
        let bracket = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[bracket...].lastIndex(of: ":") {
            guard let number = Int(text[text.index(after: colon)...]), (1...65535).contains(number) else { return nil }
            port = number
            host = text[..<colon]
        }
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, isClean(String(host)) else { return nil }
        return (String(host), port)
    }

    /// Whether the text may stand in the head of a request.
    private static func isClean(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

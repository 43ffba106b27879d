import Glibc

/// `host:port` taken apart by the rules of Go's `net.SplitHostPort`.
struct HostPort {
    let host: String
    let port: String

    /// `nil` where there is no port, too many colons, or brackets in the wrong place.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let host: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")), close + 1 == colon else { return nil }
            host = bytes[1..<close]
            guard !bytes[(close + 1)...].contains(UInt8(ascii: "]")) else { return nil }
        } else {
            host = bytes[..<colon]
            guard !host.contains(UInt8(ascii: ":")), !bytes.contains(UInt8(ascii: "]")) else { return nil }
        }
        guard !host.contains(UInt8(ascii: "[")), !bytes[colon...].contains(UInt8(ascii: "[")) else { return nil }
        self.host = String(decoding: host, as: UTF8.self)
        port = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
    }

    /// Whether a host is an IPv4 or IPv6 address.
    static func isAddress(_ host: String) -> Bool {
        var storage = in6_addr()
        return inet_pton(AF_INET, host, &storage) == 1 || inet_pton(AF_INET6, host, &storage) == 1
    }
}

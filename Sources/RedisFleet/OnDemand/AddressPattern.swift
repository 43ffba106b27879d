public import RedisClient

/// A pattern for addresses of servers: `redis://10.*:6379`, where `*` stands for any text and `?` for one character.
public struct AddressPattern: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as it was written.
    public let description: String
    private let pattern: [UInt8]

    /// Reads a pattern; without a scheme it is for `redis://`.
    ///
    /// - Throws: `InvalidTarget` where it has another scheme, or credentials, which are never sent there.
    public init(_ text: String) throws(InvalidTarget) {
        guard !text.contains("@") else {
            throw InvalidTarget(message: "an address pattern has no user and no password: expected redis://10.*:6379")
        }
        let known = TargetAddress.Scheme.allCases.map { "\($0.rawValue)://" }
        guard !text.contains("://") || known.contains(where: text.lowercased().hasPrefix) else {
            throw InvalidTarget(
                message: "invalid address pattern '\(text)': expected redis://, rediss:// or unix:// in front")
        }
        description = text
        let full = text.contains("://") ? text : text.hasPrefix("/") ? "unix://\(text)" : "redis://\(text)"
        pattern = Array(Self.unified(full.lowercased()).utf8)
    }

    /// Whether scheme, host and port match; the port may be left out of the pattern where it is 6379.
    public func matches(_ address: TargetAddress) -> Bool {
        let scheme = address.scheme == .unix ? "unix" : address.scheme.usesTLS ? "rediss" : "redis"
        let full = "\(scheme)://\(address.endpoint)".lowercased()
        if Self.matches(Array(full.utf8), pattern) { return true }
        guard case .tcp(_, 6379) = address.endpoint else { return false }
        return Self.matches(Array(full.dropLast(":6379".utf8.count).utf8), pattern)
    }

    /// The names of Valkey's schemes mean the same.
    private static func unified(_ text: String) -> String {
        for (other, scheme) in [("valkey://", "redis://"), ("valkeys://", "rediss://")] where text.hasPrefix(other) {
            return scheme + text.dropFirst(other.utf8.count)
        }
        return text
    }

    /// Compares with a pattern, going back to the last `*` only: never more than the product of the lengths.
    static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (position, place) = (0, 0)
        var star: (place: Int, position: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == text[position] || pattern[place] == UInt8(ascii: "?") {
                place += 1
                position += 1
            } else if let last = star {
                star = (last.place, last.position + 1)
                place = last.place + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

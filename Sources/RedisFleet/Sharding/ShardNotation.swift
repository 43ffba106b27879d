/// A shard as it is written: `2/8`, or `hostname/8`, which takes the number from the name of the host.
public struct ShardNotation: Sendable, Hashable, CustomStringConvertible {
    /// Which of the shards; `nil` for the one that the host name tells.
    public let index: Int?
    /// How many shards there are.
    public let count: Int

    private static let hostName = "hostname"

    /// Reads the text.
    ///
    /// - Throws: `InvalidShard` where it is none, or names one that there cannot be.
    public init(_ text: String) throws(InvalidShard) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Self.number(parts[1]) else {
            throw Self.malformed
        }
        if parts[0] == Self.hostName {
            index = nil
        } else if let number = Self.number(parts[0]) {
            index = number
        } else {
            throw Self.malformed
        }
        self.count = count
        // Says what is wrong with the numbers, too.
        _ = try Shard(index: index ?? 0, count: count)
    }

    /// The shard that is meant on a host.
    ///
    /// - Throws: `InvalidShard` where the name of the host does not tell it, or tells one that there is not.
    public func shard(onHost name: String, replicas: Int = 1) throws(InvalidShard) -> Shard {
        let index = if let index { index } else { try ordinal(ofHost: name) }
        return try Shard(index: index, count: count, replicas: replicas)
    }

    /// The number at the end of the name of a StatefulSet's pod.
    private func ordinal(ofHost name: String) throws(InvalidShard) -> Int {
        let label = name.prefix { $0 != "." }
        let parts = label.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 1, let ordinal = parts.last.flatMap(Self.number) else {
            throw InvalidShard(
                "the host name '\(label.prefix(63))' does not end in - and a number, as that of a StatefulSet's pod"
                    + " does (redstart-2); write the number, such as 0/\(count)"
            )
        }
        guard ordinal < count else {
            throw InvalidShard(
                "host '\(label.prefix(63))' would be shard \(ordinal), but the last of \(count) is \(count - 1);"
                    + " the count must be that of the StatefulSet's replicas"
            )
        }
        return ordinal
    }

    private static func number(_ text: Substring) -> Int? {
        // What `Int` takes beside digits is a slip here: +1, -0.
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    private static let malformed = InvalidShard(
        "write which shard of how many, counted from 0: 2/8, or hostname/8 for the number that a StatefulSet's pod has"
    )

    /// The notation: `2/8`.
    public var description: String {
        "\(index.map(String.init) ?? Self.hostName)/\(count)"
    }
}

/// The part of a fleet that one of several processes watches.
///
/// Which deployments are in it follows from their keys alone, by rendezvous hashing: every process computes the same
/// without asking the others, and one shard more takes over only its own share, from all others alike.
public struct Shard: Sendable, Hashable {
    /// Which part, counted from 0, as the pods of a StatefulSet are.
    public let index: Int
    /// How many parts there are.
    public let count: Int
    /// How many shards watch each deployment.
    public let replicas: Int

    /// Shards beyond this number are a mistake: each one looks at all targets.
    public static let countLimit = 1000

    /// Describes a part.
    ///
    /// - Throws: `InvalidShard` where there is no such part.
    public init(index: Int, count: Int, replicas: Int = 1) throws(InvalidShard) {
        guard count > 0 else {
            throw InvalidShard("there must be at least one shard, so 0/1 is the smallest")
        }
        guard count <= Self.countLimit else {
            throw InvalidShard("\(count) shards are too many, at most \(Self.countLimit) make sense")
        }
        guard (0..<count).contains(index) else {
            throw InvalidShard("shards are counted from 0, so the last of \(count) is \(count - 1)/\(count)")
        }
        guard (1...count).contains(replicas) else {
            throw InvalidShard(
                "a deployment cannot be watched by \(replicas) of \(count) shard\(count == 1 ? "" : "s") (--replicas)"
            )
        }
        self.index = index
        self.count = count
        self.replicas = replicas
    }

    /// Whether what has this key is in the part.
    public func owns(_ key: String) -> Bool {
        let hash = Self.hash(of: key)
        let own = Self.score(hash, index)
        var better = 0
        for other in 0..<count where other != index {
            let score = Self.score(hash, other)
            if score > own || score == own && other < index { better += 1 }
            if better == replicas { return false }
        }
        return true
    }

    /// FNV-1a with 64 bits: the same on every machine, and in every version of this program.
    private static func hash(of key: String) -> UInt64 {
        key.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// How strongly a shard is drawn to a key; the mix is that of splitmix64.
    private static func score(_ hash: UInt64, _ index: Int) -> UInt64 {
        var value = hash &+ (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// A shard that there cannot be.
public struct InvalidShard: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, and what is possible.
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String {
        message
    }
}

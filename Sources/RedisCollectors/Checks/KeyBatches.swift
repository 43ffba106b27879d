import RedisClient

/// Keys of one database that one node is asked about together.
struct KeyBatch: Sendable {
    var database = 0
    var keys: [KeySelector] = []
    /// Another node of the cluster; `nil` for the node itself.
    var address: String?
    /// Whether the keys are on their way to that node, which has to be told that the asker knows.
    fileprivate var isAsking = false
    fileprivate var hops = 0

    /// The step that asks commands about the keys.
    func ask(_ commands: [Command]) -> CheckStep {
        .ask(CheckQuestion(database: database, commands, address: address, isAsking: isAsking))
    }
}

/// Keys in the batches in which they are asked about, with those that turn out to live on other nodes.
struct KeyBatches: Sendable {
    /// How often a key may be followed from node to node.
    private static let hopLimit = 3

    private let followsKeys: Bool
    private var queue: [KeyBatch] = []

    /// - Parameter followsKeys: Whether other nodes of the cluster are asked; else each tells of its own keys only, and
    ///   of those that are on their way from it to another.
    init(followsKeys: Bool) {
        self.followsKeys = followsKeys
    }

    /// Takes in keys that are sorted by database.
    mutating func add(_ keys: [KeySelector], batchSize: Int) {
        var batches: [KeyBatch] = []
        var batch = KeyBatch()
        for key in keys {
            if !batch.keys.isEmpty, key.database != batch.database || batch.keys.count == batchSize {
                batches.append(batch)
                batch.keys = []
            }
            batch.database = key.database
            batch.keys.append(key)
        }
        if !batch.keys.isEmpty { batches.append(batch) }
        queue = batches.reversed()
    }

    /// The next batch, `nil` behind the last.
    mutating func next() -> KeyBatch? {
        queue.popLast()
    }

    /// The types of the keys of a batch, `nil` for those that could not be read.
    ///
    /// Keys of other nodes are taken in again.
    ///
    /// - Parameter replies: To one `TYPE` per key.
    mutating func types(of batch: KeyBatch, _ replies: [Reply], _ outcome: inout CheckOutcome) -> [String?] {
        var elsewhere: [Redirection: [KeySelector]] = [:]
        let types = zip(batch.keys, replies).map { key, reply -> String? in
            if reply.kind == .status || reply.kind == .string { return reply.text }
            if let redirection = Redirection(reply) {
                elsewhere[redirection, default: []].append(key)
            } else {
                outcome.noteNotExpected(reply)
            }
            return nil
        }
        guard batch.hops < Self.hopLimit else { return types }
        for (redirection, keys) in elsewhere.sorted(by: { $0.key.address > $1.key.address })
        where followsKeys || redirection.isAsking {
            queue.append(
                KeyBatch(
                    keys: keys, address: redirection.address, isAsking: redirection.isAsking, hops: batch.hops + 1)
            )
        }
        return types
    }
}

/// Where a cluster sends the asker to: `MOVED 3999 127.0.0.1:6381`, or `ASK` for a key of a slot that is on its way.
private struct Redirection: Hashable {
    let address: String
    let isAsking: Bool

    init?(_ reply: Reply) {
        let parts = reply.errorText?.split(separator: " ") ?? []
        guard parts.count == 3, parts[0] == "MOVED" || parts[0] == "ASK" else { return nil }
        address = String(parts[2])
        isAsking = parts[0] == "ASK"
    }
}

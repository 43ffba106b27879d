import RedisClient

/// Keys of one database that one node is asked about together.
struct KeyBatch: Sendable {
    var database = 0
    var keys: [KeySelector] = []
    /// Another node of the cluster; `nil` for the node itself.
    var address: String?
    fileprivate var hops = 0

    /// The step that asks commands about the keys.
    func ask(_ commands: [Command]) -> CheckStep {
        .ask(CheckQuestion(database: database, commands, address: address))
    }
}

/// Keys in the batches in which they are asked about, with those that turn out to live on other nodes.
struct KeyBatches: Sendable {
    /// How often a key may be followed from node to node.
    private static let hopLimit = 3

    private let followsKeys: Bool
    private var queue: [KeyBatch] = []

    /// - Parameter followsKeys: Whether other nodes of the cluster are asked; else each tells of its own keys only.
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
        var moved: [String: [KeySelector]] = [:]
        let types = zip(batch.keys, replies).map { key, reply -> String? in
            if reply.kind == .status || reply.kind == .string { return reply.text }
            if let address = reply.movedTo {
                moved[address, default: []].append(key)
            } else {
                outcome.noteNotExpected(reply)
            }
            return nil
        }
        guard followsKeys, batch.hops < Self.hopLimit else { return types }
        for (address, keys) in moved.sorted(by: { $0.key > $1.key }) {
            queue.append(KeyBatch(keys: keys, address: address, hops: batch.hops + 1))
        }
        return types
    }
}

extension Reply {
    /// The node that a cluster sends the asker to: `MOVED 3999 127.0.0.1:6381`.
    fileprivate var movedTo: String? {
        guard let text = errorText, text.hasPrefix("MOVED ") else { return nil }
        let parts = text.split(separator: " ")
        return parts.count == 3 ? String(parts[2]) : nil
    }
}

import Metrics
import RedisClient

/// Keys: size, memory and value of those that match patterns and of those that are named.
///
/// Commands: `SCAN`; for each key `TYPE`, `MEMORY USAGE`, one for its size, for strings `GETRANGE`. ACL: these on the
/// keys. Cost: the whole keyspace is looked at for each pattern; about 5 µs for each key that matches.
struct KeysCheck: Check {
    static let name = "keys"
    /// Keys that are asked about together.
    private static let batchSize = 100
    private(set) var outcome = CheckOutcome()

    /// What is known of the keys of a batch so far.
    private enum Phase: Sendable {
        case scanning
        case describing(KeyBatch)
        case measuring(KeyBatch, [KeyDescription])
        case settling(KeyBatch, [KeyDescription], KeyFollowUp)
    }

    private let families: FamilyTable<KeyFamilies>
    private let options: CheckOptions
    private let isClusterNode: Bool
    private var scan: KeyScan
    private var phase = Phase.scanning
    private var batches: KeyBatches

    init(families: FamilyTable<KeyFamilies>, _ context: CheckContext) {
        self.families = families
        options = context.options
        isClusterNode = context.facts.isClusterEnabled
        batches = KeyBatches(followsKeys: options.isCluster)
        scan = KeyScan(patterns: options.keys, names: options.singleKeys, options: options)
    }

    mutating func next() -> CheckStep? {
        if case .scanning = phase {
            if let step = scan.next() { return step }
            batches.add(scan.found, batchSize: Self.batchSize)
            scan.removeFound()
            startBatch()
        }
        switch phase {
        case .scanning:
            return nil
        case .describing(let batch):
            let memory = batch.keys.map { Command.about($0, "MEMORY", "USAGE") }
            return batch.ask(batch.keys.map { Command.about($0, "TYPE") } + memory)
        case .measuring(let batch, let keys):
            return batch.ask(keys.flatMap { $0.sizeQuestions(limit: valueBytes) })
        case .settling(let batch, _, let followUp):
            return batch.ask(followUp.questions)
        }
    }

    private var valueBytes: Int? {
        options.excludesKeyValues ? nil : options.limits.valueBytes
    }

    private mutating func startBatch() {
        phase = batches.next().map { .describing($0) } ?? .scanning
    }

    mutating func read(_ answer: CheckAnswer) {
        if case .scanning = phase { return scan.read(answer, &outcome) }
        guard case .replies(let replies) = answer else {
            outcome.noteRefusal(answer)
            return startBatch()
        }
        switch phase {
        case .scanning: return
        case .describing(let batch): describe(batch, replies)
        case .measuring(let batch, let keys): measure(batch, keys, replies)
        case .settling(_, let keys, let followUp): settle(keys, followUp, replies)
        }
    }

    private mutating func describe(_ batch: KeyBatch, _ replies: [Reply]) {
        let types = batches.types(of: batch, replies, &outcome)
        var keys: [KeyDescription] = []
        for (position, key) in batch.keys.enumerated() where position < types.count {
            guard let type = types[position] else { continue }
            var description = KeyDescription(key: key, type: type)
            let memory = position + batch.keys.count
            description.memory = memory < replies.count ? replies[memory].number : nil
            if !description.isMissing || (scan.isNamed(key) && !isClusterNode) {
                keys.append(description)
            }
        }
        guard !keys.isEmpty else { return startBatch() }
        phase = .measuring(batch, keys)
        if keys.allSatisfy({ $0.sizeQuestions(limit: valueBytes).isEmpty }) { measure(batch, keys, []) }
    }

    private mutating func measure(_ batch: KeyBatch, _ keys: [KeyDescription], _ replies: [Reply]) {
        var keys = keys
        var followUp = KeyFollowUp()
        var next = 0
        for index in keys.indices {
            let count = keys[index].sizeQuestions(limit: valueBytes).count
            guard next + count <= replies.count else {
                outcome.skips.add(.unexpectedReply)
                break
            }
            keys[index].read(Array(replies[next..<(next + count)]), &outcome)
            followUp.add(keys[index], at: index)
            next += count
        }
        if followUp.questions.isEmpty {
            finish(keys)
        } else {
            phase = .settling(batch, keys, followUp)
        }
    }

    private mutating func settle(_ keys: [KeyDescription], _ followUp: KeyFollowUp, _ replies: [Reply]) {
        var keys = keys
        followUp.read(replies, into: &keys)
        finish(keys)
    }

    private mutating func finish(_ keys: [KeyDescription]) {
        for key in keys {
            add(key)
        }
        startBatch()
    }

    // MARK: Samples

    private mutating func add(_ key: KeyDescription) {
        guard key.key.key.count <= options.limits.nameBytes else { return outcome.drop(.name) }
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel(key.key.databaseLabel)
        outcome.samples.addLabel(key.key.key)
        if let size = key.size { outcome.samples.append(families[.size], labelsFrom: labels, size) }
        if let memory = key.memory { outcome.samples.append(families[.memory], labelsFrom: labels, memory) }
        guard valueBytes != nil, let value = key.value else { return }
        if key.isValueCut {
            outcome.drop(.value)
        } else if let number = KeyValue.number(value) {
            outcome.samples.append(families[.value], labelsFrom: labels, number)
        } else {
            let text = outcome.samples.labelStart
            outcome.samples.addLabel(key.key.databaseLabel)
            outcome.samples.addLabel(key.key.key)
            outcome.samples.addLabel(value)
            outcome.samples.append(families[.text], labelsFrom: text, 1)
        }
    }
}

/// Families of single keys, under the names that redis_exporter gave them.
enum KeyFamilies: Int, MetricFamilies {
    case size, memory, value, text

    var row: MetricRow {
        switch self {
        case .size:
            MetricRow(
                "", "redis_key_size", .gauge, labels: ["db", "key"],
                help: "Length of the key's string, or the number of its elements."
            )
        case .memory:
            MetricRow(
                "", "redis_key_memory_usage_bytes", .gauge, .bytes, labels: ["db", "key"],
                help: "Memory of the key and its value in bytes, estimated by the server."
            )
        case .value:
            MetricRow(
                "", "redis_key_value", .gauge, labels: ["db", "key"], help: "The key's string, where it is a number."
            )
        case .text:
            MetricRow(
                "", "redis_key_value_as_string", .gauge, labels: ["db", "key", "val"],
                help: "One, with the key's string as a label, where it is no number."
            )
        }
    }
}

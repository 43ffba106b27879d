import Metrics
import RedisClient

/// Streams with their groups and consumers.
///
/// Commands: `SCAN` for patterns; for each key `TYPE`, for each stream `XINFO STREAM`, `XINFO GROUPS`, for each group
/// `XINFO CONSUMERS`. ACL: these on the keys. Cost: that of the scan; about 5 µs for each stream and each group.
struct StreamsCheck: Check {
    static let name = "streams"
    /// Keys that are asked about together: the first and the last entry of a stream come with the reply.
    private static let batchSize = 20
    /// Groups that are asked about together.
    private static let groupBatchSize = 50

    private(set) var outcome = CheckOutcome()

    private enum Phase: Sendable {
        case scanning
        case typing(KeyBatch)
        case describing(KeyBatch)
        /// The groups that are still to be asked about, in reverse order.
        case listingConsumers(KeyBatch, [Group])
    }

    private struct Group: Sendable {
        let stream: KeySelector
        let name: [UInt8]
    }

    private let families: FamilyTable<StreamFamilies>
    private let options: CheckOptions
    private var scan: KeyScan
    private var batches: KeyBatches
    private var phase = Phase.scanning

    init(families: FamilyTable<StreamFamilies>, _ context: CheckContext) {
        self.families = families
        options = context.options
        batches = KeyBatches(followsKeys: options.isCluster)
        scan = KeyScan(patterns: options.streams, names: options.singleStreams, options: options)
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
        case .typing(let batch):
            return batch.ask(batch.keys.map { Command.about($0, "TYPE") })
        case .describing(let batch):
            return batch.ask(
                batch.keys.flatMap { [Command.about($0, "XINFO", "STREAM"), Command.about($0, "XINFO", "GROUPS")] }
            )
        case .listingConsumers(let batch, let groups):
            let commands = groups.suffix(Self.groupBatchSize).reversed().map { group in
                Command(arguments: Command.about(group.stream, "XINFO", "CONSUMERS").arguments + [group.name])
            }
            return batch.ask(Array(commands))
        }
    }

    private mutating func startBatch() {
        phase = batches.next().map { .typing($0) } ?? .scanning
    }

    mutating func read(_ answer: CheckAnswer) {
        if case .scanning = phase { return scan.read(answer, &outcome) }
        guard case .replies(let replies) = answer else {
            outcome.noteRefusal(answer)
            return startBatch()
        }
        switch phase {
        case .scanning: return
        case .typing(let batch): choose(batch, replies)
        case .describing(let batch): describe(batch, replies)
        case .listingConsumers(let batch, let groups): listConsumers(batch, groups, replies)
        }
    }

    /// Goes on with the keys that are streams; asking others would be an error in the server's statistics.
    private mutating func choose(_ batch: KeyBatch, _ replies: [Reply]) {
        let types = batches.types(of: batch, replies, &outcome)
        var streams = batch
        streams.keys = zip(batch.keys, types).filter { $0.1 == "stream" }.map(\.0)
        if streams.keys.isEmpty { startBatch() } else { phase = .describing(streams) }
    }

    private mutating func describe(_ batch: KeyBatch, _ replies: [Reply]) {
        var groups: [Group] = []
        for (position, stream) in batch.keys.enumerated() where position * 2 + 1 < replies.count {
            guard stream.key.count <= options.limits.nameBytes else {
                outcome.drop(.name)
                continue
            }
            addStream(stream, replies[position * 2])
            groups += addGroups(of: stream, replies[position * 2 + 1])
        }
        if options.excludesConsumers || groups.isEmpty {
            startBatch()
        } else {
            phase = .listingConsumers(batch, groups.reversed())
        }
    }

    private mutating func listConsumers(_ batch: KeyBatch, _ groups: [Group], _ replies: [Reply]) {
        for (group, reply) in zip(groups.suffix(Self.groupBatchSize).reversed(), replies) {
            addConsumers(of: group, reply)
        }
        let rest = Array(groups.dropLast(Self.groupBatchSize))
        if rest.isEmpty { startBatch() } else { phase = .listingConsumers(batch, rest) }
    }

    // MARK: Samples

    private mutating func startLabels(_ stream: KeySelector, _ names: [UInt8]...) -> Int {
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel(stream.databaseLabel)
        outcome.samples.addLabel(stream.key)
        for name in names {
            outcome.samples.addLabel(name)
        }
        return labels
    }

    private mutating func addStream(_ stream: KeySelector, _ reply: Reply) {
        guard reply.kind == .array else { return note(reply) }
        let labels = startLabels(stream)
        add(FieldPairs(reply), StreamFamilies.stream, labels)
    }

    private mutating func addGroups(of stream: KeySelector, _ reply: Reply) -> [Group] {
        guard reply.kind == .array else {
            note(reply)
            return []
        }
        var groups: [Group] = []
        for element in reply.elements {
            let fields = FieldPairs(element)
            guard let name = name(fields) else { continue }
            guard groups.count < options.limits.groupsPerStream else {
                outcome.drop(.streamGroups)
                continue
            }
            groups.append(Group(stream: stream, name: name))
            let labels = startLabels(stream, name)
            add(fields, StreamFamilies.group, labels)
        }
        return groups
    }

    private mutating func addConsumers(of group: Group, _ reply: Reply) {
        guard reply.kind == .array else { return note(reply) }
        var count = 0
        for element in reply.elements {
            let fields = FieldPairs(element)
            guard let name = name(fields) else { continue }
            count += 1
            guard count <= options.limits.consumersPerGroup else {
                outcome.drop(.streamGroups)
                continue
            }
            let labels = startLabels(group.stream, group.name, name)
            add(fields, StreamFamilies.consumer, labels)
        }
    }

    /// The name of a group or consumer, `nil` where it is none that can be exported.
    private mutating func name(_ fields: FieldPairs) -> [UInt8]? {
        guard let name = fields["name"], name.kind == .string else {
            outcome.skips.add(.malformed)
            return nil
        }
        let bytes = name.byteArray
        guard bytes.count <= options.limits.nameBytes else {
            outcome.drop(.name)
            return nil
        }
        return bytes
    }

    /// A stream or group that has gone in the meantime is no failure.
    private mutating func note(_ reply: Reply) {
        let text = reply.errorText ?? ""
        guard !text.hasPrefix("ERR no such key"), !text.hasPrefix("NOGROUP"), !text.hasPrefix("WRONGTYPE") else {
            return
        }
        outcome.noteNotExpected(reply)
    }

    private mutating func add(_ fields: FieldPairs, _ families: [StreamFamilies], _ labels: Int) {
        for family in families {
            let row = family.row
            guard let reply = fields[row.field], reply.kind != .null else { continue }
            guard let number = family.number(reply) else {
                // Of an empty stream there is no first entry, of an unknown lag no number.
                if reply.kind != .array || reply.count > 0 { outcome.skips.add(.notANumber) }
                continue
            }
            outcome.samples.append(
                self.families[family],
                labelsFrom: labels,
                row.sourceUnit.convert(number, to: row.unit)
            )
        }
    }
}

/// The fields of a reply that is names and values in turn.
struct FieldPairs {
    private var pairs: [(name: Reply, value: Reply)] = []

    /// Reads an array; anything else has no fields.
    init(_ reply: Reply) {
        var elements = reply.elements
        while let name = elements.next(), let value = elements.next() {
            pairs.append((name, value))
        }
    }

    /// The value of a field.
    subscript(name: String) -> Reply? {
        pairs.first { pair in pair.name.withBytes { $0.equals(text: name, in: $0.wholeRange) } }?.value
    }
}

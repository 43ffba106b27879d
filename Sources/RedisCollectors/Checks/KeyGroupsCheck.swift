import Metrics
import RedisClient

/// All keys, sorted into groups by Lua patterns: their number and their memory.
///
/// Commands: `INFO keyspace`, then `EVAL` of a script that does a part of a `SCAN` and `MEMORY USAGE` of its keys. ACL:
/// `+eval +scan +memory|usage` on all keys. Cost: every key is measured, about 1 µs each.
struct KeyGroupsCheck: Check {
    static let name = "key_groups"
    /// Groups of one database that are kept apart while counting.
    private static let keptGroups = 10_000
    /// A server that never ends a scan is left after so many steps.
    private static let stepLimit = 40_000_000
    /// Databases beyond this number without keys get no zeros.
    private static let databaseLimit = 1024
    private static let start = Array("0".utf8)
    private static let overflow = Array("overflow".utf8)

    /// Takes the cursor, the count and the patterns; gives the next cursor, then for each group name, keys and bytes.
    ///
    /// As in redis_exporter a group is named by what the first pattern that matches has captured.
    private static let script = """
        local page = redis.call('SCAN', ARGV[1], 'COUNT', ARGV[2])
        local counts, bytes, names = {}, {}, {}
        for _, key in ipairs(page[2]) do
          local usage = redis.pcall('MEMORY', 'USAGE', key)
          if type(usage) ~= 'number' then usage = 0 end
          local group = 'unclassified'
          for i = 3, #ARGV do
            local match = {string.find(key, ARGV[i])}
            if match[1] then group = table.concat({unpack(match, 3)}) break end
          end
          if not counts[group] then counts[group], bytes[group] = 0, 0 names[#names + 1] = group end
          counts[group], bytes[group] = counts[group] + 1, bytes[group] + usage
        end
        local reply = {page[1]}
        for _, name in ipairs(names) do
          reply[#reply + 1], reply[#reply + 2], reply[#reply + 3] = name, counts[name], bytes[name]
        end
        return reply
        """

    private(set) var outcome = CheckOutcome()

    private struct Usage: Sendable {
        var keys = 0.0
        var bytes = 0.0

        mutating func add(_ other: Usage) {
            keys += other.keys
            bytes += other.bytes
        }
    }

    private let families: FamilyTable<KeyGroupFamilies>
    private let options: CheckOptions
    private let databaseCount: Int
    /// The databases with keys that are still to be looked at, in reverse order; `nil` before they are known.
    private var databases: [Int]?
    private var cursor = Self.start
    private var steps = 0
    private var groups: [[UInt8]: Usage] = [:]
    private var rest = Usage()

    init(families: FamilyTable<KeyGroupFamilies>, _ context: CheckContext) {
        self.families = families
        options = context.options
        databaseCount = context.facts.isClusterEnabled ? 1 : context.facts.databases ?? 16
    }

    mutating func next() -> CheckStep? {
        guard let databases else { return .ask(CheckQuestion([Command("INFO", "keyspace")])) }
        guard let database = databases.last else { return nil }
        // Measuring a key takes several times as long as finding it, and nothing else runs meanwhile.
        let count = String(max(1, options.keysBatchSize / 4))
        let arguments = ["EVAL", Self.script, "0"].map { Array($0.utf8) } + [cursor, Array(count.utf8)]
        let command = Command(arguments: arguments + options.keyGroups.map { Array($0.utf8) })
        return .ask(CheckQuestion(database: database, [command]))
    }

    mutating func read(_ answer: CheckAnswer) {
        guard let database = databases?.last else { return readDatabases(answer) }
        guard case .replies(let replies) = answer, let reply = replies.first, reply.kind == .array else {
            if case .replies(let replies) = answer {
                outcome.noteNotExpected(replies.first)
            } else {
                outcome.noteRefusal(answer)
            }
            return abandon()
        }
        var elements = reply.elements
        guard let next = elements.next(), next.kind == .string, next.withBytes({ !$0.isEmpty && $0.count <= 20 }) else {
            outcome.skips.add(.unexpectedReply)
            return abandon()
        }
        while let name = elements.next(), let keys = elements.next()?.number, let bytes = elements.next()?.number {
            add(name.byteArray, Usage(keys: keys, bytes: bytes))
        }
        cursor = next.byteArray
        steps += 1
        guard steps <= Self.stepLimit else {
            outcome.skips.add(.overLimit)
            return abandon()
        }
        if cursor == Self.start { finish(database) }
    }

    private mutating func readDatabases(_ answer: CheckAnswer) {
        databases = []
        guard case .replies(let replies) = answer, let reply = replies.first, reply.kind == .string else {
            if case .replies(let replies) = answer {
                outcome.noteNotExpected(replies.first)
            } else {
                outcome.noteRefusal(answer)
            }
            return
        }
        let found = reply.withBytes { bytes in
            InfoLines(parsing: bytes).lines.compactMap { InfoKeyspaceSection.database(bytes, $0.name) }
        }
        databases = Set(found).sorted(by: >)
        for database in 0..<min(databaseCount, Self.databaseLimit) where !found.contains(database) {
            addDistinct(database, 0)
        }
    }

    private mutating func add(_ name: [UInt8], _ usage: Usage) {
        let isTooLong = name.count > options.limits.nameBytes
        if groups[name] == nil, isTooLong || groups.count >= Self.keptGroups {
            outcome.drop(isTooLong ? .name : .keyGroups)
            rest.add(usage)
        } else {
            groups[name, default: Usage()].add(usage)
        }
    }

    /// What is known of a part of a database would be wrong for the whole.
    private mutating func abandon() {
        startNextDatabase()
    }

    private mutating func finish(_ database: Int) {
        addDistinct(database, groups.count)
        // The largest are kept; those of one size in the order of their names, so that it is the same each time.
        let sorted = groups.sorted { left, right in
            left.value.bytes == right.value.bytes
                ? left.key.lexicographicallyPrecedes(right.key) : left.value.bytes > right.value.bytes
        }
        let kept = sorted.prefix(max(0, options.maxDistinctKeyGroups))
        for group in sorted.dropFirst(kept.count) {
            rest.add(group.value)
            outcome.drop(.keyGroups)
        }
        for group in kept.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            add(group.key, group.value, in: database)
        }
        if rest.keys > 0 { add(Self.overflow, rest, in: database) }
        startNextDatabase()
    }

    private mutating func startNextDatabase() {
        databases?.removeLast()
        cursor = Self.start
        steps = 0
        groups = [:]
        rest = Usage()
    }

    // MARK: Samples

    private mutating func addDistinct(_ database: Int, _ count: Int) {
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel("db\(database)")
        outcome.samples.append(families[.distinct], labelsFrom: labels, Double(count))
    }

    private mutating func add(_ name: [UInt8], _ usage: Usage, in database: Int) {
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel("db\(database)")
        outcome.samples.addLabel(name)
        outcome.samples.append(families[.count], labelsFrom: labels, usage.keys)
        outcome.samples.append(families[.memory], labelsFrom: labels, usage.bytes)
    }
}

/// Families of groups of keys, under the names that redis_exporter gave them.
enum KeyGroupFamilies: Int, MetricFamilies {
    case count, memory, distinct, duration

    var row: MetricRow {
        switch self {
        case .count:
            MetricRow("", "redis_key_group_count", .gauge, labels: ["db", "key_group"], help: "Keys of the group.")
        case .memory:
            MetricRow(
                "", "redis_key_group_memory_usage_bytes", .gauge, .bytes, labels: ["db", "key_group"],
                help: "Memory of the keys of the group and their values in bytes, estimated by the server."
            )
        case .distinct:
            MetricRow(
                "", "redis_number_of_distinct_key_groups", .gauge, labels: ["db"],
                help: "Groups that the keys of the database belong to."
            )
        case .duration:
            MetricRow(
                "", "redis_last_key_groups_scrape_duration_milliseconds", .gauge, .milliseconds,
                help: "Time the last sorting of keys into groups took in milliseconds, zero where there is none."
            )
        }
    }
}

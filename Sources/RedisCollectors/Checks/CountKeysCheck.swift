import Metrics
import RedisClient

/// The number of keys that match each pattern.
///
/// Commands: `SCAN` to the end, for the pattern `*` `DBSIZE`. ACL: `+scan +dbsize`. Cost: the whole keyspace is looked
/// at for each pattern, about 0.1 µs a key.
struct CountKeysCheck: Check {
    static let name = "count_keys"
    /// A server that never ends a scan is left after so many steps.
    private static let stepLimit = 4_000_000
    private static let start = Array("0".utf8)
    private static let all = Array("*".utf8)

    private(set) var outcome = CheckOutcome()

    private let families: FamilyTable<CountKeysFamilies>
    private let batchSize: Int
    private var patterns: [KeySelector]
    private var cursor = Self.start
    private var count = 0
    private var steps = 0

    init(families: FamilyTable<CountKeysFamilies>, _ context: CheckContext) {
        self.families = families
        batchSize = context.options.keysBatchSize
        var seen: Set<KeySelector> = []
        // Taken from the end.
        patterns = context.options.countKeys.filter { seen.insert($0).inserted }.reversed()
    }

    mutating func next() -> CheckStep? {
        guard let pattern = patterns.last else { return nil }
        let command =
            pattern.key == Self.all ? Command("DBSIZE") : KeyScan.scan(cursor, pattern.key, count: batchSize)
        return .ask(CheckQuestion(database: pattern.database, [command]))
    }

    mutating func read(_ answer: CheckAnswer) {
        guard let pattern = patterns.last else { return }
        if pattern.key == Self.all, case .replies(let replies) = answer {
            guard replies.first?.kind == .integer, let number = replies[0].number else {
                outcome.noteNotExpected(replies.first)
                return finish(pattern, nil)
            }
            return finish(pattern, number)
        }
        guard let page = ScanPage(answer, &outcome) else { return finish(pattern, nil) }
        count += page.keys.count
        steps += 1
        cursor = page.cursor
        if cursor == Self.start {
            finish(pattern, Double(count))
        } else if steps > Self.stepLimit {
            outcome.skips.add(.overLimit)
            finish(pattern, nil)
        }
    }

    private mutating func finish(_ pattern: KeySelector, _ number: Double?) {
        patterns.removeLast()
        cursor = Self.start
        count = 0
        steps = 0
        guard let number else { return }
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel(pattern.databaseLabel)
        outcome.samples.addLabel(pattern.key)
        outcome.samples.append(families[.count], labelsFrom: labels, number)
    }
}

/// The family of counted keys.
enum CountKeysFamilies: Int, MetricFamilies {
    case count

    var row: MetricRow {
        MetricRow(
            "", "redis_keys_count", .gauge, labels: ["db", "key"], help: "Keys that match the pattern in the label key."
        )
    }
}

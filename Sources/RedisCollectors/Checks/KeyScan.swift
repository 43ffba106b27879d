import RedisClient

/// Turns patterns into names of keys with `SCAN`, a bounded number for each pattern.
struct KeyScan: Sendable {
    /// A server that never ends a scan is left after so many steps.
    private static let stepLimit = 4_000_000

    /// The keys found, each once, in the order of database and name; valid when the scan is complete.
    private(set) var found: [KeySelector] = []

    private let patterns: [KeySelector]
    private let names: Set<KeySelector>
    private let batchSize: Int
    private let limits: CheckOptions.Limits
    private var position = 0
    private var cursor = Self.start
    private var steps = 0
    private var seen: Set<KeySelector>
    /// Keys that the present pattern has brought.
    private var count = 0

    private static let start = Array("0".utf8)

    /// Patterns that can stand for one key only need no scan, and neither do `names`.
    init(patterns: [KeySelector], names: [KeySelector], options: CheckOptions) {
        self.patterns = patterns.filter(\.isPattern)
        self.names = Set(names + patterns.filter { !$0.isPattern })
        batchSize = options.keysBatchSize
        limits = options.limits
        seen = self.names
        settleIfComplete()
    }

    /// Whether a key was named, not found.
    func isNamed(_ key: KeySelector) -> Bool {
        names.contains(key)
    }

    /// Forgets the keys that were found, once they are taken over.
    mutating func removeFound() {
        found = []
    }

    /// The next step, `nil` when all patterns are done.
    mutating func next() -> CheckStep? {
        guard position < patterns.count else { return nil }
        let pattern = patterns[position]
        return .ask(CheckQuestion(database: pattern.database, [Self.scan(cursor, pattern.key, count: batchSize)]))
    }

    static func scan(_ cursor: [UInt8], _ pattern: [UInt8], count: Int) -> Command {
        Command(
            arguments: [Array("SCAN".utf8), cursor, Array("MATCH".utf8), pattern, Array("COUNT".utf8)]
                + [Array(String(max(1, count)).utf8)]
        )
    }

    mutating func read(_ answer: CheckAnswer, _ outcome: inout CheckOutcome) {
        guard position < patterns.count else { return }
        steps += 1
        guard let page = ScanPage(answer, &outcome) else { return finishPattern() }
        for key in page.keys {
            add(key, &outcome)
        }
        cursor = page.cursor
        if cursor == Self.start || count > limits.keysPerPattern { return finishPattern() }
        if steps > Self.stepLimit {
            outcome.skips.add(.overLimit)
            finishPattern()
        }
    }

    private mutating func add(_ key: [UInt8], _ outcome: inout CheckOutcome) {
        guard key.count <= limits.nameBytes else { return outcome.drop(.name) }
        // SCAN may give a key twice.
        guard seen.insert(KeySelector(database: patterns[position].database, key: key)).inserted else { return }
        count += 1
        guard count <= limits.keysPerPattern else { return outcome.drop(.keys) }
        found.append(KeySelector(database: patterns[position].database, key: key))
    }

    private mutating func finishPattern() {
        position += 1
        cursor = Self.start
        count = 0
        steps = 0
        settleIfComplete()
    }

    private mutating func settleIfComplete() {
        guard position == patterns.count else { return }
        seen = []
        // In a fixed order, as SCAN has none: else the series of a poll would be others than those before.
        found = (Array(names) + found).sorted { left, right in
            left.database == right.database
                ? left.key.lexicographicallyPrecedes(right.key) : left.database < right.database
        }
    }
}

/// One reply to `SCAN`.
struct ScanPage {
    let cursor: [UInt8]
    let keys: [[UInt8]]

    /// `nil` where the answer is something else, which is then noted.
    init?(_ answer: CheckAnswer, _ outcome: inout CheckOutcome) {
        guard case .replies(let replies) = answer else {
            outcome.noteRefusal(answer)
            return nil
        }
        guard let reply = replies.first, reply.kind == .array, reply.count == 2 else {
            outcome.noteNotExpected(replies.first)
            return nil
        }
        var elements = reply.elements
        guard let cursor = elements.next(), let keys = elements.next(), keys.kind == .array, cursor.kind == .string,
            cursor.withBytes({ !$0.isEmpty && $0.count <= 20 })
        else {
            outcome.skips.add(.unexpectedReply)
            return nil
        }
        self.cursor = cursor.byteArray
        self.keys = keys.elements.compactMap { $0.kind == .string ? $0.byteArray : nil }
    }
}

extension CheckOutcome {
    /// Notes why a question could not be asked.
    mutating func noteRefusal(_ answer: CheckAnswer) {
        if case .refusal(let text) = answer { failure = failure ?? text } else { skips.add(.unexpectedReply) }
    }
}

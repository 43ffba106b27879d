import Metrics
import RedisClient

/// Lua scripts of the user, whose replies are names and numbers in turn.
///
/// Commands: `EVAL` or `EVAL_RO`. ACL: `+eval` and what the scripts do. Cost: what the scripts do.
struct ScriptsCheck: Check {
    static let name = "scripts"

    private(set) var outcome = CheckOutcome()
    private let families: FamilyTable<ScriptFamilies>
    private let command: String
    private let valueLimit: Int
    private let nameBytes: Int
    /// Taken from the end.
    private var scripts: [CheckScript]

    init(families: FamilyTable<ScriptFamilies>, _ context: CheckContext) {
        self.families = families
        command = context.options.runsScriptsReadOnly ? "EVAL_RO" : "EVAL"
        valueLimit = context.options.limits.scriptValues
        nameBytes = context.options.limits.nameBytes
        scripts = context.options.scripts.reversed()
    }

    mutating func next() -> CheckStep? {
        scripts.last.map { .ask(CheckQuestion([Command(command, $0.source, "0", "0")])) }
    }

    mutating func read(_ answer: CheckAnswer) {
        guard let script = scripts.popLast() else { return }
        let result = result(of: script, answer)
        let labels = outcome.samples.labelStart
        outcome.samples.addLabel(script.filename)
        outcome.samples.append(families[.result], labelsFrom: labels, Double(result.rawValue))
    }

    /// The values of `redis_script_result`.
    private enum Result: Int {
        case error, good, empty
    }

    private mutating func result(of script: CheckScript, _ answer: CheckAnswer) -> Result {
        guard case .replies(let replies) = answer, let reply = replies.first else {
            outcome.noteRefusal(answer)
            return .error
        }
        if reply.kind == .null { return .empty }
        guard reply.kind == .array else {
            fail(script, reply.errorText ?? "its reply is no list of names and numbers")
            return .error
        }
        guard let values = values(reply) else {
            fail(script, "its reply is no list of names and numbers in turn")
            return .error
        }
        for (name, number) in values {
            let labels = outcome.samples.labelStart
            outcome.samples.addLabel(name)
            outcome.samples.addLabel(script.filename)
            outcome.samples.append(families[.value], labelsFrom: labels, number)
        }
        return reply.count == 0 ? .empty : .good
    }

    private mutating func fail(_ script: CheckScript, _ text: String) {
        outcome.failure = outcome.failure ?? "\(script.filename): \(text)"
    }

    /// The pairs, `nil` where one is none.
    ///
    /// Of a name that comes twice the last number counts.
    private mutating func values(_ reply: Reply) -> [([UInt8], Double)]? {
        var values: [([UInt8], Double)] = []
        var places: [[UInt8]: Int] = [:]
        var elements = reply.elements
        while let name = elements.next() {
            guard name.kind == .string || name.kind == .status || name.kind == .integer,
                let value = elements.next(), let number = value.number ?? KeyValue.number(value.byteArray)
            else { return nil }
            let key = name.kind == .integer ? Array(String(name.integer ?? 0).utf8) : name.byteArray
            if let place = places[key] {
                values[place].1 = number
            } else if key.count > nameBytes {
                outcome.drop(.name)
            } else if values.count == valueLimit {
                outcome.drop(.scriptValues)
            } else {
                places[key] = values.count
                values.append((key, number))
            }
        }
        return values
    }
}

/// Families of scripts, under the names that redis_exporter gave them.
enum ScriptFamilies: Int, MetricFamilies {
    case value, result

    var row: MetricRow {
        switch self {
        case .value:
            MetricRow(
                "", "redis_script_values", .gauge, labels: ["key", "filename"],
                help: "Numbers in the replies of scripts, by name and script."
            )
        case .result:
            MetricRow(
                "", "redis_script_result", .gauge, labels: ["filename"],
                help: "What came of the script: 0 an error, 1 numbers, 2 an empty reply."
            )
        }
    }
}

import Metrics
import RedisClient

/// The size of the RDB file, where Redstart runs on the machine of the server.
///
/// Commands: `CONFIG GET dir`, `CONFIG GET dbfilename`. ACL: `+config|get`. Cost: 10 µs of the server.
struct RDBFileCheck: Check {
    static let name = "rdb_file"

    private enum State: Sendable {
        case asking
        case looking(path: String)
        case done
    }

    private(set) var outcome = CheckOutcome()
    private let families: FamilyTable<RDBFileFamilies>
    private var state = State.asking

    init(families: FamilyTable<RDBFileFamilies>) {
        self.families = families
    }

    mutating func next() -> CheckStep? {
        switch state {
        case .asking:
            .ask(CheckQuestion([Command("CONFIG", "GET", "dir"), Command("CONFIG", "GET", "dbfilename")]))
        case .looking(let path): .fileSize(path: path)
        case .done: nil
        }
    }

    mutating func read(_ answer: CheckAnswer) {
        switch answer {
        case .replies(let replies) where replies.count == 2:
            guard let directory = value(replies[0]), let file = value(replies[1]) else { return state = .done }
            state = .looking(path: directory + "/" + file)
        case .fileSize(let size):
            // As redis_exporter has it: no file, no bytes.
            outcome.samples.append(families[.size], Double(size ?? 0))
            state = .done
        case .replies, .refusal:
            outcome.noteRefusal(answer)
            state = .done
        }
    }

    private mutating func value(_ reply: Reply) -> String? {
        var elements = reply.elements
        guard reply.kind == .array, elements.next() != nil, let value = elements.next(), value.kind == .string else {
            outcome.noteNotExpected(reply)
            return nil
        }
        return value.text
    }
}

/// The family of the RDB file.
enum RDBFileFamilies: Int, MetricFamilies {
    case size

    var row: MetricRow {
        MetricRow(
            "", "redis_rdb_current_size_bytes", .gauge, .bytes,
            help: "Size of the RDB file on the machine of Redstart, zero where there is none."
        )
    }
}

import RedisClient

/// What is found out about one key.
struct KeyDescription: Sendable {
    let key: KeySelector
    /// What `TYPE` says: `string`, `list`, the name of a module's type, `none`.
    let type: String
    var size: Double?
    var memory: Double?
    /// The string, or its beginning; `nil` where there is no value to show.
    var value: [UInt8]?
    /// Whether `value` is only the beginning.
    var isValueCut = false

    init(key: KeySelector, type: String) {
        self.key = key
        self.type = type
        if type == Self.missing { size = 0 }
    }

    private static let missing = "none"

    /// Whether there is no such key.
    var isMissing: Bool {
        type == Self.missing
    }

    /// The questions that follow from the type.
    ///
    /// - Parameter limit: The longest value that is of interest; `nil` for none.
    func sizeQuestions(limit: Int?) -> [Command] {
        switch type {
        case "string":
            let end = limit ?? Self.hyperLogLogMark.count - 1
            return [
                Command.about(key, "STRLEN"),
                Command(arguments: [Array("GETRANGE".utf8), key.key, [0x30], Array(String(end).utf8)]),
            ]
        case "list": return [Command.about(key, "LLEN")]
        case "set": return [Command.about(key, "SCARD")]
        case "zset": return [Command.about(key, "ZCARD")]
        case "hash": return [Command.about(key, "HLEN")]
        case "stream": return [Command.about(key, "XLEN")]
        case "array": return [Command.about(key, "ARCOUNT")]
        default: return []
        }
    }

    /// Takes the answers to `sizeQuestions`.
    ///
    /// A key that has gone or changed its type meanwhile has no size.
    mutating func read(_ replies: [Reply], _ outcome: inout CheckOutcome) {
        guard let first = replies.first else { return }
        if first.kind == .integer {
            size = first.number
        } else if first.errorText?.hasPrefix("WRONGTYPE") != true {
            outcome.noteNotExpected(first)
        }
        guard replies.count == 2, replies[1].kind == .string else { return }
        let bytes = replies[1].byteArray
        value = bytes
        isValueCut = Double(bytes.count) < (size ?? 0)
    }

    /// The bytes with which the server begins the string of a HyperLogLog: `src/hyperloglog.c`.
    private static let hyperLogLogMark = Array("HYLL".utf8)

    /// Whether the string may be a HyperLogLog.
    var looksLikeHyperLogLog: Bool {
        value?.starts(with: Self.hyperLogLogMark) == true && (size ?? 0) >= 16
    }
}

/// Second questions about some keys of a batch.
///
/// A HyperLogLog counts as what it counts; asking every string whether it is one, as redis_exporter does, leaves an
/// error per string in the server's statistics. An empty string is told from a key that has just gone.
struct KeyFollowUp: Sendable {
    private enum Kind: Sendable {
        case cardinality, existence
    }

    private var items: [(index: Int, kind: Kind)] = []
    private(set) var questions: [Command] = []

    /// Asks about a key if need be.
    mutating func add(_ key: KeyDescription, at index: Int) {
        guard key.type == "string" else { return }
        if key.looksLikeHyperLogLog {
            items.append((index, .cardinality))
            questions.append(Command.about(key.key, "PFCOUNT"))
        } else if key.size == 0 {
            items.append((index, .existence))
            questions.append(Command.about(key.key, "EXISTS"))
        }
    }

    /// Takes the answers.
    func read(_ replies: [Reply], into keys: inout [KeyDescription]) {
        for (item, reply) in zip(items, replies) {
            switch item.kind {
            case .cardinality where reply.kind == .integer:
                keys[item.index].size = reply.number
                keys[item.index].value = nil
            case .existence where reply.integer != 1:
                keys[item.index].size = nil
                keys[item.index].value = nil
            default:
                break
            }
        }
    }
}

/// Strings that are numbers, as redis_exporter reads them.
enum KeyValue {
    /// A longer text is no number.
    private static let limit = 64

    /// The number; also infinity, NaN and hexadecimal, but not what is too large for a number.
    static func number(_ bytes: [UInt8]) -> Double? {
        if let number = bytes.span.decimal(in: 0..<bytes.count) { return number }
        guard (1...limit).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        let isNamed = digits == "inf" || digits == "infinity" || text == "nan"
        guard isNamed || !digits.contains("n") else { return nil }
        // As Go has it: hexadecimal only with an exponent.
        guard !digits.hasPrefix("0x") || digits.contains("p") else { return nil }
        return Double(text).flatMap { $0.isInfinite && !isNamed ? nil : $0 }
    }
}

extension Command {
    /// A command whose last argument is a key.
    static func about(_ key: KeySelector, _ words: String...) -> Command {
        Command(arguments: words.map { Array($0.utf8) } + [key.key])
    }
}

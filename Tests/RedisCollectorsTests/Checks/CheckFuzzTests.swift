import Metrics
import RedisClient
import Testing

@testable import RedisCollectors

/// Whatever a server answers, a check neither traps nor goes on for ever, and makes no number up.
@Suite struct CheckFuzzTests {
    /// Replies to the commands of a check: what a server could say, or something else.
    private struct HostileServer {
        var random: RobustnessTests.Random

        mutating func answer(_ step: CheckStep) -> CheckAnswer {
            guard case .ask(let question) = step else {
                return Bool.random(using: &random)
                    ? .fileSize(nil) : .fileSize(.random(in: .min ... .max, using: &random))
            }
            switch Int.random(in: 0..<40, using: &random) {
            case 0: return .refusal("no such database")
            case 1: return .fileSize(1)
            case 2: return .replies([])
            default:
                let count = Int.random(in: 0..<20, using: &random) == 0 ? 1 : question.commands.count
                return .replies((0..<count).map { _ in reply(depth: 0) })
            }
        }

        private mutating func reply(depth: Int) -> Reply {
            RESP.reply(encoded(depth: depth)) ?? RESP.reply("$-1\r\n")!
        }

        private mutating func encoded(depth: Int) -> [UInt8] {
            let words = [
                "stream", "string", "list", "none", "hash", "0", "17", "1700000000000-1", "name", "lag", "pending",
                "idle", "last-entry", "db0:keys=1", "num_docs", "-nan", "1e999", "consumers", "dir", "*", "",
            ]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: return Array(":\(Int64.random(in: .min ... .max, using: &random))\r\n".utf8)
            case 1: return Array(":\(Int.random(in: 0..<5, using: &random))\r\n".utf8)
            case 2: return Array("$-1\r\n".utf8)
            case 3:
                let errors = ["ERR no", "MOVED 1 h:1", "MOVED", "ASK 1 h:1", "ASK", "NOPERM x"]
                return Array("-\(errors.randomElement(using: &random) ?? "")\r\n".utf8)
            case 4: return Array("+\(words.randomElement(using: &random) ?? "")\r\n".utf8)
            case 5...7 where depth < 4:
                let count = Int.random(in: 0..<6, using: &random)
                return Array("*\(count)\r\n".utf8) + (0..<count).flatMap { _ in encoded(depth: depth + 1) }
            default:
                let isWord = Bool.random(using: &random)
                let bytes: [UInt8] =
                    isWord
                    ? Array((words.randomElement(using: &random) ?? "").utf8)
                    : (0..<Int.random(in: 0..<30, using: &random)).map { _ in .random(in: 0...255, using: &random) }
                return Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
            }
        }
    }

    @Test("Random replies to every question", arguments: 0..<60)
    func randomReplies(seed: Int) {
        var server = HostileServer(random: RobustnessTests.Random(state: UInt64(seed) &* 7919 &+ 5))
        var run = CheckRun()
        for isCluster in [false, true] {
            let facts = CheckRun.facts(isCluster: isCluster)
            let outcomes = run.run(CheckRun.everything, facts: facts, stepLimit: 400) { server.answer($0) }
            for outcome in outcomes {
                // Only the strings of keys may be infinite, as they are what a user wrote.
                let values = run.values(outcome).filter { !$0.key.hasPrefix("redis_key_value") }
                #expect(!values.values.contains { !$0.isFinite })
            }
        }
    }

    @Test("A reply cut short loses what was cut, nothing else", arguments: ["redis-6.2", "valkey-8.1"])
    func truncatedStreams(server: String) throws {
        let node = FixtureServer(server: server, role: "standalone")
        let stream = try #require(node.bytes("XINFO_STREAM_orders").flatMap(RESP.reply))
        var options = CheckOptions()
        options.singleStreams = [KeySelector(key: Array("orders".utf8))]
        options.excludesConsumers = true
        var run = CheckRun()
        func outcome(_ reply: Reply) -> CheckOutcome {
            run.run(options) { step in
                guard case .ask(let question) = step else { return .fileSize(nil) }
                return .replies(
                    question.commands.map { command in
                        if command.name == "TYPE" { return RESP.reply("+stream\r\n")! }
                        return command.arguments[1] == Array("STREAM".utf8) ? reply : RESP.reply("*0\r\n")!
                    }
                )
            }[0]
        }
        let whole = run.values(outcome(stream))
        #expect(whole["redis_stream_length{db=\"db0\", stream=\"orders\"}"] == 10)
        #expect(whole["redis_stream_first_entry_id{db=\"db0\", stream=\"orders\"}"] == 1_700_000_000_000)
        for length in 0..<stream.count {
            let elements = Array(stream.elements.prefix(length))
            let bytes = Array("*\(elements.count)\r\n".utf8) + elements.flatMap(Self.encode)
            let values = run.values(outcome(try #require(RESP.reply(bytes))))
            #expect(values.allSatisfy { whole[$0.key] == $0.value })
            #expect(values.count >= min(length / 2, 6) - 1)
        }
    }

    private static func encode(_ reply: Reply) -> [UInt8] {
        switch reply.kind {
        case .integer: Array(":\(reply.integer ?? 0)\r\n".utf8)
        case .array: Array("*\(reply.count)\r\n".utf8) + reply.elements.flatMap(encode)
        default: Array("$\(reply.byteArray.count)\r\n".utf8) + reply.byteArray + Array("\r\n".utf8)
        }
    }
}

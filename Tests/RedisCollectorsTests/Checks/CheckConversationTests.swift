import Metrics
import RedisClient
import Testing

@testable import RedisCollectors

/// What checks ask, and what they make of answers, without a server.
@Suite struct CheckConversationTests {
    /// A cluster of two nodes: `here` has `a`, `there` has `b`.
    private func answerOfCluster(_ step: CheckStep) -> CheckAnswer {
        guard case .ask(let question) = step else { return .fileSize(nil) }
        let isThere = question.address == "10.0.0.2:6379"
        return .replies(
            question.commands.map { command in
                let key = command.arguments.last.map { String(decoding: $0, as: UTF8.self) } ?? ""
                guard (key == "b") == isThere else {
                    return RESP.reply("-MOVED 1 10.0.0.\(isThere ? 1 : 2):6379\r\n")!
                }
                switch command.name {
                case "TYPE": return RESP.reply("+list\r\n")!
                case "LLEN": return RESP.reply(isThere ? ":22\r\n" : ":11\r\n")!
                default: return RESP.reply(":100\r\n")!
                }
            }
        )
    }

    @Test("A key of another node of the cluster is followed there where that is asked for, else left to that node")
    func cluster() {
        var options = CheckOptions()
        options.singleKeys = ["a", "b"].map { KeySelector(key: Array($0.utf8)) }
        for (isCluster, sizes) in [(true, ["a": 11.0, "b": 22]), (false, ["a": 11])] {
            options.isCluster = isCluster
            var run = CheckRun()
            let outcome = run.run(options, facts: CheckRun.facts(isCluster: true), answer: answerOfCluster)[0]
            let values = run.values(outcome)
            for key in ["a", "b"] {
                #expect(values["redis_key_size{db=\"db0\", key=\"\(key)\"}"] == sizes[key])
            }
            #expect(outcome.failure == nil && outcome.skips.isEmpty)
        }
    }

    @Test("A cluster that sends its askers round in circles is left after a few times")
    func circles() {
        var options = CheckOptions()
        options.singleKeys = [KeySelector(key: Array("a".utf8))]
        options.isCluster = true
        var questions = 0
        let outcome = CheckRun().run(options) { step in
            questions += 1
            guard case .ask(let question) = step else { return .fileSize(nil) }
            return .replies(question.commands.map { _ in RESP.reply("-MOVED 1 10.0.0.\(questions):6379\r\n")! })
        }[0]
        #expect(questions == 4)
        #expect(outcome.samples.count == 0)
    }

    @Test("A scan that never ends is bounded by the limit of keys")
    func endlessScan() {
        var options = CheckOptions()
        options.keys = [KeySelector(key: Array("*".utf8))]
        options.limits.keysPerPattern = 100
        var scans = 0
        let outcome = CheckRun().run(options) { step in
            guard case .ask(let question) = step else { return .fileSize(nil) }
            return .replies(
                question.commands.map { command in
                    guard command.name == "SCAN" else { return RESP.reply("+none\r\n")! }
                    scans += 1
                    let key = "key\(scans)"
                    return RESP.reply("*2\r\n$1\r\n7\r\n*1\r\n$\(key.utf8.count)\r\n\(key)\r\n")!
                }
            )
        }[0]
        #expect(scans == 101)
        #expect(outcome.dropped[.keys] == 1)
    }

    @Test("A master is spared on request, but for groups and scripts; a Sentinel is always")
    func spared() {
        var options = CheckRun.everything
        options.skipsMasters = true
        let catalog = CheckRun().catalog
        func names(_ facts: ServerFacts) -> [String] {
            catalog.checks(CheckContext(options: options, facts: facts)).map { type(of: $0).name }
        }
        var facts = CheckRun.facts()
        #expect(names(facts) == ["rdb_file", "scripts", "search_indexes", "key_groups"])
        facts.role = .replica
        #expect(names(facts).count == 7)
        facts.role = .sentinel
        #expect(names(facts).isEmpty)
        #expect(names(ServerFacts()).isEmpty)
    }

    @Test("A search index has its numbers, sizes in bytes; what it cannot tell is left out")
    func searchIndex() {
        var options = CheckOptions()
        options.searchIndexes = SearchIndexFilter(pattern: "i.*") { $0.hasPrefix("i") }
        var run = CheckRun()
        let outcome = run.run(options) { step in
            guard case .ask(let question) = step else { return .fileSize(nil) }
            return .replies(
                question.commands.map { command in
                    if command.name == "FT._LIST" { return RESP.reply(RESP.array(["idx", "other"]))! }
                    return RESP.reply(
                        RESP.array([
                            "index_name", "idx", "num_docs", "12", "inverted_sz_mb", "0.5", "number_of_uses", "3",
                            "bytes_per_record_avg", "-nan", "records_per_doc_avg", "2.25", "indexing", "0",
                            "hash_indexing_failures", "many", "unknown_field", "5",
                        ])
                    )!
                }
            )
        }[0]
        let values = run.values(outcome)
        func value(_ name: String) -> Double? {
            values["redis_search_index_\(name){index_name=\"idx\"}"]
        }
        #expect(value("num_docs") == 12)
        #expect(value("inverted_size_bytes") == 524_288)
        #expect(value("number_of_uses_total") == 3)
        #expect(value("avg_per_doc_records") == 2.25)
        #expect(value("indexing") == 0)
        #expect(values.count == 5)
        #expect(outcome.skips.total == 1 && outcome.skips[.notANumber] == 1)
    }

    @Test("Names of any bytes are written as both formats want them")
    func hostileNames() {
        var options = CheckOptions()
        options.singleKeys = [KeySelector(key: Array("a\"b\\c\nd".utf8) + [0xFF, 0x00])]
        var run = CheckRun()
        let outcome = run.run(options) { step in
            guard case .ask(let question) = step else { return .fileSize(nil) }
            return .replies(
                question.commands.map { command in
                    switch command.name {
                    case "TYPE": RESP.reply("+string\r\n")!
                    case "GETRANGE": RESP.bulk(Array("x\"\n\\\u{2028}".utf8) + [0xC3])!
                    default: RESP.reply(":8\r\n")!
                    }
                }
            )
        }[0]
        for format in [ExpositionFormat.prometheusText, .openMetrics] {
            let text = run.text(outcome, as: format)
            #expect(text.contains(#"redis_key_size{db="db0",key="a\"b\\c\nd"# + "\u{FFFD}\u{0}\"} 8"), "\(text)")
            #expect(text.contains(#"val="x\"\n\\"# + "\u{2028}\u{FFFD}\"} 1"), "\(text)")
        }
    }
}

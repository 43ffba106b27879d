import Metrics
import PromQL
import Testing

@Suite("Hostile input")
struct HostileInputTests {
    private static func source() throws -> MemorySource {
        var source = MemorySource()
        for index in 0..<20 {
            try source.load("m{i=\"\(index)\"}", "0+1x100", interval: 15_000)
        }
        return source
    }

    @Test(
        "deep nesting is refused with a place",
        arguments: [
            String(repeating: "(", count: 1000),
            String(repeating: "(", count: 1000) + "1" + String(repeating: ")", count: 1000),
            String(repeating: "-", count: 1000) + "a", String(repeating: "sum(", count: 1000),
            "a" + String(repeating: "+a", count: 5000), "a" + String(repeating: "[1m:1m]", count: 1000),
            String(repeating: "abs(", count: 300) + "a" + String(repeating: ")", count: 300),
            "2" + String(repeating: "^2", count: 1000),
        ]
    )
    func nesting(text: String) {
        #expect(throws: QueryError.self) { try Query(parsing: text) }
    }

    @Test("chains below the limit are evaluated")
    func chain() throws {
        let query = try Query(parsing: "m" + String(repeating: " + m", count: 200))
        let result = try QueryEngine().instant(query, at: 15_000, source: try Self.source())
        guard case .vector(let samples) = result.value else {
            Issue.record("no vector")
            return
        }
        #expect(samples.count == 20)
        #expect(samples.first?.value == 201)
    }

    @Test("an expression of a megabyte is refused")
    func size() {
        let text = "a{b=\"" + String(repeating: "x", count: 1 << 20) + "\"}"
        do {
            _ = try Query(parsing: text)
            Issue.record("accepted")
        } catch {
            #expect(error.message == "the expression has 1048583 bytes, more than the 262144 allowed")
        }
    }

    @Test(
        "queries that would need too much memory are refused",
        arguments: [
            "max_over_time({__name__=~\".+\"}[1h:1ms])", "sum_over_time(vector(1)[100y:1ms])",
            "max_over_time(m[10y:1s])", "max_over_time(max_over_time(m[1d:1s])[30d:1s])",
        ]
    )
    func memory(text: String) throws {
        let engine = QueryEngine(options: QueryEngine.Options(maximumSamples: 1_000_000))
        let query = try Query(parsing: text)
        #expect(throws: QueryError.tooManySamples) {
            try engine.instant(query, at: 1_500_000, source: try Self.source())
        }
        #expect(
            QueryError.tooManySamples.description
                == "query processing would load too many samples into memory in query execution"
        )
    }

    @Test("label values that grow with each call are refused before they fill the memory")
    func labelText() throws {
        // 800 KB for each of 20 series by each call.
        let separator = String(repeating: "x", count: 50_000)
        let sources = String(repeating: ", \"i\"", count: 17)
        let text = (0..<5).reduce("m") { "label_join(\($0), \"l\($1)\", \"\(separator)\"\(sources))" }
        #expect(throws: QueryError.execution("the query makes label values of more than 67108864 bytes")) {
            try QueryEngine().instant(try Query(parsing: text), at: 15_000, source: try Self.source())
        }
    }

    @Test("times at the end of the clock are refused or have no result", arguments: [Int64.max, .min, .max - 1])
    func time(_ time: Int64) throws {
        let query = try Query(parsing: "m + rate(m[5m] offset 290y)")
        #expect(throws: QueryError.self) { try QueryEngine().instant(query, at: time, source: try Self.source()) }
        #expect(throws: QueryError.self) {
            try QueryEngine().range(query, from: 0, through: time, step: 1, source: try Self.source())
        }
    }

    @Test("extreme times within the range of the clock do no harm")
    func farTimes() throws {
        let engine = QueryEngine()
        for text in ["m @ 4e15", "m @ -4e15 offset 290y", "rate(m[290y])", "m offset -290y", "hour() + year()"] {
            let query = try Query(parsing: text)
            for time in [Int64(1) << 60, -(1 << 60), 0] {
                _ = try engine.instant(query, at: time, source: try Self.source())
            }
        }
        #expect(throws: QueryError.self) { try Query(parsing: "m @ 1e30") }
    }

    @Test("a tower of wildcards matches in linear time")
    func wildcards() throws {
        let pattern = String(repeating: ".*", count: 200) + "z"
        let expression = try RegularExpression(pattern)
        #expect(!expression.matches(String(repeating: "a", count: 20_000)))
        #expect(throws: QueryError.self) { try RegularExpression("(a{1000}){1000}") }
    }

    @Test("a query stops at its deadline")
    func deadline() throws {
        let engine = QueryEngine(options: QueryEngine.Options(timeout: .nanoseconds(1)))
        let query = try Query(parsing: "sum(m) + sum(m)")
        #expect(throws: QueryError.timeout("expression evaluation")) {
            try engine.instant(query, at: 0, source: try Self.source())
        }
        #expect(QueryError.timeout("expression evaluation").errorType == "timeout")
    }

    @Test("a query stops when its task is cancelled")
    func cancellation() async throws {
        let source = try Self.source()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try QueryEngine().instant(try Query(parsing: "m"), at: 0, source: source)
        }
        await #expect(throws: QueryError.canceled("expression evaluation")) { try await task.value }
    }

    @Test("random bytes and random tokens are parsed or refused, and what is parsed can be evaluated")
    func fuzz() throws {
        let pieces = [
            "a", "m", "{", "}", "(", ")", "[", "]", ",", "5m", "1", ":", "@", "offset", "by", "on", "sum", "topk",
            "rate",
            "+", "-", "*", "/", "^", "%", "==", "!=", "=~", "=", "\"x\"", "'", "`", "bool", "group_left", "and", "or",
            "unless", "label_replace", "time()", " ", "\n", "#", "start()", "inf", "1e", "0x", "\\", "é", "\u{0}",
            "vector(",
            "m[5m]", "abs(", "absent(", "histogram_quantile(0.9,", "m{i=~\"1.*\"}", "_", ".", "step()",
        ]
        var generator = SplitMix(state: 42)
        let source = try Self.source()
        let engine = QueryEngine(options: QueryEngine.Options(maximumSamples: 100_000))
        let options = Query.Options(experimentalFunctions: true, durationExpressions: true)
        var parsed = 0
        for round in 0..<20_000 {
            var text = ""
            if round % 4 == 0 {
                let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                text = String(decoding: bytes, as: UTF8.self)
            } else {
                for _ in 0..<Int.random(in: 1..<12, using: &generator) {
                    text += pieces[Int.random(in: 0..<pieces.count, using: &generator)]
                }
            }
            guard let query = try? Query(parsing: text, options: options) else { continue }
            parsed += 1
            let again = try Query(parsing: query.description, options: options)
            // Infinity prints with a plus, as in Prometheus, and before `^` that reads as a sign.
            #expect(again.description == query.description || query.description.contains("+Inf"))
            _ = try? engine.instant(query, at: 300_000, source: source)
        }
        #expect(parsed > 200)
    }
}

/// A small generator with a seed, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

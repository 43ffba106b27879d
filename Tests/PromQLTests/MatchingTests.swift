import Metrics
import PromQL
import Testing

@Suite("Matchers and expressions")
struct MatchingTests {
    @Test(
        "shortcuts and the automaton agree",
        arguments: [
            "", "a", "a|b|", "(a|b)", "a.*", "a.+", ".*a", ".+a", ".*a.*", ".+a.+", "a.*b", "a.+b", ".*", ".+", "a|b.*",
            "(?i:A)", "[ab]+", "a\\.b", ".*\\.b", "a.*.*b", ".?", "a*", "(a)(b)", "(a|b)|c", "x.*a|b",
        ]
    )
    func shortcuts(pattern: String) throws {
        // A group around it has no shortcut, as it holds a group within.
        let plain = try RegularExpression(pattern)
        let automaton = try RegularExpression("(?:(?:\(pattern)){1})")
        for text in [
            "", "a", "b", "ab", "aab", "ba", "aXb", "a.b", "a\nb", "xa", "ax", "xax", "c", "A", ".b", "aé", "é",
        ] {
            #expect(plain.matches(text) == automaton.matches(text), "\(pattern) on \(text.debugDescription)")
        }
    }

    @Test("a pattern that is none is refused", arguments: ["(", "a)(b", "[", "*", "a{2,1}", "\\"])
    func broken(pattern: String) {
        #expect(throws: QueryError.self) { try RegularExpression(pattern) }
    }

    @Test("groups are put into a template")
    func expansion() throws {
        let expression = try RegularExpression("(?P<head>[a-z]+)-([0-9]+)(x)?")
        #expect(expression.expand("$head:$2", matching: "node-12") == "node:12")
        #expect(expression.expand("${1}s$$ $3 $9 $none $", matching: "node-12") == "nodes$    $")
        #expect(expression.expand("$1x", matching: "node-12") == "")
        #expect(expression.expand("x", matching: "node") == nil)
        #expect(try RegularExpression(".*").expand("y", matching: "") == "y")
    }

    @Test("a label that is not there is empty")
    func absence() throws {
        #expect(try LabelMatcher(name: "a", operation: .notEqual, value: "x").matchesEmpty)
        #expect(try !LabelMatcher(name: "a", operation: .matches, value: ".+").matchesEmpty)
        #expect(try LabelMatcher(name: "a", operation: .notMatches, value: ".+").matchesEmpty)
        #expect(LabelMatcher(name: "a", equals: "").matchesEmpty)
    }
}

import PromQL
import Testing

@Suite("What a condition compares")
struct ComparisonTests {
    @Test(
        "The compared expression, the operator and the limit",
        arguments: [
            ("a > 5", "a", ">", "5.0"),
            ("rate(a[5m]) >= 2 * 3600 and b", "rate(a[5m])", ">=", "7200.0"),
            ("(a / (b > 0)) < -1 unless c", "a / (b > 0)", "<", "-1.0"),
            ("label_replace(a == 0, \"x\", \"y\", \"\", \"\") or b > 1", "a", "==", "0.0"),
            ("a > b * 2", "a", ">", "b * 2"),
        ]
    )
    func parts(_ text: String, compared: String, operation: String, limit: String) throws {
        let comparison = try #require(try Query(parsing: text).comparison())
        #expect(comparison.compared == compared)
        #expect(comparison.operation.rawValue == operation)
        switch comparison.limit {
        case .number(let number): #expect(number.description == limit)
        case .expression(let text): #expect(text == limit)
        }
    }

    @Test(
        "No comparison, none of a vector, or one that gives 0 and 1", arguments: ["vector(1)", "a + 1", "a > bool 1"])
    func none(_ text: String) throws {
        #expect(try Query(parsing: text).comparison() == nil)
    }

    @Test("Every selector is narrowed but those that name the label themselves")
    func narrowing() throws {
        let query = try Query(parsing: "rate(a{x=\"1\"}[5m]) / sum by (i) (b{i=\"2\"}) > c offset 1h and d")
        let comparison = try #require(query.comparison(narrowedTo: [LabelMatcher(name: "i", equals: "q\"")]))
        #expect(comparison.compared == #"rate(a{x="1",i="q\""}[5m]) / sum by (i) (b{i="2"})"#)
        #expect(comparison.limit == .expression(#"c{i="q\""} offset 1h"#))
    }

    @Test("What only decides which series stay is not narrowed")
    func condition() throws {
        let query = try Query(parsing: "a and on (deployment) b{role=\"replica\"}")
        let narrowed = query.narrowed(to: [LabelMatcher(name: "i", equals: "1")])
        #expect(narrowed == #"a{i="1"} and on (deployment) b{role="replica"}"#)
    }
}

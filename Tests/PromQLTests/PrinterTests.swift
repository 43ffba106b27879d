import PromQL
import Testing

@Suite("Printing")
struct PrinterTests {
    @Test(
        "a query in canonical form prints as itself",
        arguments: [
            "1", "-1", "+Inf", "NaN", "0.5", "\"a\\n\\\"b\\\"\"", "a", "a:b", "sum", "{a=\"b\"}",
            "a{b=~\"c\",d!=\"e\"}",
            "a[5m]", "a[1h30m] @ 10.000 offset 1m", "a @ start() offset -1m", "a[5m:]", "a[5m:1m] @ end() offset 5m",
            "sum(a)", "sum by (b, c) (a)", "sum without (b) (a)", "topk(3, a)", "count_values(\"v\", a)",
            "a + b", "a + on (c) b", "a * ignoring (c) group_left (d) b", "a / on () group_right () b",
            "a > bool b", "a and on (c) b", "-a", "(a + b) * c", "rate(a[5m])",
            "label_replace(a, \"b\", \"c\", \"d\", \"e\")",
            "{__name__=\"weird name\",\"and so\"=\"on\"}", "vector(1h)", "-a ^ 2", "2 ^ -1", "time()",
        ]
    )
    func canonical(text: String) throws {
        #expect(try Query(parsing: text).description == text)
    }

    @Test(
        "other spellings print in canonical form",
        arguments: [
            ("SUM(a) BY (b)", "sum by (b) (a)"), ("0x10", "16"), ("1e3", "1000"), ("1_000", "1000"), ("010", "8"),
            ("2.", "2"), (".5", "0.5"), ("5m", "5m"), ("-  5", "-5"), ("a  # comment\n+ b", "a + b"),
            ("'it\\'s'", "\"it's\""), ("`raw\\n`", "\"raw\\\\n\""), ("a{}", "a"), ("a{b='c',}", "a{b=\"c\"}"),
            ("{\"m\"}", "{__name__=\"m\"}"), ("a offset 60", "a offset 1m"), ("a[120]", "a[2m]"),
            ("sum by (a,) (b)", "sum by (a) (b)"), ("a AND b", "a and b"), ("and", "and"), ("a @ 1m", "a @ 60.000"),
        ]
    )
    func spelling(text: String, printed: String) throws {
        #expect(try Query(parsing: text).description == printed)
    }

    @Test("operators bind as in Prometheus")
    func precedence() throws {
        func shape(_ expression: Expression) -> String {
            switch expression.unwrapped {
            case .binary(let node): "(\(shape(node.left))\(node.operation.rawValue)\(shape(node.right)))"
            case .unary(let node): "(-\(shape(node.operand)))"
            case .vectorSelector(let node): node.name
            case .number(let node): "\(Int(node.value))"
            default: "?"
            }
        }
        #expect(
            try shape(Query(parsing: "a or b and c == d + e * f ^ g ^ h").root) == "(aor(band(c==(d+(e*(f^(g^h)))))))")
        #expect(try shape(Query(parsing: "a - b - c").root) == "((a-b)-c)")
        #expect(try shape(Query(parsing: "-a ^ b * c").root) == "((-(a^b))*c)")
        #expect(try shape(Query(parsing: "2 ^ -b ^ 2 * a").root) == "((2^(-(b^2)))*a)")
        #expect(try shape(Query(parsing: "a atan2 b unless c or d").root) == "(((aatan2b)unlessc)ord)")
    }

    @Test("a long query is broken into lines")
    func pretty() throws {
        let metric = "a_metric_with_a_rather_long_name_so_that_lines_get_long"
        let text = "sum by (job) (rate(\(metric)[5m])) / on (job) group_left () (\(metric) + \(metric))"
        let expected = """
              sum by (job) (rate(\(metric)[5m]))
            / on (job) group_left ()
              (
                  \(metric)
                +
                  \(metric)
              )
            """
        let query = try Query(parsing: text)
        #expect(query.prettyPrinted == expected)
        #expect(try Query(parsing: query.prettyPrinted).description == query.description)
    }
}

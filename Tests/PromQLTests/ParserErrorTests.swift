import PromQL
import Testing

@Suite("Parse errors")
struct ParserErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let query: String
        let range: Range<Int>
        let message: String

        init(_ query: String, _ range: Range<Int>, _ message: String) {
            self.query = query
            self.range = range
            self.message = message
        }

        var testDescription: String { query }
    }

    static let cases = [
        Case("", 0..<0, "no expression found in input"),
        Case("# only a comment", 16..<16, "no expression found in input"),
        Case("1+", 2..<2, "unexpected end of input"),
        Case("+", 1..<1, "unexpected end of input"),
        Case("*", 0..<1, "unexpected <op:*>"),
        Case("1 1", 2..<3, "unexpected number \"1\""),
        Case("a b", 2..<3, "unexpected identifier \"b\""),
        Case("(1", 2..<2, "unclosed left parenthesis"),
        Case("1)", 1..<2, "unexpected right parenthesis ')'"),
        Case("a[5m", 4..<4, "unclosed left bracket"),
        Case("a]", 1..<2, "unexpected right bracket ']'"),
        Case("a{b=\"c\"", 7..<7, "unexpected end of input inside braces"),
        Case("a{b=c}", 4..<5, "unexpected identifier \"c\" in label matching, expected string"),
        Case("a{b}", 3..<4, "unexpected \"}\" in label matching, expected label matching operator"),
        Case("a{b!\"c\"}", 3..<4, "unexpected character after '!' inside braces: '\"'"),
        Case("a{b=\"c\",,}", 8..<9, "unexpected \",\" in label matching, expected identifier or \"}\""),
        Case("a{{", 2..<3, "unexpected left brace '{'"),
        Case("a{__name__=\"b\"}", 0..<15, "metric name must not be set twice: \"a\" or \"b\""),
        Case("{\"a\", \"b\"}", 6..<9, "metric name must not be set twice"),
        Case("\"text", 0..<5, "unterminated quoted string"),
        Case("`text", 0..<5, "unterminated raw string"),
        Case("\"\\q\"", 1..<2, "unknown escape sequence \"\\q\""),
        Case("a =~ b", 2..<3, "unexpected character after '=': '~'"),
        Case("1 ! 2", 2..<3, "unexpected character after '!': ' '"),
        Case("a ? b", 2..<3, "unexpected character: '?'"),
        Case("5mm", 0..<3, "bad number or duration syntax: \"5mm\""),
        Case("1..2", 0..<4, "bad number or duration syntax: \"1..2\""),
        Case("a[0]", 2..<3, "duration must be greater than 0"),
        Case("a[-5m]", 2..<5, "duration must be greater than 0"),
        Case("a[5m + 5m]", 2..<9, "experimental duration expression is not enabled"),
        Case(
            "a[x]", 2..<3,
            "unexpected identifier \"x\" in subquery or range selector, expected number, duration, step(), or range()"),
        Case("a[300000d]", 2..<9, "bad number or duration syntax: \"300000d\""),
        Case("sum(a)[5m]", 6..<10, "ranges only allowed for vector selectors"),
        Case("a offset 1m [5m]", 12..<16, "no offset modifiers allowed before range"),
        Case("a @ 1 [5m]", 6..<10, "no @ modifiers allowed before range"),
        Case("a offset", 8..<8, "unexpected end of input in offset, expected number, duration, step(), or range()"),
        Case("a @ b", 4..<5, "unexpected identifier \"b\" in @, expected timestamp"),
        Case("nope(1)", 0..<4, "unknown function with name \"nope\""),
        Case("info(a)", 0..<4, "function \"info\" is not enabled"),
        Case(
            "limitk(1, a)", 0..<6,
            "limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions"),
        Case("rate(a)", 5..<6, "expected type range vector in call to function \"rate\", got instant vector"),
        Case("rate(a[5m], 1)", 0..<14, "expected 1 argument(s) in call to \"rate\", got 2"),
        Case("label_join(a)", 0..<13, "expected at least 3 argument(s) in call to \"label_join\", got 1"),
        Case("round(a, 1, 2)", 0..<14, "expected at most 2 argument(s) in call to \"round\", got 3"),
        Case("abs(a,)", 5..<6, "trailing commas not allowed in function call args"),
        Case("sum(a, b)", 0..<9, "wrong number of arguments for aggregate expression provided, expected 1, got 2"),
        Case("topk(a)", 0..<7, "wrong number of arguments for aggregate expression provided, expected 2, got 1"),
        Case("topk(a, a)", 5..<6, "expected type scalar in aggregation parameter, got instant vector"),
        Case("sum(1)", 4..<5, "expected type instant vector in aggregation expression, got scalar"),
        Case("sum by (a b) (c)", 10..<11, "unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""),
        Case("1 and 1", 2..<5, "set operator \"and\" not allowed in binary scalar expression"),
        Case("1 == 1", 2..<4, "comparisons between scalars must use BOOL modifier"),
        Case("1 + \"a\"", 4..<7, "binary expression must contain only scalar and instant vector types"),
        Case("a and on(b) group_left c", 0..<24, "no grouping allowed for \"and\" operation"),
        Case("a + bool b", 2..<8, "bool modifier can only be used on comparison operators"),
        Case(
            "a + on(b) group_left(b) c",
            2..<23,
            "label \"b\" must not occur in ON and GROUP clause at once"
        ),
        Case("a + on(b) 1", 0..<11, "vector matching only allowed between instant vectors"),
        Case(
            "-a[5m]", 0..<6,
            "unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\""),
        Case("{a=~\".*\"}", 0..<9, "vector selector must contain at least one non-empty matcher"),
    ]

    @Test("a mistake is reported at its place", arguments: cases)
    func mistake(_ wrong: Case) {
        do {
            let query = try Query(parsing: wrong.query)
            Issue.record("accepted as \(query)")
        } catch {
            guard case .parse(let message, let range, let query) = error else {
                Issue.record("not a parse error: \(error)")
                return
            }
            #expect(message == wrong.message)
            #expect(range == wrong.range)
            #expect(query == wrong.query)
            #expect(error.errorType == "bad_data")
        }
    }

    @Test("an error shows line, column and a caret")
    func caret() {
        #expect(throws: QueryError.self) { try Query(parsing: "sum(\n  rate(a)\n)") }
        do {
            _ = try Query(parsing: "sum(\n  rate(a)\n)")
        } catch {
            let text = "2:8: parse error: expected type range vector in call to function \"rate\", got instant vector"
            #expect(error.description == text)
            #expect(error.explanation == "\(text)\n  rate(a)\n       ^")
        }
    }
}

import Testing

@testable import WebAPI

@Suite("/api/v1/format_query and parse_query")
struct ExpressionRoutesTests {
    @Test("An expression is printed as Prometheus prints it")
    func format() async throws {
        let api = try APIUnderTest()
        let items = [("query", "foo/bar")]
        #expect(await api.get("/api/v1/format_query", items).data == #""foo / bar""#)
        #expect(await api.post("/api/v1/format_query", items).data == #""foo / bar""#)
        let long = "sum(rate(\(String(repeating: "x", count: 100))[5m]))by(job)"
        #expect(await api.get("/api/v1/format_query", [("query", long)]).data.contains(#"sum by (job) (\n  rate("#))
        #expect(
            await api.get("/api/v1/format_query", [("query", "sum(")]).error.hasPrefix(
                #"bad_data: invalid parameter \"query\": 1:5: parse error: "#
            )
        )
    }

    @Test(
        "An expression is taken apart as Prometheus takes it apart",
        arguments: [
            ("1.50", #"{"type":"numberLiteral","val":"1.5"}"#),
            (#""a\n""#, #"{"type":"stringLiteral","val":"a\n"}"#),
            (
                #"foo{bar!~"x"} offset 1m @ 1.5"#,
                #"{"matchers":[{"name":"bar","type":"!~","value":"x"},{"name":"__name__","type":"=","value":"foo"}],"#
                    + #""name":"foo","offset":60000,"startOrEnd":null,"timestamp":1500,"type":"vectorSelector"}"#
            ),
            (
                "rate(foo[5m] @ end())",
                #"{"args":[{"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"#
                    + #""range":300000,"startOrEnd":"end","timestamp":null,"type":"matrixSelector"}],"#
                    + #""func":{"argTypes":["matrix"],"name":"rate","returnType":"vector","variadic":0},"type":"call"}"#
            ),
            (
                "-(time())",
                #"{"expr":{"expr":{"args":[],"func":{"argTypes":[],"name":"time","returnType":"scalar","variadic":0},"#
                    + #""type":"call"},"type":"parenExpr"},"op":"-","type":"unaryExpr"}"#
            ),
            (
                "vector(1)[1h:5m]",
                #"{"expr":{"args":[{"type":"numberLiteral","val":"1"}],"func":{"argTypes":["scalar"],"name":"vector","#
                    + #""returnType":"vector","variadic":0},"type":"call"},"offset":0,"range":3600000,"#
                    + #""startOrEnd":null,"step":300000,"timestamp":null,"type":"subquery"}"#
            ),
            (
                "topk without (a, b) (2, vector(1))",
                #"{"expr":{"args":[{"type":"numberLiteral","val":"1"}],"func":{"argTypes":["scalar"],"name":"vector","#
                    + #""returnType":"vector","variadic":0},"type":"call"},"grouping":["a","b"],"op":"topk","#
                    + #""param":{"type":"numberLiteral","val":"2"},"type":"aggregation","without":true}"#
            ),
            (
                "1 == bool 2",
                #"{"bool":true,"lhs":{"type":"numberLiteral","val":"1"},"matching":null,"op":"==","#
                    + #""rhs":{"type":"numberLiteral","val":"2"},"type":"binaryExpr"}"#
            ),
        ]
    )
    func parse(query: String, json: String) async throws {
        let api = try APIUnderTest()
        #expect(await api.get("/api/v1/parse_query", [("query", query)]).data == json)
        #expect(await api.post("/api/v1/parse_query", [("query", query)]).data == json)
    }

    @Test("The matching of two vectors is told in full")
    func matching() async throws {
        let answer = try await APIUnderTest().get(
            "/api/v1/parse_query",
            [("query", "a * on (x) group_left (y) b")]
        )
        #expect(answer.data.contains(#""matching":{"card":"many-to-one","include":["y"],"labels":["x"],"on":true}"#))
        let sets = try await APIUnderTest().get("/api/v1/parse_query", [("query", "a and b")])
        #expect(sets.data.contains(#""matching":{"card":"many-to-many","include":[],"labels":[],"on":false}"#))
    }
}

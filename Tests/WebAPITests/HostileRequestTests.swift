import Testing

@testable import WebAPI

/// Outside the suite, whose own members the arguments of its tests cannot name.
private enum Hostile {
    static let expressions: [String] = [
        String(repeating: "(", count: 1000),
        String(repeating: "(", count: 1000) + "1" + String(repeating: ")", count: 1000),
        String(repeating: "-", count: 100_000) + "1",
        String(repeating: "sum(", count: 5000) + "up",
        "\"" + String(repeating: "x", count: 1 << 20) + "\"",
        String(repeating: "1+", count: 1 << 19) + "1",
        #"up{a=~"\#(String(repeating: "(.*", count: 500) + String(repeating: ")*", count: 500))"}"#,
        #"up{a=~"("}"#,
        #"label_replace(up, "a", "$1", "job", "(")"#,
        #"{__name__=~".+"}[1h:1s]"#,
        #"count_over_time({__name__=~".+"}[100000d:1ms])"#,
        "up @ 1e300", "up offset 99999999999y", "up[99999999999y]", "vector(1)[292y:1ms]",
        "sum by () (up) / on () group_left () (up * 0)",
        "\u{0}", "up{\u{FFFD}=\"\"}", "1 / 0", "0x", "1e999999999", "@", "#", "",
    ]
}

/// What a query must not do: crash the process, hang, or take its memory.
@Suite("Hostile requests")
struct HostileRequestTests {
    @Test(
        "A hostile expression gets an answer from every endpoint that takes one", arguments: Hostile.expressions.indices
    )
    func expressions(index: Int) async throws {
        let api = try APIUnderTest()
        try api.add("up", [("job", "a")], [(10_000, 1)])
        let items = [("query", Hostile.expressions[index]), ("timeout", "2")]
        let span = [("start", "0"), ("end", "11000"), ("step", "1")]
        var answers = [
            await api.post("/api/v1/query", items + [("time", "11")]),
            await api.post("/api/v1/query_range", items + span),
            await api.post("/api/v1/query_exemplars", items),
            await api.post("/api/v1/format_query", items),
            await api.post("/api/v1/parse_query", items),
        ]
        for path in ["/api/v1/series", "/api/v1/labels"] {
            answers.append(await api.post(path, [("match[]", Hostile.expressions[index])]))
        }
        answers.append(await api.get("/federate", [("match[]", Hostile.expressions[index])]))
        answers.append(await api.get("/api/v1/rules", [("match[]", Hostile.expressions[index])]))
        for answer in answers {
            #expect([200, 400, 422, 503].contains(answer.status), "\(answer.status): \(answer.text.prefix(200))")
            #expect(answer.text.utf8.count < 4 << 20)
        }
    }

    @Test("A result that is too large is refused before it is written")
    func result() async throws {
        let api = try APIUnderTest(queries: QueryConfiguration(maximumResultByteCount: 2000))
        try api.add("up", [("job", "a")], [(10_000, 1)])
        let query = [("query", "up"), ("start", "10"), ("step", "1")]
        #expect(await api.get("/api/v1/query_range", query + [("end", "60")]).status == 200)
        let refused = await api.get("/api/v1/query_range", query + [("end", "200")])
        #expect(refused.status == 422)
        #expect(refused.text.contains("the result takes more than 2000 bytes: ask for fewer series or points"))
    }

    @Test(
        "Times and durations beyond the range of the clock are refused",
        arguments: [
            "1e300", "-1e300", "9223372036854775807", "nan", "inf", "1e12", "99999-01-01T00:00:00Z",
            "99999999999999-01-01T00:00:00Z", "0x1p1000",
        ]
    )
    func times(text: String) async throws {
        let api = try APIUnderTest()
        try api.add("up", [], [(10_000, 1)])
        let query = ("query", "up")
        #expect(await api.get("/api/v1/query", [query, ("time", text)]).status == 400)
        for (name, rest) in [
            ("start", [("end", "2"), ("step", "1")]), ("end", [("start", "2"), ("step", "1")]),
        ] {
            #expect(await api.get("/api/v1/query_range", [query, (name, text)] + rest).status == 400)
        }
        #expect(await api.get("/api/v1/labels", [("start", text)]).status == 400)
        #expect(await api.get("/api/v1/series", [("match[]", "up"), ("end", text)]).status == 400)
    }

    @Test("The ends of the range that is taken have an answer", arguments: ["999999999999", "-999999999999"])
    func ends(time: String) async throws {
        let api = try APIUnderTest()
        try api.add("up", [], [(10_000, 1)])
        for query in ["up", "up offset 290y", "rate(up[290y])", "up @ 999999999999", "rate(up[5m:1s] offset -290y)"] {
            let answer = await api.get("/api/v1/query", [("query", query), ("time", time), ("timeout", "2")])
            #expect([200, 400, 422, 503].contains(answer.status))
        }
        let items = [("query", "up"), ("start", "-999999999999"), ("end", "999999999999")]
        #expect(await api.get("/api/v1/query_range", items + [("step", "9000000000")]).status == 200)
        #expect(await api.get("/api/v1/query_range", items + [("step", "0.0001")]).status == 400)
    }
}

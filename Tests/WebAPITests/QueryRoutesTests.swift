import PromQL
import Testing

@testable import WebAPI

@Suite("/api/v1/query and its like")
struct QueryRoutesTests {
    /// Two series at 10 s and 20 s: `up{job="a"}` is 1, then 2; `up{job="b"}` is 3, then 4.
    private func api() throws -> APIUnderTest {
        let api = try APIUnderTest()
        try api.add("up", [("job", "a")], [(10_000, 1), (20_000, 2)])
        try api.add("up", [("job", "b")], [(10_000, 3), (20_000, 4)])
        return api
    }

    @Test("An instant query gives each kind of value in its shape, by GET and by POST")
    func shapes() async throws {
        let api = try api()
        let expected: [(String, String)] = [
            ("1+1", #"{"resultType":"scalar","result":[21.5,"2"]}"#),
            (#""a" "#, #"{"resultType":"string","result":[21.500,"a"]}"#),
            ("sum(up)", #"{"resultType":"vector","result":[{"metric":{},"value":[21.500,"6"]}]}"#),
            ("up > 5", #"{"resultType":"vector","result":[]}"#),
            (
                #"up{job="a"}[15s]"#,
                #"{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a"},"#
                    + #""values":[[10,"1"],[20,"2"]]}]}"#
            ),
        ]
        for (query, json) in expected {
            let items = [("query", query), ("time", "21.5")]
            let got = await api.get("/api/v1/query", items)
            #expect(got.status == 200)
            #expect(got.contentType == "application/json")
            #expect(got.data == json.replacing("[21.5,", with: "[21.500,"))
            #expect(await api.post("/api/v1/query", items).text == got.text)
        }
    }

    @Test("Numbers are written as Prometheus does: series with an exponent at the ends, scalars without")
    func numbers() async throws {
        let api = try api()
        for (query, value) in [
            ("vector(1e21)", "1e+21"), ("1e21", "1000000000000000000000"), ("vector(1e-7)", "1e-07"),
            ("vector(-1.25e-300)", "-1.25e-300"), ("vector(123456789.5)", "123456789.5"), ("vector(NaN)", "NaN"),
            ("vector(-Inf)", "-Inf"), ("Inf", "+Inf"), ("vector(1/3)", "0.3333333333333333"), ("vector(0)", "0"),
            ("vector(1e20)", "100000000000000000000"), ("vector(1e-6)", "0.000001"),
        ] {
            let answer = await api.get("/api/v1/query", [("query", query), ("time", "1")])
            #expect(answer.text.contains("[1,\"\(value)\"]"))
        }
    }

    @Test("Times are seconds with a fraction, or RFC 3339")
    func times() async throws {
        let api = try api()
        for (time, shown) in [
            ("0", "0"), ("-1.5", "-1.500"), ("1e3", "1000"), ("1970-01-01T00:00:10Z", "10"),
            ("1970-01-01T01:00:10.025+01:00", "10.025"), ("2015-07-01T20:10:51.781Z", "1435781451.781"),
        ] {
            let answer = await api.get("/api/v1/query", [("query", "vector(1)"), ("time", time)])
            #expect(answer.text.contains("\"value\":[\(shown),\"1\"]"), "\(time): \(answer.text)")
        }
    }

    @Test("A range query gives a point a step, each series in the order of its labels")
    func range() async throws {
        let items = [("query", "up"), ("start", "10"), ("end", "20"), ("step", "5")]
        let answer = try await api().post("/api/v1/query_range", items)
        #expect(
            answer.data == #"{"resultType":"matrix","result":["#
                + #"{"metric":{"__name__":"up","job":"a"},"values":[[10,"1"],[15,"1"],[20,"2"]]},"#
                + #"{"metric":{"__name__":"up","job":"b"},"values":[[10,"3"],[15,"3"],[20,"4"]]}]}"#
        )
    }

    @Test("A step may be a duration, and the longest span is 11,000 steps")
    func resolution() async throws {
        let api = try api()
        let most = [("query", "1"), ("start", "0"), ("end", "660000"), ("step", "1m")]
        #expect(await api.get("/api/v1/query_range", most).text.split(separator: "\"],[").count == 11_001)
        let tooMany = [("query", "1"), ("start", "0"), ("end", "660060"), ("step", "60")]
        #expect(
            await api.get("/api/v1/query_range", tooMany).error
                == "bad_data: exceeded maximum resolution of 11,000 points per timeseries. "
                + "Try decreasing the query resolution (?step=XX)"
        )
    }

    @Test("`limit` cuts the result and says so; 0 does not")
    func limit() async throws {
        let api = try api()
        let one = await api.get("/api/v1/query", [("query", "up"), ("time", "21"), ("limit", "1")])
        #expect(one.text.hasSuffix(#"]},"warnings":["results truncated due to limit"]}"#))
        #expect(one.text.split(separator: "\"metric\"").count == 2)
        for limit in ["0", "2", ""] {
            let all = await api.get("/api/v1/query", [("query", "up"), ("time", "21"), ("limit", limit)])
            #expect(all.text.split(separator: "\"metric\"").count == 3)
            #expect(!all.text.contains("warnings"))
        }
        let range = [("query", "up"), ("start", "10"), ("end", "20"), ("step", "5"), ("limit", "1")]
        #expect(await api.get("/api/v1/query_range", range).text.split(separator: "\"metric\"").count == 2)
    }

    @Test("`lookback_delta` is how far back a selector looks")
    func lookback() async throws {
        let api = try api()
        let at = [("query", "count(up)"), ("time", "400")]
        #expect(await api.get("/api/v1/query", at).data == #"{"resultType":"vector","result":[]}"#)
        #expect(await api.get("/api/v1/query", at + [("lookback_delta", "10m")]).text.contains("\"2\""))
        #expect(await api.get("/api/v1/query", at + [("lookback_delta", "600")]).text.contains("\"2\""))
    }

    @Test("`timeout` ends a query with the error of Prometheus")
    func timeout() async throws {
        let answer = try await api().get("/api/v1/query", [("query", "up"), ("timeout", "0")])
        #expect(answer.status == 503)
        #expect(answer.error == "timeout: query timed out in expression evaluation")
    }

    @Test("`stats` adds timings and samples")
    func statistics() async throws {
        let answer = try await api().get("/api/v1/query", [("query", "up"), ("time", "21"), ("stats", "all")])
        for part in [
            #","stats":{"timings":{"evalTotalTime":"#, #""queryPreparationTime":"#, #""execTotalTime":"#,
            #""samples":{"totalQueryableSamplesPerStep":[[21,2]],"totalQueryableSamples":2,"#, #""peakSamples":"#,
        ] {
            #expect(answer.text.contains(part))
        }
    }

    @Test("`stats=all` adds the samples of each step, a sample for each step that looks at it")
    func statisticsPerStep() async throws {
        let api = try api()
        let span = [("start", "10"), ("end", "30"), ("step", "10")]
        let expected = [
            ("up", "[[10,2],[20,2],[30,2]]", 6),
            ("sum(up) + sum(up)", "[[10,4],[20,4],[30,4]]", 12),
            ("count_over_time(up[15s])", "[[10,2],[20,4],[30,2]]", 8),
            ("up @ 20", "[[10,2],[20,2],[30,2]]", 6),
            // The points of the subquery, not the samples that they were made of.
            ("count_over_time(up[20s:5s])", "[[10,2],[20,6],[30,8]]", 16),
        ]
        for (query, steps, total) in expected {
            let all = await api.get("/api/v1/query_range", [("query", query), ("stats", "all")] + span)
            #expect(
                all.text.contains(
                    #""samples":{"totalQueryableSamplesPerStep":\#(steps),"totalQueryableSamples":\#(total),"#
                ),
                "\(query): \(all.text.suffix(200))"
            )
            let some = await api.get("/api/v1/query_range", [("query", query), ("stats", "1")] + span)
            #expect(some.text.contains(#""samples":{"totalQueryableSamples":\#(total),"#))
        }
    }

    @Test("A limit of samples ends a query with the error of Prometheus")
    func maximumSamples() async throws {
        let api = try APIUnderTest(
            queries: QueryConfiguration(engine: QueryEngine.Options(maximumSamples: 3))
        )
        try api.add("up", [], (1...10).map { ($0 * 1000, 1) })
        let answer = await api.get("/api/v1/query", [("query", "up[10s]"), ("time", "10")])
        #expect(answer.status == 422)
        #expect(
            answer.error
                == "execution: query processing would load too many samples into memory in query execution"
        )
    }

    @Test("Experimental functions are refused unless they are enabled")
    func experimental() async throws {
        let items = [("query", "sort_by_label(up, \"job\")"), ("time", "21")]
        #expect(try await api().get("/api/v1/query", items).status == 400)
        let enabled = try APIUnderTest(
            queries: QueryConfiguration(language: Query.Options(experimentalFunctions: true))
        )
        #expect(await enabled.get("/api/v1/query", items).status == 200)
    }

    @Test("Warnings and infos of the language stand beside the data")
    func annotations() async throws {
        let api = try api()
        let warning = await api.get("/api/v1/query", [("query", "quantile(2, up)"), ("time", "21")])
        #expect(
            warning.text.contains(#","warnings":["PromQL warning: quantile value should be between 0 and 1, got 2 "#)
        )
        let info = await api.get("/api/v1/query", [("query", "rate(up[1m])"), ("time", "21")])
        #expect(info.text.contains(#","infos":["PromQL info: metric might not be a counter"#))
    }

    @Test("There are no exemplars, and the question is checked all the same")
    func exemplars() async throws {
        let api = try api()
        let items = [("query", "up"), ("start", "1"), ("end", "2")]
        #expect(await api.get("/api/v1/query_exemplars", items).data == "[]")
        #expect(await api.post("/api/v1/query_exemplars", items).data == "[]")
        #expect(await api.get("/api/v1/query_exemplars", [("query", "up(")]).status == 400)
        #expect(
            await api.get("/api/v1/query_exemplars", [("query", "1"), ("start", "5"), ("end", "1")]).error
                == "bad_data: end timestamp must not be before start timestamp"
        )
    }

    @Test(
        "What cannot be used is refused in the words of Prometheus",
        arguments: [
            (
                "query", "query=1&time=abc",
                #"invalid parameter \"time\": Invalid time value for 'time': cannot parse \"abc\" to a "#
                    + #"valid timestamp"#
            ),
            (
                "query", "query=1&timeout=abc",
                #"invalid parameter \"timeout\": cannot parse \"abc\" to a valid duration"#
            ),
            (
                "query", "query=1&limit=abc",
                #"invalid parameter \"limit\": strconv.Atoi: parsing \"abc\": invalid syntax"#
            ),
            (
                "query", "query=1&limit=-1",
                #"invalid parameter \"limit\": limit must be non-negative"#
            ),
            (
                "query", "query=1&lookback_delta=x",
                #"error parsing lookback delta duration: cannot parse \"x\" to a valid duration"#
            ),
            (
                "query", "query=1&timeout=1e300",
                #"invalid parameter \"timeout\": cannot parse \"1e300\" to a valid duration. It "#
                    + #"overflows int64"#
            ),
            (
                "query_range", "query=1&start=1",
                #"invalid parameter \"end\": cannot parse \"\" to a valid timestamp"#
            ),
            (
                "query_range", "query=1&start=3&end=2&step=1",
                #"invalid parameter \"end\": end timestamp must not be before start time"#
            ),
            (
                "query_range", "query=1&start=1&end=2",
                #"invalid parameter \"step\": cannot parse \"\" to a valid duration"#
            ),
            (
                "query_range", "query=1&start=1&end=2&step=0",
                #"invalid parameter \"step\": zero or negative query resolution step widths are not "#
                    + #"accepted. Try a positive integer"#
            ),
            (
                "query_range", "query=1&start=1&end=2&step=-1",
                #"invalid parameter \"step\": zero or negative query resolution step widths are not "#
                    + #"accepted. Try a positive integer"#
            ),
            (
                "query_range", "query=up%5B1m%5D&start=1&end=2&step=1",
                #"invalid parameter \"query\": invalid expression type \"range vector\" for range "#
                    + #"query, must be Scalar or instant Vector"#
            ),
        ]
    )
    func refusals(endpoint: String, query: String, message: String) async throws {
        let answer = try await api().get("/api/v1/\(endpoint)?\(query)")
        #expect(answer.status == 400)
        #expect(answer.error == "bad_data: " + message)
    }

    @Test("A mistake in an expression comes with its line, its column and a caret below it")
    func position() async throws {
        let answer = try await api().get("/api/v1/query", [("query", "sum(up")])
        #expect(answer.status == 400)
        #expect(
            answer.error == #"bad_data: invalid parameter \"query\": 1:7: parse error: unclosed left parenthesis"#
                + #"\nsum(up\n      ^"#
        )
    }

    @Test("A query that fails on the data is an execution error")
    func execution() async throws {
        let items = [("query", #"label_replace(up, "a", "b", "c", "(")"#), ("time", "21")]
        let answer = try await api().get("/api/v1/query", items)
        #expect(answer.status == 422)
        #expect(answer.error.hasPrefix("execution: "))
    }

    @Test("A query ends when its client goes away")
    func cancellation() async throws {
        let api = try api()
        let slow = #"sum(sum_over_time((sum(up) by (job))[3h:1ms]))"#
        let items = [("query", slow), ("start", "0"), ("end", "10000"), ("step", "1")]
        let task = Task { await api.get("/api/v1/query_range", items) }
        task.cancel()
        let answer = await task.value
        #expect(answer.status == 499)
        #expect(answer.error == "canceled: query was canceled in expression evaluation")
    }
}

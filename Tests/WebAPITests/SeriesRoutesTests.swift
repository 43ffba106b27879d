import Testing

@testable import WebAPI

@Suite("/api/v1/series, labels and label values")
struct SeriesRoutesTests {
    private func api() throws -> APIUnderTest {
        let api = try APIUnderTest()
        try api.add("up", [("job", "b"), ("zone", "eu")], [(10_000, 3)])
        try api.add("up", [("job", "a")], [(10_000, 1)])
        try api.add("load", [("job", "a")], [(900_000, 1)])
        try api.add("load", [("my.label", "x")], [(900_000, 1)])
        return api
    }

    @Test("Series come sorted, those that several selectors want once")
    func series() async throws {
        let items = [("match[]", "up"), ("match[]", #"{job="a"}"#)]
        let json =
            #"[{"__name__":"load","job":"a"},{"__name__":"up","job":"a"},{"__name__":"up","job":"b","zone":"eu"}]"#
        let api = try api()
        #expect(await api.get("/api/v1/series", items).data == json)
        #expect(await api.post("/api/v1/series", items).data == json)
    }

    @Test("Only series with samples between start and end are named")
    func span() async throws {
        let api = try api()
        let all = ("match[]", #"{__name__=~".+"}"#)
        let early = await api.get("/api/v1/series", [all, ("start", "0"), ("end", "60")])
        #expect(early.data == #"[{"__name__":"up","job":"a"},{"__name__":"up","job":"b","zone":"eu"}]"#)
        #expect(await api.get("/api/v1/series", [all, ("start", "5000"), ("end", "6000")]).data == "[]")
        let ends = [("start", "-292273086-05-16T16:47:06Z"), ("end", "292277025-08-18T07:12:54.999999999Z")]
        #expect(await api.get("/api/v1/series", [all] + ends).data.split(separator: "},").count == 4)
        let names = [("match[]", "up"), ("start", "5000"), ("end", "6000")]
        #expect(await api.get("/api/v1/labels", names).data == "[]")
    }

    @Test("`limit` cuts each list and says so")
    func limit() async throws {
        let api = try api()
        let cut = #","warnings":["results truncated due to limit"]}"#
        let series = await api.get("/api/v1/series", [("match[]", "up"), ("limit", "1")])
        #expect(series.text == #"{"status":"success","data":[{"__name__":"up","job":"a"}]"# + cut)
        let labels = await api.get("/api/v1/labels", [("limit", "2")])
        #expect(labels.text == #"{"status":"success","data":["__name__","job"]"# + cut)
        let values = await api.get("/api/v1/label/job/values", [("limit", "1")])
        #expect(values.text == #"{"status":"success","data":["a"]"# + cut)
        #expect(await api.get("/api/v1/label/job/values", [("limit", "2")]).text.hasSuffix(#"["a","b"]}"#))
    }

    @Test("Label names are those of all series, or of those that are selected")
    func names() async throws {
        let api = try api()
        #expect(await api.get("/api/v1/labels").data == #"["__name__","job","my.label","zone"]"#)
        #expect(await api.post("/api/v1/labels", [("match[]", "up")]).data == #"["__name__","job","zone"]"#)
        #expect(
            await api.get("/api/v1/labels", [("match[]", #"up{job="a"}"#), ("match[]", #"{zone="eu"}"#)]).data
                == #"["__name__","job","zone"]"#
        )
    }

    @Test("Label values are those of all series, or of those that are selected")
    func values() async throws {
        let api = try api()
        #expect(await api.get("/api/v1/label/__name__/values").data == #"["load","up"]"#)
        #expect(await api.get("/api/v1/label/job/values", [("match[]", "load")]).data == #"["a"]"#)
        #expect(await api.get("/api/v1/label/nothing/values").data == "[]")
    }

    @Test("A label name of any characters is asked for as it is, or escaped")
    func escapedNames() async throws {
        let api = try api()
        #expect(await api.get("/api/v1/label/my.label/values").data == #"["x"]"#)
        #expect(await api.get("/api/v1/label/U__my_2e_label/values").data == #"["x"]"#)
    }

    @Test(
        "Escaped names are read by the scheme of Prometheus",
        arguments: [
            ("U__my_2e_label", "my.label"), ("U______name____", "__name__"), ("U__a__b", "a_b"), ("plain", "plain"),
            ("U__bad_zz_", "U__bad_zz_"), ("U__cut_2", "U__cut_2"), ("U__", ""), ("U__snow_2603_", "snow\u{2603}"),
            ("U__half_D800_", "U__half_D800_"),
        ]
    )
    func escapes(text: String, name: String) {
        #expect(EscapedName.original(of: text) == name)
    }

    @Test(
        "What cannot be used is refused in the words of Prometheus",
        arguments: [
            ("/api/v1/series", "no match[] parameter provided"),
            (
                "/api/v1/series?match[]=%7Bjob%3D~%22.*%22%7D",
                #"invalid parameter \"match[]\": match[] must contain at least one non-empty matcher"#
            ),
            ("/api/v1/labels?match[]=%7B%7D", "match[] must contain at least one non-empty matcher"),
            ("/api/v1/label/job/values?match[]=%7B%7D", "match[] must contain at least one non-empty matcher"),
            (
                "/api/v1/series?match[]=up&start=x",
                #"invalid parameter \"start\": Invalid time value for 'start': cannot parse \"x\" to a valid timestamp"#
            ),
            ("/api/v1/labels?limit=x", #"invalid parameter \"limit\": strconv.Atoi: parsing \"x\": invalid syntax"#),
            ("/api/v1/label/U__/values", #"invalid label name: \"\""#),
        ]
    )
    func refusals(target: String, message: String) async throws {
        let answer = try await api().get(target)
        #expect(answer.status == 400)
        #expect(answer.error == "bad_data: " + message)
    }

    @Test(
        "Only a selector selects series",
        arguments: ["rate(up[1m])", "(up)", "up offset 5m", "up @ 1", "up[1m]", "1", "up{", "sum(up)"]
    )
    func noSelector(text: String) async throws {
        let answer = try await api().get("/api/v1/series", [("match[]", text)])
        #expect(answer.status == 400)
        #expect(answer.error.hasPrefix(#"bad_data: invalid parameter \"match[]\": 1:"#))
    }
}

import Metrics
import PromQL
import Testing

@Suite("Series of unit tests")
struct SeriesDescriptionTests {
    private func values(_ text: String) throws -> [Double?] {
        let samples = try SeriesDescription.samples(parsing: text)
        var result: [Double?] = []
        for sample in samples {
            while result.count < sample.index { result.append(nil) }
            result.append(sample.value)
        }
        return result
    }

    @Test("values are written out")
    func sequences() throws {
        #expect(try values("1 2.5 -3 1e3") == [1, 2.5, -3, 1000])
        #expect(try values("1+2x3") == [1, 3, 5, 7])
        #expect(try values("1-2x2 7") == [1, -1, -3, 7])
        #expect(try values("4x2") == [4, 4, 4])
        #expect(try values("_ 1 _x2 2") == [nil, 1, nil, nil, 2])
        #expect(try values("-1e2+1e-1x1") == [-100, -99.9])
        #expect(try values("0x2") == [0, 0, 0])
        #expect(try values("Inf -Inf") == [.infinity, -.infinity])
        #expect(try values("") == [])
        #expect(try SeriesDescription.samples(parsing: "stale")[0].value.isStaleMarker)
        let nan = try SeriesDescription.samples(parsing: "NaN")[0].value
        #expect(nan.isNaN && !nan.isStaleMarker)
    }

    @Test(
        "what is no value is refused with its place",
        arguments: [
            ("1 {{schema:0}}", "1:3: parse error: native histograms are not supported, only plain numbers"),
            ("1 b", "1:3: parse error: unexpected \"b\" in series values, expected a number, \"_\" or \"stale\""),
            ("1x", "1:1: parse error: unexpected \"\" after \"x\", expected a number"),
            (
                "1+1",
                "1:2: parse error: unexpected \"+1\" in series values, expected a number and \"x\" behind the sign"
            ),
            ("stalex3", "1:1: parse error: \"stale\" cannot be repeated"),
            ("1x99999999999", "1:1: parse error: too many values: at most 1000000000 are possible"),
            ("1x99999999", "1:1: parse error: too many values: at most 10000000 are possible"),
        ]
    )
    func refusals(text: String, message: String) {
        do {
            _ = try SeriesDescription.samples(parsing: text)
            Issue.record("accepted")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test("label sets come with or without a name")
    func labels() throws {
        let expected = Labels([("__name__", "m"), ("a", "b")])
        #expect(try SeriesDescription.labels(parsing: "m{a=\"b\"}") == expected)
        #expect(try SeriesDescription.labels(parsing: "{__name__=\"m\", a='b',}") == expected)
        #expect(try SeriesDescription.labels(parsing: "{\"m\", a=`b`}") == expected)
        #expect(try SeriesDescription.labels(parsing: "{}").isEmpty)
        #expect(try SeriesDescription.labels(parsing: "sum") == Labels([("__name__", "sum")]))
        for wrong in ["", "m{a=~\"b\"}", "m{a=\"b\"} 1", "m{a}", "{", "m m", "m{\"n\"}"] {
            #expect(throws: QueryError.self) { try SeriesDescription.labels(parsing: wrong) }
        }
    }
}

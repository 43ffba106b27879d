import FoundationEssentials
import Testing

@testable import redstart

@Suite("What redstart query draws")
struct QueryPlotTests {
    private func series(_ points: String) throws -> [QueryData.Series] {
        let json = #"{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[\#(points)]}]}"#
        guard case .series(let series) = try JSONDecoder().decode(QueryData.self, from: Data(json.utf8)).result else {
            return []
        }
        return series
    }

    private func lines(_ points: String) throws -> [Substring] {
        let plot = try #require(QueryPlot(try series(points), screen: .init(columns: 40, rows: 12)))
        return plot.render().split(separator: "\n")
    }

    @Test("A rising line begins below and ends above")
    func rising() throws {
        let lines = try lines(#"[0,"1"],[60,"2"],[120,"3"]"#)
        let (top, bottom) = (try #require(lines.first), try #require(lines.last { $0.hasPrefix("1 ┤") }))
        #expect(top.hasPrefix("3 ┤ ") && top.last != " ")
        #expect(!bottom.hasPrefix("1 ┤ ") && bottom.last == " ")
        #expect(lines.last == #"● {a="b"}  3"#)
    }

    @Test(
        "Numbers at the edges of what a number can be",
        arguments: [
            #"[0,"0"],[1,"5e-324"]"#, #"[0,"-1.7e308"],[1,"1.7e308"]"#, #"[0,"NaN"],[1,"7"],[2,"+Inf"]"#,
            #"[-999999999999,"1"],[999999999999,"2"]"#, #"[5,"1"],[5,"1"]"#,
        ]
    )
    func edges(points: String) throws {
        #expect(try lines(points).last?.hasPrefix("●") == true)
    }

    @Test("Times beyond all calendars are none", arguments: ["1e12", "-1e300", "1e308"])
    func times(time: String) {
        #expect(throws: DecodingError.self) { try series("[0,\"1\"],[\(time),\"1\"]") }
    }
}

import FoundationEssentials
import PromQL
import Testing

@Suite("Scripts")
struct ScriptTests {
    static let names = [
        "selectors", "rates", "over_time", "operators", "matching", "aggregations", "functions", "histograms",
        "subqueries", "modifiers", "annotations", "labels",
    ]

    @Test("each script gives what it says", arguments: names)
    func script(name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")
        let text = try String(contentsOf: folder.appending(path: "\(name).test"), encoding: .utf8)
        var runner = ScriptRunner(text: text)
        #expect(runner.run(file: "\(name).test") > 3)
    }
}

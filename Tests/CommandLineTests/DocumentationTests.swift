import Metrics
import TestServers
import Testing

@testable import redstart

@Suite("Documentation made from tables")
struct DocumentationTests {
    private static let repository = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    @Test("Each page is what `make docs` makes", arguments: DocumentationPage.allCases)
    func current(page: DocumentationPage) {
        let text = readText("\(Self.repository)/\(page.path)")
        #expect(text == page.text, "\(page.path) is out of date: run 'make docs'")
    }

    @Test("The page of options has every option, the page of metrics every family")
    func complete() {
        for row in OptionTable.all { #expect(OptionsPage.text.contains("`\(row.usage)`".replacing("<", with: "&lt;"))) }
        for row in Watch.Families().catalog.rows { #expect(MetricsPage.text.contains("| `\(row.name)` |")) }
        #expect(ExporterPage.text.contains("--include-go-runtime-metrics"))
    }

    @Test("The manual page is one without warnings")
    func manual() async throws {
        let directory = try TemporaryDirectory()
        let page = try directory.write(ManualPage.text, to: "redstart.1")
        let process = try ServerProcess("groff", ["-man", "-ww", "-Tutf8", "-z", page], in: directory)
        #expect(try await process.exitCode(seconds: 60) == 0)
        #expect(process.log == "")
    }

    @Test("Requests and escapes of roff in a text stay text")
    func escapes() {
        #expect(ManualPage.escaped(".x\n'y\na\\b-c…") == "\\&.x\n\\&'y\na\\eb\\-c...")
    }
}

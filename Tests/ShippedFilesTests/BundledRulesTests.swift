import BundledRules
import FoundationEssentials
import Testing

@Suite("Bundled rules")
struct BundledRulesTests {
    private static let rules = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/rules"

    private func files(_ folder: String, ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(ending) }.sorted()
    }

    @Test("Every rule file of the folder is in the program, byte for byte, and has unit tests beside it")
    func ruleFiles() throws {
        let names = try files(Self.rules, ending: ".rules.yml")
        #expect(!names.isEmpty)
        #expect(BundledRules.files.map(\.name).sorted() == names)
        for (name, bytes) in BundledRules.files {
            #expect(FileManager.default.contents(atPath: "\(Self.rules)/\(name)").map { Array($0) } == bytes)
            let tests = name.replacing(".rules.yml", with: ".test.yml")
            #expect(FileManager.default.fileExists(atPath: "\(Self.rules)/\(tests)"), "\(tests)")
        }
    }

    @Test("Every alert has a runbook in the program, and every runbook an alert")
    func runbooks() throws {
        var alerts: Set<String> = []
        for (_, bytes) in BundledRules.files {
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                guard let range = line.firstRange(of: "- alert: ") else { continue }
                alerts.insert(String(line[range.upperBound...]))
            }
        }
        #expect(alerts.count >= 15)
        #expect(Set(BundledRules.runbooks.keys) == alerts)
        #expect(try files("\(Self.rules)/runbooks", ending: ".md") == alerts.sorted().map { "\($0).md" })
        for (alert, bytes) in BundledRules.runbooks {
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("# \(alert)\n"))
        }
    }
}

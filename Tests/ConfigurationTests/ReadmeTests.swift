import Files
import RedisClient
import RedisFleet
import Testing

@testable import Configuration

@Suite("The README")
struct ReadmeTests {
    @Test("Its configuration file is one, and shows every key")
    func example() throws {
        let path = "\(#filePath.split(separator: "/Tests/")[0])/README.md"
        let readme = String(decoding: try FileContents.read(path, limit: 1 << 20), as: UTF8.self)
        let section = try #require(readme.firstRange(of: "\n## Configuration file\n")).upperBound
        let start = try #require(readme[section...].firstRange(of: "\n```yaml\n")).upperBound
        let end = try #require(readme[start...].firstRange(of: "\n```\n")).lowerBound
        let text = String(readme[start..<end])
        let file = try configuration(text, environment: ["REDIS_PASSWORD": "x"])
        let targets = try WatchedTargets(file.targets, defaults: file.defaults)
        #expect(targets.nodes.count == 1)
        #expect(targets.discovered.count == 3)
        let tables = [
            ConfigurationFile.keys.keys.map(\.name), TargetEntry.keys.keys.map(\.name),
            TLSSettings.keys.keys.map(\.name),
        ]
        for key in tables.joined() {
            #expect(text.contains("\(key):"), "the example does not show \(key)")
        }
    }
}

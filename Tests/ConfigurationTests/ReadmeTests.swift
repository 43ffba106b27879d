import Alerting
import Files
import HTTPServer
import RedisClient
import RedisFleet
import RemoteWrite
import Testing

@testable import Configuration

@Suite("The README")
struct ReadmeTests {
    @Test("Its configuration file is one, and shows every key")
    func example() throws {
        let text = try example(of: "Configuration file")
        let file = try configuration(text, environment: ["REDIS_PASSWORD": "x"])
        let targets = try WatchedTargets(file.targets, defaults: file.defaults)
        #expect(targets.nodes.count == 1)
        #expect(targets.discovered.count == 3)
        let tables = [
            ConfigurationFile.keys.keys.map(\.name), TargetEntry.keys.keys.map(\.name),
            TLSSettings.keys.keys.map(\.name),
        ]
        let elsewhere = AlertingSections.keys.map(\.name) + RemoteWriteSections.keys.map(\.name)
        for key in tables.joined() where !elsewhere.contains(key) {
            #expect(text.contains("\(key):"), "the example does not show \(key)")
        }
    }

    @Test("Its example of alerting is read without a mistake, and shows every section")
    func alerting() throws {
        let text = try example(of: "Alerting")
        let file = try configuration(text)
        var told = NotificationConfiguration()
        try told.add(
            alertmanagers: file.alerting.alertmanagers,
            receivers: file.alerting.receivers,
            route: file.alerting.route,
            inhibitRules: file.alerting.inhibitRules,
            externalLabels: file.alerting.externalLabels
        )
        #expect(told.receivers.map(\.name) == ["team", "pager", "dead-mans-switch", "script"])
        #expect(told.alertmanagers.count == 2)
        #expect(try RuleOverride.list(try #require(file.alerting.ruleOverrides)).count == 3)
        for key in AlertingSections.keys { #expect(text.contains("\(key.name):")) }
    }

    @Test("Its web.yml is read without a mistake")
    func web() throws {
        let text = try example(of: "HTTPS and users")
        let file = try WebConfigurationFile(Array(text.utf8), path: "/etc/web.yml")
        #expect(file.access.tls?.clientNames == ["prometheus"])
        #expect(file.access.users.keys.sorted() == ["ann"])
        #expect(file.remarks == [])
    }

    @Test("Its example of remote write is read without a mistake, and every section is shown")
    func remoteWrite() throws {
        let text = try example(of: "Write elsewhere: remote write and OTLP")
        let sections = try configuration(text).remoteWrite
        var written = RemoteWriteConfiguration()
        try written.add(remoteWrite: sections.remoteWrite, otlp: sections.otlp, externalLabels: nil)
        #expect(written.endpoints.map(\.name) == ["mimir", "http://prometheus:9090", "http://collector:4318"])
        // Clocks from elsewhere are explained with the shards that need them.
        let all = try readme()
        for key in RemoteWriteSections.keys { #expect(all.contains("\n\(key.name):")) }
    }

    private func readme() throws -> String {
        let path = "\(#filePath.split(separator: "/Tests/")[0])/README.md"
        return String(decoding: try FileContents.read(path, limit: 1 << 20), as: UTF8.self)
    }

    /// The first example in YAML of a section of the README.
    private func example(of section: String) throws -> String {
        let readme = try readme()
        let title = try #require(readme.firstRange(of: "\n## \(section)\n")).upperBound
        let start = try #require(readme[title...].firstRange(of: "\n```yaml\n")).upperBound
        let end = try #require(readme[start...].firstRange(of: "\n```\n")).lowerBound
        return String(readme[start..<end])
    }
}

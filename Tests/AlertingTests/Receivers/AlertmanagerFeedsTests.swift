import Testing
import YAML

@testable import Alerting

@Suite("The Alertmanagers that are known")
struct AlertmanagerFeedsTests {
    private func configuration(_ yaml: String) throws -> NotificationConfiguration {
        let node = try #require(try YAMLDocument.parse(Array(yaml.utf8), file: "my.yml"))
        var configuration = NotificationConfiguration()
        configuration.alertmanagers = try Alertmanager.list(node)
        return configuration
    }

    @Test("Addresses of a name are kept where it is not found any more, and over a reload; those of others are not")
    func names() throws {
        let named = try configuration("[{dns_url: 'http://am.example:9093'}, {url: 'http://fixed:9093'}]")
        var feeds = AlertmanagerFeeds(named)
        #expect(feeds.targets.map(\.address) == [nil])
        feeds.replace(discovered: ["am.example": ["10.0.0.1", "10.0.0.2"]])
        #expect(feeds.targets.map(\.address) == ["10.0.0.1", "10.0.0.2", nil])
        feeds.replace(discovered: ["am.example": []])
        #expect(feeds.targets.map(\.address) == ["10.0.0.1", "10.0.0.2", nil])
        let again = AlertmanagerFeeds(named, before: feeds)
        #expect(again.targets.map(\.name) == feeds.targets.map(\.name))
        let other = try configuration("[{dns_url: 'http://other.example:9093'}]")
        #expect(AlertmanagerFeeds(other, before: feeds).targets.isEmpty)
    }
}

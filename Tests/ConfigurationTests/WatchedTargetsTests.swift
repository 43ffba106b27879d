import Metrics
import RedisClient
import RedisFleet
import Testing

@testable import Configuration

private func targets(_ text: String) throws(ConfigurationError) -> WatchedTargets {
    let file = try configuration(text)
    return try WatchedTargets(file.targets, defaults: file.defaults)
}

@Suite("Targets of the configuration")
struct WatchedTargetsTests {
    @Test("A target has its own settings before the defaults")
    func defaults() throws {
        let targets = try targets(
            """
            defaults:
              user: reader
              password_file: secret
              poll_interval: 5s
              labels: {env: prod, team: a}
              tls: {ca_file: ca.pem}
            targets:
              - address: rediss://cache-1:6380
                timeout: 1s
                labels: {team: b}
                tls: {server_name: cache}
              - address: redis://admin:own@cache-2
            """
        )
        try #require(targets.nodes.count == 2)
        let first = targets.nodes[0]
        #expect(first.connection.address.user == "reader")
        #expect(first.connection.address.password == nil)
        #expect(first.connection.passwordFile == "/etc/secret")
        #expect(first.connection.tls.authorityFile == "/etc/ca.pem")
        #expect(first.connection.tls.serverName == "cache")
        #expect(first.pollInterval == .seconds(5))
        #expect(first.pollTimeout == .seconds(1))
        #expect(first.labels == Labels([("env", "prod"), ("team", "b")]))
        let second = targets.nodes[1].connection
        #expect(second.address.user == "admin")
        #expect(second.address.password == Secret("own"))
        #expect(second.passwordFile == nil)
    }

    @Test("Sentinels and data nodes have credentials of their own")
    func classes() throws {
        let targets = try targets(
            """
            targets:
              - address: sentinel://s1,s2/mymaster
                name: shop
                password: data
                sentinel_credentials: {user: watcher, password_file: /run/sentinel}
                tls: {ca_file: ca.pem}
                address_map: {'10.0.0.1:6379': 'localhost:7001'}
            """
        )
        let target = try #require(targets.discovered.first)
        #expect(target.name == "shop")
        let announced = Endpoint.tcp(host: "10.0.0.1", port: 6379)
        #expect(target.addressMap == [announced: .tcp(host: "localhost", port: 7001)])
        let sentinel = target.configuration(of: .tcp(host: "s1", port: 26379), isSentinel: true).connection
        #expect(sentinel.address.scheme.usesTLS)
        #expect(sentinel.address.user == "watcher")
        #expect(sentinel.address.password == nil)
        #expect(sentinel.passwordFile == "/run/sentinel")
        let node = target.configuration(of: announced, isSentinel: false).connection
        #expect(node.tls.authorityFile == "/etc/ca.pem")
        #expect(node.address.user == nil)
        #expect(node.address.password == Secret("data"))
        #expect(node.passwordFile == nil)
    }

    @Test("The password of data nodes is not for Sentinels")
    func noLeakToSentinels() throws {
        let targets = try targets("{defaults: {password: x}, targets: [{address: 'sentinel://s1'}]}")
        let target = try #require(targets.discovered.first)
        let sentinel = target.configuration(of: .tcp(host: "s1", port: 26379), isSentinel: true).connection
        #expect(sentinel.address.password == nil)
    }

    @Test("An address twice is one node, however it is written")
    func twice() throws {
        let targets = try targets(
            """
            targets:
              - address: cache:6379
              - address: redis://cache
              - {address: cache, discover: true}
              - address: sentinel://s,t/one
              - address: sentinel://s,t/one
              - address: sentinel://s,t/two
            """
        )
        #expect(targets.nodes.map(\.node.instance) == ["cache:6379"])
        let discovered = targets.discovered.map { "\($0.target)" }
        let sentinels = "sentinel://s:26379,t:26379"
        #expect(discovered == ["redis://cache:6379", "\(sentinels)/one", "\(sentinels)/two"])
    }

    @Test("An address twice with different settings is an error that names both places")
    func conflict() {
        #expect(
            message("targets:\n  - address: cache\n  - address: redis://cache\n    labels: {env: x}")
                == "/etc/redstart.yml:3:14: redis://cache:6379 is given twice, with different settings: the other place "
                + "is /etc/redstart.yml:2:14"
        )
        #expect(
            message("targets:\n  - address: sentinel://s/one\n  - address: sentinel://s/two\n    timeout: 1s")
                .contains("redis://s:26379 is given twice, with different settings")
        )
    }

    private static let ignored: [(String, String)] = [
        ("{address: a, name: x}", "name is the name of a deployment, and this target is one server; use labels"),
        (
            "{address: 'sentinel://s', name: x}",
            "name is for one deployment, and Sentinels may know several; name the master, sentinel://s:26379/mymaster"
        ),
        (
            "{address: a, sentinel_credentials: {user: x}}",
            "sentinel_credentials are for sentinel:// targets; use user and password"
        ),
        ("{address: a, tls: true}", "redis://a:6379 is not reached with TLS, but has TLS settings; write rediss://"),
    ]

    @Test("Settings that would be ignored are errors", arguments: ignored)
    func refused(_ target: String, _ expected: String) {
        #expect(message("targets: [\(target)]") == "/etc/redstart.yml:1:21: \(expected)")
    }
}

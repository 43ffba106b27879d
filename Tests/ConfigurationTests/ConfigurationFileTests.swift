import HTTPServer
import Metrics
import RedisClient
import RedisFleet
import Testing

@testable import Configuration

/// The text as a file `/etc/redstart.yml`.
func configuration(
    _ text: String,
    environment: [String: String] = [:]
) throws(ConfigurationError) -> ConfigurationFile {
    try ConfigurationFile(Array(text.utf8), path: "/etc/redstart.yml") { environment[$0] }
}

/// The message of the error that the text gives.
func message(_ text: String, environment: [String: String] = [:]) -> String {
    do throws(ConfigurationError) {
        let file = try configuration(text, environment: environment)
        _ = try WatchedTargets(file.targets, defaults: file.defaults)
        return "no error"
    } catch {
        return error.description
    }
}

@Suite("The configuration file")
struct ConfigurationFileTests {
    @Test("An empty file says nothing", arguments: ["", "# nothing\n", "targets:\n", "{}"])
    func empty(_ text: String) throws {
        let file = try configuration(text)
        #expect(file.targets.isEmpty)
        #expect(file.daemon == DaemonSettings())
        #expect(file.defaults == TargetSettings())
    }

    @Test("Settings of the daemon are read")
    func daemon() throws {
        let settings = try configuration(
            """
            listen_address: 127.0.0.1:9121
            scrape_max_age: 0s
            history: 2h
            history_max_bytes: 1000000
            state_dir: state
            state_snapshot_interval: 1m30s
            rule_files: [rules/*.yml, /opt/own.yml]
            evaluation_interval: 30s
            discovery_interval: 10s
            connect_limit: 8
            """
        ).daemon
        var expected = DaemonSettings()
        expected.listenAddress = ListenAddress(host: "127.0.0.1", port: 9121)
        expected.scrapeMaxAge = .zero
        expected.history = .seconds(7200)
        expected.historyMaxBytes = 1_000_000
        expected.stateDirectory = "/etc/state"
        expected.snapshotInterval = .seconds(90)
        expected.ruleFiles = ["/etc/rules/*.yml", "/opt/own.yml"]
        expected.evaluationInterval = .seconds(30)
        expected.discoveryInterval = .seconds(10)
        expected.connectLimit = 8
        #expect(settings == expected)
    }

    @Test("What the command line says comes before the file")
    func precedence() throws {
        var options = DaemonSettings()
        options.history = .seconds(60)
        let settings = options.filled(from: try configuration("history: 2h\nconnect_limit: 8").daemon)
        #expect(settings.history == .seconds(60))
        #expect(settings.connectLimit == 8)
    }

    private static let mistakes: [(String, String)] = [
        ("targtes: []", "1:1: unknown key \"targtes\", did you mean \"targets\"?"),
        ("targets:\n  - address: a\n    pasword: x", "3:5: unknown key \"pasword\", did you mean \"password\"?"),
        ("targets:\n  - address: a\n    tls: {cafile: x}", "3:11: unknown key \"cafile\", did you mean \"ca_file\"?"),
        (
            "defaults:\n  sentinel_credentials: {nonsense: x}",
            "2:26: unknown key \"nonsense\" in credentials; expected one of user, password, password_file"
        ),
        ("history: soon", "1:10: `soon` is not a duration; expected one such as 500ms, 15s or 1h30m"),
        ("defaults: {poll_interval: 1ms}", "1:27: 1ms is too short; expected at least 100ms"),
        ("connect_limit: 0", "1:16: 0 is too small; expected a whole number from 1"),
        ("connect_limit: many", "1:16: `many` is not a whole number; expected a whole number from 1"),
        ("targets: {}", "1:10: a mapping is in the wrong place; expected a list of targets"),
        ("targets:\n  - name: x", "2:5: the target has no address; expected a key \"address\""),
        ("targets: [{address: a, discover: maybe}]", "1:34: `maybe` is not a flag; expected true or false"),
        (
            "targets: [{address: 'http://a'}]",
            "1:21: invalid address 'http://a': unknown scheme 'http'; expected redis://, rediss://, valkey://, "
                + "valkeys:// or unix://"
        ),
        (
            "defaults: {labels: {9lives: x}}",
            "1:21: \"9lives\" cannot be the name of a label; expected letters, digits and _, no digit first, not __ first"
        ),
        ("defaults: {labels: {job: x}}", "1:21: some metrics have a label \"job\" of their own"),
        ("defaults: {labels: {cmd: x}}", "1:21: some metrics have a label \"cmd\" of their own"),
        (
            "defaults: {tls: {cert_file: x}}",
            "1:17: a client certificate and its key go together; expected both cert_file and key_file"
        ),
        (
            "defaults: {password: x, password_file: y}",
            "1:11: there are two passwords; expected either password or password_file"
        ),
        (
            "defaults: {user: x, data_credentials: {user: y}}",
            "1:11: user and data_credentials are for the same nodes; expected all in data_credentials"
        ),
    ]

    @Test("A mistake is told with its place, and what is right there", arguments: mistakes)
    func mistake(_ text: String, _ expected: String) {
        #expect(message(text) == "/etc/redstart.yml:\(expected)")
    }

    @Test("What is no YAML is told with its place", arguments: ["targets: [", "a: 1\na: 2", "--- 1\n--- 2"])
    func noYAML(_ text: String) {
        #expect(message(text).hasPrefix("/etc/redstart.yml:2:"))
    }

    @Test("A file that is not there is said with its path")
    func missing() {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile(path: "/nowhere/redstart.yml") { _ in nil }
            Issue.record("no error")
        } catch {
            #expect(error.description == "cannot read /nowhere/redstart.yml: No such file or directory")
        }
    }

    @Test(
        "No message shows a password",
        arguments: [
            "targets: redis://user:hunter2@host",
            "targets: ['redis://user:hunter2@host']",
            "targets: [{address: 'http://user:hunter2@host'}]",
            "targets: [{address: 'redis://:hunter2@host:port'}]",
            "defaults: {data_credentials: hunter2}",
            "defaults: {password: [hunter2]}",
            "targets: [{address: 'redis://:hunter2@a'}, {address: 'redis://:hunter3@a'}]",
        ]
    )
    func secrets(_ text: String) {
        let message = message(text)
        #expect(message != "no error")
        #expect(!message.contains("hunter"))
    }

    @Test("Variables of the environment stand for texts, numbers and parts of texts")
    func environment() throws {
        let file = try configuration(
            """
            connect_limit: ${LIMIT}
            defaults:
              password: ${SECRET}
              labels: {price: '5 $$ ${UNIT}', regex: 'a$', shell: $HOME}
            """,
            environment: ["LIMIT": "5", "SECRET": "~", "UNIT": "each"]
        )
        #expect(file.daemon.connectLimit == 5)
        // A text, not YAML's nothing.
        #expect(file.defaults.credentials.password == Secret("~"))
        #expect(file.defaults.labels == Labels([("price", "5 $ each"), ("regex", "a$"), ("shell", "$HOME")]))
    }

    @Test("A variable that is not set is an error, so is a reference without an end")
    func unsetVariables() {
        #expect(
            message("defaults:\n  password: ${SECRET}")
                == "/etc/redstart.yml:2:13: the environment variable SECRET is not set; expected a value for it, or $$ "
                + "for a dollar sign"
        )
        #expect(
            message("defaults: {user: 'x${SECRET'}")
                == "/etc/redstart.yml:1:18: ${ is not followed by the name of a variable and }; expected ${NAME}, or $$ "
                + "for a dollar sign"
        )
    }
}

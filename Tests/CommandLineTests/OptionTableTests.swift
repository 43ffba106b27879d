import Alerting
import Configuration
import Metrics
import PromQL
import RedisFleet
import TestServers
import Testing
import WebAPI

@testable import redstart

@Suite("The table of options")
struct OptionTableTests {
    @Test("Names and variables are unique, and every text is a sentence")
    func rows() {
        for command in OptionRow.Command.allCases {
            let rows = OptionTable.all.filter { $0.commands.contains(command) }
            #expect(Set(rows.map(\.name)).count == rows.count)
        }
        let variables = OptionTable.all.compactMap(\.variable)
        #expect(Set(variables).count == variables.count)
        for row in OptionTable.all {
            #expect(row.help.hasSuffix("."), "\(row.name)")
            #expect(!row.commands.isEmpty)
        }
    }

    @Test("Our own options have variables of ours")
    func ownVariables() throws {
        let options = try parse([], ["REDSTART_POLL_INTERVAL": "3s", "REDSTART_STATE_DIR": "/tmp/x"])
        #expect(options.targetDefaults.pollInterval == .seconds(3))
        #expect(options.daemon.stateDirectory == "/tmp/x")
        #expect(throws: InvalidOption.self) { try parse([], ["REDSTART_POLL_INTERVAL": "soon"]) }
    }

    @Test("Words that are no options are targets, wherever they stand")
    func targets() throws {
        let options = try parse(["a:1", "-debug", "b:2", "--redis.addr", "c:3", "-redis.addr=d:4", "--", "-e"])
        #expect(options.targets == ["a:1", "b:2", "-e"])
        #expect(options.addresses == ["c:3", "d:4"])
    }

    @Test("An empty address asks for no server, an empty variable of another kind is none")
    func empty() throws {
        #expect(try parse(["--redis.addr="]).readTargets(pollInterval: .seconds(1)).nodes.isEmpty)
        #expect(try parse([], ["REDIS_ADDR": ""]).readTargets(pollInterval: .seconds(1)).nodes.isEmpty)
        let options = try parse([], ["REDIS_PASSWORD": "", "REDIS_EXPORTER_DEBUG": ""])
        #expect(options.targetDefaults.credentials.password == nil)
        #expect(try parse([]).readTargets(pollInterval: .seconds(1)).nodes.count == 1)
    }

    @Test(
        "A mistake is one line that says which option, what it is not, and what to do",
        arguments: [
            (["--poll-intervall=1s"], "unknown option --poll-intervall; did you mean --poll-interval?"),
            (["--poll-interval=soon"], "--poll-interval: 'soon' is not a duration such as 500ms, 15s or 1h30m"),
            (["--poll-interval=1ms"], "--poll-interval: '1ms' is not at least 100ms"),
            (["--log-level=loud"], "--log-level: 'loud' is not one of trace, debug, info"),
            (["--history-max-bytes=-1"], "--history-max-bytes: '-1' is not a whole number, not negative"),
            (["--web.listen-address=9121"], "--web.listen-address: '9121' is not an address to listen on"),
            (["--rules"], "--rules needs a value: --rules <file>"),
            (["--shard=3"], "--shard: '3' cannot be used: write which shard of how many, counted from 0: 2/8"),
            (["--shard=a/3"], "--shard: 'a/3' cannot be used: write which shard of how many"),
            (["--shard=-1/3"], "--shard: '-1/3' cannot be used: write which shard of how many"),
            (["--shard=1/3/5"], "--shard: '1/3/5' cannot be used: write which shard of how many"),
            (["--shard=0/0"], "--shard: '0/0' cannot be used: there must be at least one shard, so 0/1"),
            (["--shard=hostname/0"], "--shard: 'hostname/0' cannot be used: there must be at least one shard"),
            (["--shard=3/3"], "--shard: '3/3' cannot be used: shards are counted from 0, so the last of 3 is 2/3"),
            (["--shard=0/5000"], "--shard: '0/5000' cannot be used: 5000 shards are too many, at most 1000"),
            (["--replicas=two"], "--replicas: 'two' is not a whole number, not negative"),
        ]
    )
    func mistakes(words: [String], text: String) {
        #expect {
            try parse(words)
        } throws: { error in
            "\(error)".hasPrefix(text)
        }
    }

    @Test(
        "Replicas need as many shards, and a host name that is to tell the shard needs a number",
        arguments: [
            (["--replicas=2"], "--replicas: 2 cannot be used without --shard"),
            (["--shard=0/3", "--replicas=4"], "--shard: '0/3' cannot be used: a deployment cannot be watched by 4"),
            (["--shard=0/3", "--replicas=0"], "--shard: '0/3' cannot be used: a deployment cannot be watched by 0"),
            (["--shard=hostname/3"], "--shard: 'hostname/3' cannot be used: the host name 'web' does not end in"),
        ]
    )
    func shards(words: [String], text: String) throws {
        let options = try parse(words)
        #expect {
            try options.readShard(hostName: "web")
        } throws: { error in
            "\(error)".hasPrefix(text)
        }
        #expect(try parse(["--shard=", "--replicas=1"]).readShard(hostName: "web") == nil)
    }

    @Test("Options of another command are unknown")
    func otherCommand() {
        #expect(throws: InvalidOption.self) {
            try OptionReader(.metrics).read(["--poll-interval=1s"], environment: { _ in nil })
        }
    }

    @Test("What is an option of serve can be said in a file, too")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            """
            query_timeout: 7s
            enable_feature: [promql-duration-expr]
            series_limit: 77
            notify_give_up: 3m
            web_external_url: http://redstart.example
            web_enable_admin: true
            redis_password_file: passwords.json
            """,
            to: "redstart.yml"
        )
        try directory.write("{}", to: "passwords.json")
        let settings = try ServeSettings(try parse(["--config.file", path]))
        #expect(settings.queries.engine.timeout == .seconds(7))
        #expect(settings.queries.language.durationExpressions)
        #expect(settings.targets.nodes.first?.seriesLimits.perNode == 77)
        #expect(settings.notifications.giveUpAfter == .seconds(180))
        #expect(settings.notifications.externals.url == "http://redstart.example")
        #expect(settings.options.notifications.allowsChanges)
        #expect(settings.options.passwordFile == directory.file("passwords.json"))
        // What is said on the command line comes first.
        let options = try parse(["--config.file", path, "--query.timeout", "9s"])
        #expect(try ServeSettings(options).queries.engine.timeout == .seconds(9))
    }

    private func parse(_ words: [String], _ environment: [String: String] = [:]) throws -> Options {
        guard case .run(let assignments) = try OptionReader(.serve).read(words, environment: { environment[$0] })
        else { throw InvalidOption("not to be run") }
        var options = Options()
        try assignments.apply(to: &options)
        options.given = assignments
        return options
    }
}

import Testing

@testable import RedisCollectors

@Suite struct ConfigCollectorTests {
    static let node = FixtureServer(server: "redis-8.0", role: "standalone")

    @Test("Parameters are read after a start and every five minutes, and exported at each poll")
    func readSeldom() {
        var scrape = Scrape.full(Self.node)
        #expect(scrape.commands.contains { $0[0] == "CONFIG" && $0.count > 6 })
        let value = scrape.values["redis_config_maxmemory"]
        scrape.poll { Self.node.reply(to: $0) }
        #expect(!scrape.commands.contains { $0[0] == "CONFIG" })
        #expect(scrape.values["redis_config_maxmemory"] == value)
        scrape.context.nowMilliseconds += 300_000
        scrape.poll { Self.node.reply(to: $0) }
        #expect(scrape.commands.contains { $0[0] == "CONFIG" })
    }

    @Test("Before Redis 7 each parameter is a command of its own")
    func oldServers() {
        let scrape = Scrape.full(FixtureServer(server: "redis-6.2", role: "standalone"))
        #expect(scrape.commands.filter { $0[0] == "CONFIG" }.allSatisfy { $0.count == 3 })
        #expect(scrape.values["redis_config_maxclients"] == 10000)
        #expect(scrape.values["redis_config_save_enabled"] == 0)
    }

    @Test("The command can be renamed or forbidden")
    func renamed() {
        var options = CollectorOptions()
        options.configCommand = "hidden-config"
        #expect(Scrape.full(Self.node, options: options).commands.contains { $0[0] == "hidden-config" })
        options.configCommand = "-"
        #expect(!Scrape.full(Self.node, options: options).commands.contains { $0.contains("maxmemory") })
    }

    @Test(
        "Secrets are neither exported nor kept",
        arguments: [
            "masterauth", "requirepass", "tls-key-file-pass", "tls-client-key-file-pass", "sentinel-pass",
            "MASTERAUTH", "some-new-password",
        ]
    )
    func secrets(name: String) {
        var options = CollectorOptions()
        options.includeConfigMetrics = true
        var scrape = Scrape(options: options)
        scrape.poll { Self.node.reply(to: $0) }
        let answer = RESP.reply(RESP.array([name, "hunter2", "maxclients", "7"]))
        scrape.poll { $0[0] == "CONFIG" ? answer : Self.node.reply(to: $0) }
        #expect(scrape.state.config.parameters.count == 1)
        #expect(!scrape.text.contains("hunter2"))
        #expect(scrape.values[#"redis_config_value{key="maxclients"}"#] == 7)
    }

    @Test("Changed parameters are told once, and read as soon as INFO has another limit")
    func changes() throws {
        var scrape = Scrape.full(Self.node)
        #expect(scrape.state.takeConfigChanges().isEmpty)
        let info = String(decoding: try Self.node.body("INFO_all"), as: UTF8.self)
        let changed = info.replacing("maxmemory:", with: "maxmemory:77")
        let answer = RESP.reply(RESP.array(["save", "900 1", "masterauth", "hunter2", "no-such-parameter", "1"]))
        for _ in 0..<3 {
            scrape.poll { command in
                switch command[0] {
                case "INFO": RESP.bulk(Array(changed.utf8))
                case "CONFIG": answer
                default: Self.node.reply(to: command)
                }
            }
        }
        let changes = scrape.state.takeConfigChanges()
        #expect(changes.map(\.parameter) == ["save"])
        #expect(changes.first?.after == "900 1")
        #expect(scrape.state.takeConfigChanges().isEmpty)
        #expect(!scrape.commands.contains { $0[0] == "CONFIG" })
    }

    @Test("Names that only look like secrets are not taken for them")
    func others() {
        for name in ["masteruser", "tls-auth-clients", "acl-pubsub-default", "maxmemory", "save"] {
            #expect(!ConfigParameters.isSecret(name))
        }
    }

    @Test("Parameters of the run before are not exported after a restart where CONFIG is shut")
    func restart() {
        var scrape = Scrape.full(Self.node)
        let other = FixtureServer(server: "redis-8.0", role: "empty")
        for _ in 0..<2 {
            scrape.poll { $0[0] == "CONFIG" ? RESP.reply("-NOPERM no\r\n") : other.reply(to: $0) }
        }
        #expect(scrape.values["redis_config_repl_backlog_size"] == nil)
        #expect(scrape.outcomes["config"]?.refusal == "NOPERM no")
    }

    @Test("The limits of memory and clients are those of INFO: there where CONFIG is shut, and new at each poll")
    func limitsOfInfo() throws {
        var options = CollectorOptions()
        options.configCommand = "-"
        var scrape = Scrape(options: options)
        for limit in [0, 100_000_000] {
            let info = "redis_version:8.0.6\r\nrole:master\r\nmaxmemory:\(limit)\r\nmaxclients:77\r\n"
            scrape.poll { $0[0] == "INFO" ? RESP.bulk(Array(info.utf8)) : nil }
            #expect(scrape.values["redis_config_maxmemory"] == Double(limit))
            #expect(scrape.values["redis_config_maxclients"] == 77)
        }
    }
}

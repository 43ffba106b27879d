import Configuration
import RedisClient
import RedisFleet
import Testing

@testable import redstart

/// One flag of redis_exporter 1.88, as its own help lists it.
struct ExporterFlag: Sendable, CustomTestStringConvertible {
    enum Kind: Sendable {
        case toggle
        case text(String)
    }

    let name: String
    let variable: String?
    let kind: Kind

    var testDescription: String { name }

    init(_ name: String, _ variable: String?, _ kind: Kind) {
        self.name = name
        self.variable = variable
        self.kind = kind
    }

    /// All 59 of them.
    static let all: [ExporterFlag] = [
        ExporterFlag("redis.addr", "REDIS_ADDR", .text("redis://example.org:6379")),
        ExporterFlag("redis.user", "REDIS_USER", .text("reader")),
        ExporterFlag("redis.password", "REDIS_PASSWORD", .text("secret")),
        ExporterFlag("redis.password-file", "REDIS_PASSWORD_FILE", .text("/etc/passwords.json")),
        ExporterFlag("namespace", "REDIS_EXPORTER_NAMESPACE", .text("valkey")),
        ExporterFlag("check-keys", "REDIS_EXPORTER_CHECK_KEYS", .text("db0=a*,b*")),
        ExporterFlag("check-single-keys", "REDIS_EXPORTER_CHECK_SINGLE_KEYS", .text("db1=a,b")),
        ExporterFlag("check-key-groups", "REDIS_EXPORTER_CHECK_KEY_GROUPS", .text("^(.*)_[^_]+$")),
        ExporterFlag("check-streams", "REDIS_EXPORTER_CHECK_STREAMS", .text("db0=s*")),
        ExporterFlag("check-single-streams", "REDIS_EXPORTER_CHECK_SINGLE_STREAMS", .text("db0=s")),
        ExporterFlag("streams-exclude-consumer-metrics", "REDIS_EXPORTER_STREAMS_EXCLUDE_CONSUMER_METRICS", .toggle),
        ExporterFlag("count-keys", "REDIS_EXPORTER_COUNT_KEYS", .text("db0=c*")),
        ExporterFlag("check-keys-batch-size", "REDIS_EXPORTER_CHECK_KEYS_BATCH_SIZE", .text("500")),
        ExporterFlag("script", "REDIS_EXPORTER_SCRIPT", .text("/etc/a.lua,/etc/b.lua")),
        ExporterFlag("lua-script-read-only", "REDIS_EXPORTER_LUA_SCRIPT_READ_ONLY", .toggle),
        ExporterFlag("web.listen-address", "REDIS_EXPORTER_WEB_LISTEN_ADDRESS", .text("127.0.0.1:9122")),
        ExporterFlag("web.telemetry-path", "REDIS_EXPORTER_WEB_TELEMETRY_PATH", .text("/redis")),
        ExporterFlag("config-command", "REDIS_EXPORTER_CONFIG_COMMAND", .text("-")),
        ExporterFlag("connection-timeout", "REDIS_EXPORTER_CONNECTION_TIMEOUT", .text("15s")),
        ExporterFlag("tls-client-key-file", "REDIS_EXPORTER_TLS_CLIENT_KEY_FILE", .text("/etc/client.key")),
        ExporterFlag("tls-client-cert-file", "REDIS_EXPORTER_TLS_CLIENT_CERT_FILE", .text("/etc/client.crt")),
        ExporterFlag("tls-ca-cert-file", "REDIS_EXPORTER_TLS_CA_CERT_FILE", .text("/etc/ca.crt")),
        ExporterFlag("tls-server-name", "REDIS_EXPORTER_TLS_SERVER_NAME", .text("cache")),
        ExporterFlag("tls-server-key-file", "REDIS_EXPORTER_TLS_SERVER_KEY_FILE", .text("/etc/server.key")),
        ExporterFlag("tls-server-cert-file", "REDIS_EXPORTER_TLS_SERVER_CERT_FILE", .text("/etc/server.crt")),
        ExporterFlag("tls-server-ca-cert-file", "REDIS_EXPORTER_TLS_SERVER_CA_CERT_FILE", .text("/etc/clients.crt")),
        ExporterFlag("tls-server-min-version", "REDIS_EXPORTER_TLS_SERVER_MIN_VERSION", .text("TLS1.3")),
        ExporterFlag("max-distinct-key-groups", "REDIS_EXPORTER_MAX_DISTINCT_KEY_GROUPS", .text("50")),
        ExporterFlag("debug", "REDIS_EXPORTER_DEBUG", .toggle),
        ExporterFlag("log-level", "REDIS_EXPORTER_LOG_LEVEL", .text("WARN")),
        ExporterFlag("log-format", "REDIS_EXPORTER_LOG_FORMAT", .text("json")),
        ExporterFlag("set-client-name", "REDIS_EXPORTER_SET_CLIENT_NAME", .toggle),
        ExporterFlag("is-tile38", "REDIS_EXPORTER_IS_TILE38", .toggle),
        ExporterFlag("is-cluster", "REDIS_EXPORTER_IS_CLUSTER", .toggle),
        ExporterFlag("cluster-discover-hostnames", "REDIS_EXPORTER_CLUSTER_DISCOVER_HOSTNAMES", .toggle),
        ExporterFlag("export-client-list", "REDIS_EXPORTER_EXPORT_CLIENT_LIST", .toggle),
        ExporterFlag("export-client-port", "REDIS_EXPORTER_EXPORT_CLIENT_PORT", .toggle),
        ExporterFlag("version", nil, .toggle),
        ExporterFlag("redis-only-metrics", "REDIS_EXPORTER_REDIS_ONLY_METRICS", .toggle),
        ExporterFlag("include-go-runtime-metrics", "REDIS_EXPORTER_INCLUDE_GO_RUNTIME_METRICS", .toggle),
        ExporterFlag("ping-on-connect", "REDIS_EXPORTER_PING_ON_CONNECT", .toggle),
        ExporterFlag("include-config-metrics", "REDIS_EXPORTER_INCL_CONFIG_METRICS", .toggle),
        ExporterFlag("include-modules-metrics", "REDIS_EXPORTER_INCL_MODULES_METRICS", .toggle),
        ExporterFlag("include-search-indexes-metrics", "REDIS_EXPORTER_INCL_SEARCH_INDEXES_METRICS", .toggle),
        ExporterFlag("include-sentinel-peer-info", "REDIS_EXPORTER_INCL_SENTINEL_PEER_INFO", .toggle),
        ExporterFlag("check-search-indexes", "REDIS_EXPORTER_CHECK_SEARCH_INDEXES", .text("^idx")),
        ExporterFlag("disable-exporting-key-values", "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES", .toggle),
        ExporterFlag("exclude-latency-histogram-metrics", "REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS", .toggle),
        ExporterFlag("redact-config-metrics", "REDIS_EXPORTER_REDACT_CONFIG_METRICS", .toggle),
        ExporterFlag("include-system-metrics", "REDIS_EXPORTER_INCL_SYSTEM_METRICS", .toggle),
        ExporterFlag("include-rdb-file-size-metric", "REDIS_EXPORTER_INCL_RDB_FILE_SIZE_METRIC", .toggle),
        ExporterFlag("skip-tls-verification", "REDIS_EXPORTER_SKIP_TLS_VERIFICATION", .toggle),
        ExporterFlag("skip-checkkeys-for-role-master", "REDIS_EXPORTER_SKIP_CHECKKEYS_FOR_ROLE_MASTER", .toggle),
        ExporterFlag("basic-auth-username", "REDIS_EXPORTER_BASIC_AUTH_USERNAME", .text("user")),
        ExporterFlag("basic-auth-password", "REDIS_EXPORTER_BASIC_AUTH_PASSWORD", .text("secret")),
        ExporterFlag("basic-auth-hash-password", "REDIS_EXPORTER_BASIC_AUTH_HASH_PASSWORD", .text("$2b$10$abc")),
        ExporterFlag("disable-scrape-endpoint", "REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT", .toggle),
        ExporterFlag(
            "include-metrics-for-empty-databases", "REDIS_EXPORTER_INCL_METRICS_FOR_EMPTY_DATABASES", .toggle),
        ExporterFlag("append-instance-role-label", "REDIS_EXPORTER_APPEND_INSTANCE_ROLE_LABEL", .toggle),
    ]
}

@Suite("The 59 flags of redis_exporter")
struct ExporterFlagTests {
    @Test("There are 59, and no other row of the table calls itself one of them")
    func names() {
        #expect(ExporterFlag.all.count == 59)
        #expect(Set(ExporterFlag.all.map(\.name)) == Set(OptionTable.all.filter(\.isInherited).map(\.name)))
    }

    @Test("Each is accepted in every form and means the same in all", arguments: ExporterFlag.all)
    func forms(flag: ExporterFlag) throws {
        guard flag.name != "version" else {
            for word in ["-version", "--version", "--version=true"] {
                guard case .version = try OptionReader(.serve).read([word], environment: { _ in nil }) else {
                    Issue.record("\(word) does not ask for the version")
                    continue
                }
            }
            return
        }
        switch flag.kind {
        case .toggle:
            let on = try parse(["-\(flag.name)"])
            for words in [["--\(flag.name)"], ["-\(flag.name)=true"], ["--\(flag.name)=1"]] {
                #expect(try shown(parse(words)) == shown(on))
            }
            let off = try parse(["-\(flag.name)=false"])
            #expect(try shown(parse(["--\(flag.name)=F"])) == shown(off))
            let row = try #require(OptionTable.all.first { $0.name == flag.name })
            if row.hasEffect { #expect(shown(on) != shown(off)) }
            #expect(throws: InvalidOption.self) { try parse(["-\(flag.name)=maybe"]) }
        case .text(let text):
            let wanted = shown(try parse(["-\(flag.name)=\(text)"]))
            for words in [["--\(flag.name)=\(text)"], ["-\(flag.name)", text], ["--\(flag.name)", text]] {
                #expect(try shown(parse(words)) == wanted)
            }
            #expect(wanted != shown(Options()) || flag.name == "connection-timeout")
            #expect(throws: InvalidOption.self) { try parse(["-\(flag.name)"]) }
        }
    }

    @Test("Each variable means the same as its flag, and the flag wins", arguments: ExporterFlag.all)
    func variables(flag: ExporterFlag) throws {
        guard let variable = flag.variable else { return }
        switch flag.kind {
        case .toggle:
            for value in ["true", "false"] {
                let byFlag = try parse(["-\(flag.name)=\(value)"])
                #expect(try shown(parse([], [variable: value])) == shown(byFlag))
                let other = value == "true" ? "false" : "true"
                #expect(try shown(parse(["-\(flag.name)=\(value)"], [variable: other])) == shown(byFlag))
            }
            // redis_exporter takes the default for what it cannot read; so does a drop-in, with a warning.
            var options = Options()
            #expect(try assignments([], [variable: "yes"]).apply(to: &options).count == 1)
            #expect(shown(options) == shown(Options()))
        case .text(let text):
            let byFlag = try parse(["-\(flag.name)=\(text)"])
            #expect(try shown(parse([], [variable: text])) == shown(byFlag))
            let other = flag.name == "connection-timeout" ? "3s" : text
            #expect(try shown(parse(["-\(flag.name)=\(text)"], [variable: other])) == shown(byFlag))
        }
    }

    @Test("Flags that make no sense here are said to have no effect, and are listed apart in the help")
    func withoutEffect() throws {
        let options = try parse(["-include-go-runtime-metrics", "-redact-config-metrics=false"])
        #expect(options.withoutEffect == ["include-go-runtime-metrics", "redact-config-metrics"])
        let help = ServeCommand.help.text
        let section = try #require(help.firstRange(of: "redis_exporter compatibility"))
        #expect(help[section.upperBound...].contains("--include-go-runtime-metrics"))
        for flag in ExporterFlag.all {
            #expect(help.contains("\n  --\(flag.name)"), "\(flag.name) is not in the help")
            if let variable = flag.variable { #expect(help.contains("[\(variable)]")) }
        }
    }

    private func assignments(
        _ words: [String],
        _ environment: [String: String] = [:]
    ) throws -> OptionAssignments {
        guard case .run(let assignments) = try OptionReader(.serve).read(words, environment: { environment[$0] })
        else { throw InvalidOption("not to be run") }
        return assignments
    }

    private func parse(_ words: [String], _ environment: [String: String] = [:]) throws -> Options {
        var options = Options()
        try assignments(words, environment).apply(to: &options)
        return options
    }

    /// All fields as text; secrets included, which the usual description leaves out.
    private func shown(_ options: Options) -> String {
        var output = ""
        dump(options, to: &output)
        let secrets = [
            options.targetDefaults.credentials.password, options.basicAuth.password, options.basicAuth.passwordHash,
        ]
        return output + secrets.map { $0?.value ?? "-" }.joined(separator: ",")
    }
}

import Configuration
import HTTPServer
import Metrics
import RedisClient
import RedisCollectors
import RedisFleet

/// What the user has said, by options and environment: read and checked, but nothing looked up yet.
///
/// What a configuration file may say, too, is in the settings that the file has: there `nil` is unsaid. Names, variables
/// and texts are in `OptionTable`.
struct Options: Sendable {
    // MARK: Servers

    /// The words of the command line that are no options.
    var targets: [String] = []
    /// Targets of `--redis.addr`; `[""]` asks for none.
    var addresses: [String] = []
    /// What holds for targets that do not say.
    var targetDefaults = TargetSettings()
    var passwordFile: String?
    var setsClientName = true
    var clusterDiscoversHostNames = false
    /// The part of the targets that is watched; `nil` for all.
    var shard: ShardNotation?
    var replicas: Int?

    // MARK: Collecting

    var collectors = CollectorOptions()
    /// Which heavy checks are made; what stands in files or is a regular expression is in the fields below.
    var checks = CheckOptions()
    var checkInterval: Duration = .seconds(60)
    var scriptFiles: [String] = []
    var includesSearchIndexes = false
    var searchIndexPattern = ".*"
    var seriesLimits = SeriesLimits()

    // MARK: The daemon

    var configurationFile: String?
    var daemon = DaemonSettings()
    var metricsPath = "/metrics"
    var namespace = ExpositionNamespace.redis
    var redisOnlyMetrics = false
    var appendsInstanceRole = false
    var disablesScrapeEndpoint = false
    var scrapeAllow: [String] = []
    var serverTLS = ServerTLSOptions()
    var basicAuth = BasicAuthOptions()
    var webConfigurationFile: String?
    var logLevels = LogLevels()
    var debug = false
    var logFormat = LogFormat.text
    var logsSlowCommands = false
    var shutdownDelay: Duration = .zero
    var shutdownTimeout: Duration = .milliseconds(1500)

    /// Where spans are sent; `nil` for nowhere.
    var traces = TraceOptions()

    // MARK: Queries

    var queries = QueryOptions()

    // MARK: Messages about alerts

    var notifications = NotificationOptions()

    // MARK: One-shot checks

    var window: Duration = .seconds(5)
    var daemonURL: String?
    var reportFormat = CheckCommand.Format.text
    var topologyFormat = DiscoverCommand.Format.text
    var findingsFormat = DoctorCommand.Format.text

    /// What was given, to be set again over what a configuration file says.
    var given: OptionAssignments?
    /// The options that were given, by name, as they are shown: without secrets.
    var shownValues: [String: String] = [:]
    /// Names of options that were given and have no effect here.
    var withoutEffect: [String] = []
}

extension Options {
    var discovers: Bool {
        get { targetDefaults.discovers ?? false }
        set { targetDefaults.discovers = newValue }
    }

    var skipsVerification: Bool {
        get { targetDefaults.tls.skipsVerification ?? false }
        set { targetDefaults.tls.skipsVerification = newValue }
    }

    /// Rule files or patterns; none means those of the configuration file, or else the bundled rules.
    var ruleFiles: [String] {
        get { daemon.ruleFiles ?? [] }
        set { daemon.ruleFiles = newValue }
    }

    /// The longest time a poll may take.
    var pollTimeout: Duration {
        targetDefaults.timeout ?? .seconds(5)
    }
}

/// The files for TLS of the HTTP server, and how old a TLS may be.
struct ServerTLSOptions: Sendable {
    var key: String?
    var certificate: String?
    var clientAuthority: String?
    var minimumVersion = TLSVersionOption.tls12
}

/// User and password that HTTP clients must have.
struct BasicAuthOptions: Sendable {
    var user: String?
    var password: Secret?
    var passwordHash: Secret?
}

import Alerting
import Configuration
import HTTPServer
import Logging
import PromQL
import RedisFleet
import RemoteWrite
import TimeSeriesStore
import WebAPI
import YAML

/// What the daemon is to do: the command line before the environment before the configuration file before defaults.
struct ServeSettings: Sendable {
    let targets: WatchedTargets
    /// The part of the targets that is watched; `nil` for all.
    let shard: Shard?
    let groups: [RuleGroup]
    /// How nodes are polled that do not say.
    let polling: (interval: Duration, timeout: Duration)
    /// What queries over HTTP, and the expressions of rules, may use and take.
    let queries: QueryConfiguration
    /// Who is told of alerts.
    let notifications: NotificationConfiguration
    /// Where samples are written, too.
    let remoteWrite: RemoteWriteConfiguration
    /// Where spans are sent; `nil` for nowhere.
    let traces: TraceExporter.Configuration?
    /// What the options or else the file say.
    let daemon: DaemonSettings
    /// What is an option, and a key of the file only by its name.
    let options: Options
    /// What the file says of these.
    let fileOptions: [OptionSetting]
    /// Whom `/scrape` may ask.
    let scrapePolicy: ScrapePolicy
    /// Who may ask the HTTP server, and how.
    let access: AccessRules
    /// What the files say that has no effect, one line each.
    let remarks: [String]

    /// Joins the options with the file that they name, which is read now.
    ///
    /// - Throws: `ConfigurationError`, `AlertingError` for rule files, or an error of the options.
    init(_ options: Options) throws {
        let file = try options.configurationFile.map { path throws(ConfigurationError) in
            try ConfigurationFile(path: path, options: OptionTable.fileKeys) { Environment[$0] }
        }
        let options = try options.completed(by: file?.options ?? [])
        fileOptions = file?.options ?? []
        self.options = options
        daemon = options.daemon.filled(from: file?.daemon ?? DaemonSettings())
        let defaults = try options.settledTargetDefaults().filled(from: file?.defaults ?? TargetSettings())
        polling = (defaults.pollInterval ?? .seconds(15), defaults.timeout ?? .seconds(5))
        guard daemon.history ?? Self.defaultHistory >= polling.interval * 2 else {
            throw InvalidOption("the history (--history) must be at least two poll intervals (--poll-interval)")
        }
        var entries = file?.targets ?? []
        if let named = options.namedEntries {
            entries += named
        } else if entries.isEmpty {
            entries = [Options.fallback]
        }
        targets = try options.watch(entries, defaults: defaults)
        shard = try options.readShard()
        queries = try options.queries.configuration()
        let rules = try RuleSources.groups(
            files: daemon.ruleFiles ?? [],
            interval: daemon.evaluationInterval,
            language: queries.language
        )
        scrapePolicy = try options.readScrapePolicy(defaults: defaults)
        let web = try options.webConfigurationFile.map { path throws(ConfigurationError) in
            try WebConfigurationFile(path: path)
        }
        access = try options.accessRules(web)
        remarks = web?.remarks ?? []
        let sections = file?.alerting ?? AlertingSections()
        var told = try options.notifications.configuration(
            listenAddress: daemon.listenAddress ?? Self.defaultAddress,
            usesTLS: access.tls != nil
        )
        let remote = file?.remoteWrite ?? RemoteWriteSections()
        var written = RemoteWriteConfiguration()
        written.queueBytes = remote.queueBytes
        do throws(YAMLError) {
            try written.add(
                remoteWrite: remote.remoteWrite,
                otlp: remote.otlp,
                alertsForState: remote.alertsForState,
                externalLabels: sections.externalLabels
            )
            try told.add(
                alertmanagers: sections.alertmanagers,
                receivers: sections.receivers,
                route: sections.route,
                inhibitRules: sections.inhibitRules,
                externalLabels: sections.externalLabels
            )
            var overrides: [RuleOverride] = []
            if let node = sections.ruleOverrides { overrides = try RuleOverride.list(node) }
            groups = try RuleOverride.apply(overrides, to: rules)
        } catch {
            throw ConfigurationError.invalid(error)
        }
        if let shard, shard.count > 1 {
            // Another shard may tell of the same alert, with --replicas or while a deployment moves.
            told.tellsEnds = false
            told.resendDelay = .seconds(30)
        }
        notifications = told
        traces = try options.traces.configuration()
        remoteWrite = written
    }

    private static let defaultHistory: Duration = .seconds(3600)
    private static let defaultAddress = ListenAddress(host: "0.0.0.0", port: 9121)

    /// How long the end of the daemon may take.
    var endTimes: Ending.Times {
        Ending.Times(delay: options.shutdownDelay, limit: options.shutdownTimeout)
    }

    var history: StoreConfiguration {
        StoreConfiguration(history: daemon.history ?? Self.defaultHistory, maxBytes: daemon.historyMaxBytes)
    }

    var state: StateService.Configuration {
        StateService.Configuration(
            directory: daemon.stateDirectory,
            snapshotInterval: daemon.snapshotInterval ?? .seconds(300)
        )
    }

    var listenAddress: ListenAddress {
        daemon.listenAddress ?? Self.defaultAddress
    }

    var scrapeMaxAge: Duration {
        daemon.scrapeMaxAge ?? .seconds(1)
    }

    var logLevels: LogLevels {
        options.debug ? options.logLevels.withDebug : options.logLevels
    }
}

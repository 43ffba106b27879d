import Alerting
import ArgumentParser
import Configuration
import HTTPServer
import PromQL
import TimeSeriesStore
import WebAPI

/// What the daemon is to do: the command line before the environment before the configuration file before defaults.
struct ServeSettings: Sendable {
    let targets: WatchedTargets
    let groups: [RuleGroup]
    /// How nodes are polled that do not say.
    let polling: (interval: Duration, timeout: Duration)
    /// What queries over HTTP, and the expressions of rules, may use and take.
    let queries: QueryConfiguration
    /// What the command line or else the file says.
    let daemon: DaemonSettings

    /// Joins the options with the file that they name, which is read now.
    ///
    /// - Throws: `ConfigurationError`, `AlertingError` for rule files, or an error of the options.
    init(_ options: ServeCommand) throws {
        let file = try options.configurationFile.map { path throws(ConfigurationError) in
            try ConfigurationFile(path: path) { Environment.value(of: $0) }
        }
        daemon = options.settings.filled(from: file?.daemon ?? DaemonSettings())
        var defaults = options.targets.defaults
        defaults.pollInterval = options.pollInterval?.duration
        defaults = defaults.filled(from: file?.defaults ?? TargetSettings())
        polling = (defaults.pollInterval ?? .seconds(15), defaults.timeout ?? .seconds(5))
        guard daemon.history ?? Self.defaultHistory >= polling.interval * 2 else {
            throw ValidationError("the history (--history) must be at least two poll intervals (--poll-interval)")
        }
        var entries = (file?.targets ?? []) + options.targets.namedEntries
        if entries.isEmpty { entries = [options.targets.fallback] }
        targets = try WatchedTargets(entries, defaults: defaults)
        queries = try options.queries.configuration()
        groups = try RuleOptions.groups(
            files: daemon.ruleFiles ?? [],
            interval: daemon.evaluationInterval,
            language: queries.language
        )
    }

    private static let defaultHistory: Duration = .seconds(3600)

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
        daemon.listenAddress ?? ListenAddress(host: "0.0.0.0", port: 9121)
    }

    var scrapeMaxAge: Duration {
        daemon.scrapeMaxAge ?? .seconds(1)
    }
}

import Alerting
import Configuration
import HTTPClient
import HTTPServer
import Logging
import Metrics
import NIOPosix
import PromQL
import RedisFleet
import RemoteWrite
import StateFile
import Synchronization
import TimeSeriesStore
import WebAPI

/// What answers over HTTP.
extension DaemonParts {
    /// - Parameter read: Reads the settings again.
    func reload(
        reading read: @escaping @Sendable () throws -> ServeSettings,
        _ access: ServerAccess,
        _ scrapePolicy: CurrentScrapePolicy
    ) -> ConfigurationReload {
        ConfigurationReload(
            from: settings,
            reading: read,
            access: access,
            fleet: watch.fleet,
            keeper: shardKeeper,
            alerting: alerting,
            scrapePolicy: scrapePolicy,
            notifier: notifier,
            remoteWriter: remoteWriter,
            status: status,
            isEnding: isEnding,
            log: log
        )
    }

    func health(httpStatistics: @escaping @Sendable () -> HTTPServerStatistics?) -> HealthMonitor {
        HealthMonitor(
            HealthMonitor.Sources(
                fleet: watch.fleet,
                store: watch.store,
                ruleGroups: { [alerting] in alerting.groups },
                notifications: { [notifier] in notifier.statistics },
                remoteWrite: { [remoteWriter] in remoteWriter.statistics },
                state: { [file = kept.file] in file.status },
                configuration: status,
                httpStatistics: httpStatistics,
                isEnding: isEnding
            )
        )
    }

    func selfMetrics(
        _ health: HealthMonitor,
        httpStatistics: @escaping @Sendable () -> HTTPServerStatistics?
    ) -> SelfMetrics {
        SelfMetrics(
            families: watch.families.own,
            version: Version.current,
            store: watch.store,
            configuration: status,
            appendOthers: { [fleet = watch.fleet, shardKeeper] buffer in
                fleet.appendDeploymentSamples(to: &buffer)
                shardKeeper?.appendSamples(to: &buffer)
            },
            notifications: { [file = kept.file, notifier] in
                let status = file.status
                return NotificationFigures(
                    isPersistent: status.isPersistent,
                    stateProblem: status.problem?.kind.rawValue,
                    statistics: notifier.statistics
                )
            },
            remoteWrite: { [remoteWriter] in remoteWriter.statistics },
            traces: { [traceExporter] in traceExporter?.statistics },
            ruleGroups: { [alerting] in alerting.groups },
            health: health,
            httpStatistics: httpStatistics
        )
    }

    func api(
        _ selfMetrics: SelfMetrics,
        _ health: HealthMonitor,
        _ scrapePolicy: CurrentScrapePolicy,
        reload: ConfigurationReload
    ) -> WebAPI {
        WebAPI(
            fleet: watch.fleet,
            exposition: TextExposition(table: watch.store.keys),
            selfMetrics: selfMetrics,
            scrapeMaxAge: settings.scrapeMaxAge,
            pollInterval: settings.polling.interval,
            pollTimeout: settings.polling.timeout,
            rendersOnEventLoop: watch.isSmall,
            source: StoreSeriesSource(watch.store),
            queryConfiguration: settings.queries,
            flags: OptionTable.flags(settings.options),
            reload: reload.reload,
            exporter: settings.options.exporterOptions(usesTLS: settings.access.tls != nil) { scrapePolicy.current },
            journal: kept.entries,
            notifications: notifier,
            allowsChanges: settings.options.notifications.allowsChanges,
            hostName: try? HTTPURL(settings.notifications.externals.url).host,
            health: health,
            isEnding: isEnding,
            live: watch.live,
            ruleGroups: { [alerting] in alerting.groups }
        )
    }

    func server(for api: WebAPI, _ access: ServerAccess) throws -> HTTPServer {
        let metricsPath = settings.options.metricsPath
        let scheme = settings.access.tls == nil ? "http" : "https"
        let logger = log.logger(.web)
        var configuration = HTTPServerConfiguration(listenAddress: settings.listenAddress)
        configuration.timeouts.drain = settings.endTimes.ofRequests
        return HTTPServer(
            configuration: configuration,
            access: access,
            router: try Router(api.routes),
            logger: logger,
            eventLoopGroup: watch.eventLoops
        ) { address in
            let url = "\(scheme)://\(Self.reachable(address))"
            logger.notice("metrics at \(url)\(metricsPath), alerts and the page at \(url)/")
        }
    }

    private var isEnding: @Sendable () -> Bool {
        { [ending] in ending.hasBegun }
    }

    /// An address that a browser on this machine can open, also where the server listens on all of them.
    private static func reachable(_ address: ListenAddress) -> ListenAddress {
        let isWildcard = [nil, "", "0.0.0.0", "::"].contains(address.host)
        return isWildcard ? ListenAddress(host: "localhost", port: address.port) : address
    }
}

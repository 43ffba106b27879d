public import Alerting
public import HTTPServer
public import Metrics
public import RemoteWrite
import Synchronization
public import TimeSeriesStore

/// What Redstart says about itself: the process, its HTTP server, its store, the scrapes it served.
public final class SelfMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redis_exporter_build_info", .gauge, labels: ["version"],
            help: "One, with the version of the program that exports these metrics."
        ),
        MetricRow("", "redis_exporter_scrapes_total", .counter, help: "Scrapes served since the start."),
        MetricRow(
            "", "redis_exporter_scrape_duration_seconds", .summary, .seconds,
            help: "Time scrapes took, waiting for polls included."
        ),
        MetricRow(
            "", "redis_target_scrape_request_errors_total", .counter,
            help: "Requests to /scrape that were refused: no target, no such target, a target that is not allowed."
        ),
        MetricRow(
            "", "redstart_http_responses_total", .counter, labels: ["class"],
            help: "HTTP responses by class of status."
        ),
        MetricRow(
            "", "redstart_http_refused_total", .counter, labels: ["reason"],
            help: "Requests and connections the HTTP server refused or cut, by reason."
        ),
        MetricRow("", "redstart_http_connections", .gauge, help: "Open HTTP connections."),
        MetricRow("", "redstart_store_series", .gauge, help: "Series with samples in the recent history."),
        MetricRow("", "redstart_store_samples", .gauge, help: "Samples in the recent history."),
        MetricRow("", "redstart_store_bytes", .gauge, .bytes, help: "Memory of the recent history."),
        MetricRow(
            "", "redstart_store_samples_dropped_total", .counter, labels: ["reason"],
            help: "Samples the store refused, by reason."
        ),
        MetricRow(
            "", "redstart_config_last_reload_successful", .gauge,
            help: "One if the configuration in force is that of the files, zero if the last reload failed."
        ),
        MetricRow(
            "", "redstart_config_last_reload_success_timestamp_seconds", .gauge, .seconds,
            help: "When a configuration was put into force last, in seconds since 1970."
        ),
        MetricRow(
            "", "redstart_health_status", .gauge, labels: ["part"],
            help: "How a part of Redstart is: 0 healthy, 1 degraded, 2 unhealthy; /health says why."
        ),
    ]

    private struct Scrapes {
        var count = 0
        var refused = 0
        var seconds = 0.0
    }

    private let first: FamilyID
    private let process: ProcessMetrics
    private let notifications: NotificationMetrics
    let notificationFigures: @Sendable () -> NotificationFigures?
    private let remoteWrite: RemoteWriteMetrics
    private let remoteWriteStatistics: @Sendable () -> RemoteWriteStatistics?
    private let traces: TraceMetrics
    private let traceStatistics: @Sendable () -> TraceExporter.Statistics?
    private let rules: RuleMetrics
    private let ruleGroups: @Sendable () -> [RuleGroupEvaluation]
    let version: String
    let store: TimeSeriesStore
    private let configuration: ConfigurationStatus
    private let health: HealthMonitor?
    private let httpStatistics: @Sendable () -> HTTPServerStatistics?
    private let appendOthers: @Sendable (inout SampleBuffer) -> Void
    private let resolver: Mutex<SeriesResolver>
    private let inheritedResolver: Mutex<SeriesResolver>
    private let scrapes = Mutex(Scrapes())
    private let latest = Mutex<PollSamples?>(nil)

    /// Where the tables are in a catalogue that is not complete yet.
    public struct Families: Sendable {
        let own: FamilyID
        let process: FamilyID
        let notifications: FamilyID
        let rules: FamilyID
        let remoteWrite: FamilyID
        let traces: FamilyID

        /// Adds the tables to the catalogue.
        public init(catalog: inout MetricCatalog) {
            own = catalog.add(SelfMetrics.rows)
            process = catalog.add(ProcessMetrics.rows)
            notifications = catalog.add(NotificationMetrics.rows)
            rules = catalog.add(RuleMetrics.rows)
            remoteWrite = catalog.add(RemoteWriteMetrics.rows)
            traces = catalog.add(TraceMetrics.rows)
        }
    }

    /// Joins the sources of the figures.
    ///
    /// - Parameters:
    ///   - appendOthers: Adds what else is of no node in particular, such as the figures of whole deployments.
    ///   - notifications: `nil` where there are none, as in commands that only look once.
    ///   - remoteWrite: `nil` where nothing is written elsewhere.
    ///   - traces: `nil` where no spans are made.
    ///   - ruleGroups: The rules at work; none in commands that only look once.
    ///   - health: `nil` where nobody judges the parts.
    ///   - httpStatistics: `nil` as long as there is no server yet.
    public init(
        families: Families,
        version: String,
        store: TimeSeriesStore,
        configuration: ConfigurationStatus = ConfigurationStatus(loadedAt: WallClock.milliseconds()),
        appendOthers: @escaping @Sendable (inout SampleBuffer) -> Void = { _ in },
        notifications: @escaping @Sendable () -> NotificationFigures? = { nil },
        remoteWrite: @escaping @Sendable () -> RemoteWriteStatistics? = { nil },
        traces: @escaping @Sendable () -> TraceExporter.Statistics? = { nil },
        ruleGroups: @escaping @Sendable () -> [RuleGroupEvaluation] = { [] },
        health: HealthMonitor? = nil,
        httpStatistics: @escaping @Sendable () -> HTTPServerStatistics?
    ) {
        first = families.own
        process = ProcessMetrics(first: families.process)
        self.notifications = NotificationMetrics(first: families.notifications)
        notificationFigures = notifications
        self.remoteWrite = RemoteWriteMetrics(first: families.remoteWrite)
        remoteWriteStatistics = remoteWrite
        self.traces = TraceMetrics(first: families.traces)
        traceStatistics = traces
        rules = RuleMetrics(first: families.rules)
        self.ruleGroups = ruleGroups
        self.version = version
        self.store = store
        self.configuration = configuration
        self.health = health
        self.httpStatistics = httpStatistics
        self.appendOthers = appendOthers
        let limits = SeriesLimits(perNode: 20_000, perFamily: 20_000)
        resolver = Mutex(SeriesResolver(table: store.keys, limits: limits))
        inheritedResolver = Mutex(SeriesResolver(table: store.keys))
    }

    /// A scrape was served.
    func countScrape(_ duration: Duration) {
        scrapes.withLock { scrapes in
            scrapes.count += 1
            scrapes.seconds += duration.inSeconds
        }
    }

    /// A request to `/scrape` was refused.
    func countRefusedScrape() {
        scrapes.withLock { $0.refused += 1 }
    }

    /// All figures, at most a second old: they cost system calls, and nobody looks at them more often.
    public func samples() -> PollSamples {
        let now = WallClock.milliseconds()
        let recent = latest.withLock { $0 }
        if let recent, (0..<1000).contains(now - recent.timestamp) {
            return recent
        }
        let new = collect(at: now)
        latest.withLock { $0 = new }
        return new
    }

    private func collect(at now: Int64) -> PollSamples {
        var buffer = SampleBuffer()
        appendLabelled(.buildInfo, version, 1, to: &buffer)
        appendScrapes(to: &buffer)
        if let statistics = httpStatistics() {
            append(statistics, to: &buffer)
        }
        append(store.statistics(), to: &buffer)
        let configuration = configuration.current
        buffer.append(row(.configurationSuccessful), configuration.problem == nil ? 1 : 0)
        buffer.append(row(.configurationLoaded), Double(configuration.loadedMilliseconds) / 1000)
        for entry in health?.latest?.entries ?? [] {
            appendLabelled(.health, entry.part.rawValue, Double(entry.finding.status.severity), to: &buffer)
        }
        process.collect(into: &buffer)
        appendOthers(&buffer)
        if let figures = notificationFigures() { notifications.collect(figures, into: &buffer) }
        if let statistics = remoteWriteStatistics() { remoteWrite.collect(statistics, into: &buffer) }
        if let statistics = traceStatistics() { traces.collect(statistics, into: &buffer) }
        rules.collect(ruleGroups(), into: &buffer)
        return resolver.withLock { $0.resolve(buffer, at: now) }
    }

    /// What redis_exporter says about itself where it is to say nothing of its process.
    func inheritedSamples() -> PollSamples {
        var buffer = SampleBuffer()
        appendScrapes(to: &buffer)
        return inheritedResolver.withLock { $0.resolve(buffer, at: WallClock.milliseconds()) }
    }

    private func appendScrapes(to buffer: inout SampleBuffer) {
        let scrapes = scrapes.withLock { $0 }
        buffer.append(row(.scrapes), Double(scrapes.count))
        let labels = buffer.labelStart
        buffer.append(row(.scrapeDuration), role: .sum, labelsFrom: labels, scrapes.seconds)
        buffer.append(row(.scrapeDuration), role: .count, labelsFrom: labels, Double(scrapes.count))
        buffer.append(row(.refusedScrapes), Double(scrapes.refused))
    }

    private func append(_ statistics: HTTPServerStatistics, to buffer: inout SampleBuffer) {
        for statusClass in 2...5 {
            let count = Double(statistics.responses(statusClass: statusClass))
            appendLabelled(.httpResponses, "\(statusClass)xx", count, to: &buffer)
        }
        for reason in HTTPRefusal.allCases where statistics.refusals(reason) > 0 {
            appendLabelled(.httpRefused, reason.rawValue, Double(statistics.refusals(reason)), to: &buffer)
        }
        buffer.append(row(.httpConnections), Double(statistics.openConnections))
    }

    private func append(_ statistics: StoreStatistics, to buffer: inout SampleBuffer) {
        buffer.append(row(.storeSeries), Double(statistics.series))
        buffer.append(row(.storeSamples), Double(statistics.samples))
        buffer.append(row(.storeBytes), Double(statistics.bytes))
        let totals = statistics.totals
        for (reason, count) in [
            ("out_of_order", totals.samplesOutOfOrder),
            ("conflicting", totals.samplesConflicting),
            ("memory_limit", totals.samplesOverMemoryLimit + totals.samplesEvicted),
        ] {
            appendLabelled(.storeDropped, reason, Double(count), to: &buffer)
        }
    }

    private func appendLabelled(_ position: Row, _ label: String, _ value: Double, to buffer: inout SampleBuffer) {
        let start = buffer.labelStart
        buffer.addLabel(label)
        buffer.append(row(position), labelsFrom: start, value)
    }

    private func row(_ position: Row) -> FamilyID {
        first.advanced(by: position.rawValue)
    }

    /// The positions of the rows, in their order.
    private enum Row: Int {
        case buildInfo, scrapes, scrapeDuration, refusedScrapes, httpResponses, httpRefused, httpConnections
        case storeSeries, storeSamples, storeBytes, storeDropped
        case configurationSuccessful, configurationLoaded, health
    }
}

public import Alerting
public import HTTPServer
import Metrics
public import RedisFleet
public import RemoteWrite
public import StateFile
import Synchronization
public import TimeSeriesStore

/// Knows how all parts are, and since when.
///
/// Somebody has to `look` from time to time: what has stopped is seen by its figures not moving.
public final class HealthMonitor: Sendable {
    /// The figures that the parts are judged by.
    public struct Sources: Sendable {
        let fleet: Fleet
        let store: TimeSeriesStore
        let ruleGroups: @Sendable () -> [RuleGroupEvaluation]
        let notifications: @Sendable () -> NotificationStatistics?
        let remoteWrite: @Sendable () -> RemoteWriteStatistics?
        let state: @Sendable () -> StateStatus
        let configuration: ConfigurationStatus
        let httpStatistics: @Sendable () -> HTTPServerStatistics?
        let isEnding: @Sendable () -> Bool

        /// Joins the sources.
        public init(
            fleet: Fleet,
            store: TimeSeriesStore,
            ruleGroups: @escaping @Sendable () -> [RuleGroupEvaluation],
            notifications: @escaping @Sendable () -> NotificationStatistics?,
            remoteWrite: @escaping @Sendable () -> RemoteWriteStatistics?,
            state: @escaping @Sendable () -> StateStatus,
            configuration: ConfigurationStatus,
            httpStatistics: @escaping @Sendable () -> HTTPServerStatistics?,
            isEnding: @escaping @Sendable () -> Bool = { false }
        ) {
            self.fleet = fleet
            self.store = store
            self.ruleGroups = ruleGroups
            self.notifications = notifications
            self.remoteWrite = remoteWrite
            self.state = state
            self.configuration = configuration
            self.httpStatistics = httpStatistics
            self.isEnding = isEnding
        }
    }

    private struct State: Sendable {
        var history = HealthHistory()
        var store = StoreHealth()
        var rules: RulesHealth
        var notifications = NotificationsHealth()
        var remoteWrite = RemoteWriteHealth()
        var web = WebHealth()
        var latest: (report: HealthReport, time: ContinuousClock.Instant)?
    }

    /// A look costs a visit to every server's session; nobody needs it more often.
    private static let maxAge: Duration = .seconds(1)

    private let sources: Sources
    private let startedAt = ContinuousClock.now
    private let state: Mutex<State>

    /// Judges by these figures.
    public init(_ sources: Sources) {
        self.sources = sources
        state = Mutex(State(rules: RulesHealth(startedAt: startedAt)))
    }

    /// How all parts were at the last look; `nil` before the first.
    var latest: HealthReport? {
        state.withLock { $0.latest?.report }
    }

    /// How all parts are now, or were less than a second ago.
    @discardableResult
    public func look() async -> HealthReport {
        if let latest = state.withLock({ $0.latest }), ContinuousClock.now - latest.time < Self.maxAge {
            return latest.report
        }
        let conditions = await sources.fleet.conditions()
        let hasTargets = conditions.isEmpty ? await !sources.fleet.topologies().isEmpty : false
        let now = ContinuousClock.now
        let fleet = FleetHealth.finding(conditions, hasTargets: hasTargets, startedAt: startedAt, now: now)
        // Figures are read before the lock: none of these waits, but each has a lock of its own.
        let (groups, notifications) = (sources.ruleGroups(), sources.notifications())
        let (remoteWrite, http) = (sources.remoteWrite(), sources.httpStatistics())
        let (store, maxBytes) = (sources.store.statistics(), sources.store.configuration.maxBytes)
        let process = ProcessHealth.finding(
            openDescriptors: ProcessMetrics.openDescriptors(),
            limit: ProcessMetrics.descriptorLimit,
            isEnding: sources.isEnding()
        )
        let others: [(HealthPart, HealthFinding)] = [
            (.state, StateHealth.finding(sources.state())),
            (.configuration, ConfigurationHealth.finding(sources.configuration.current)),
        ]
        return state.withLock { state in
            let findings: [(HealthPart, HealthFinding)] =
                [
                    (.fleet, fleet),
                    (.store, state.store.finding(store, maxBytes: maxBytes, now: now)),
                    (.rules, state.rules.finding(groups, now: now)),
                    (.notifications, state.notifications.finding(notifications, now: now)),
                    (.remoteWrite, state.remoteWrite.finding(remoteWrite, now: now)),
                ] + others + [(.web, state.web.finding(http, now: now)), (.process, process)]
            let report = state.history.take(findings, at: WallClock.milliseconds())
            state.latest = (report, now)
            return report
        }
    }
}

import HTTPServer
import StateFile
import TimeSeriesStore

/// Whether what is polled can be kept.
struct StoreHealth: Sendable {
    private static let memory: Duration = .seconds(120)

    private var losses = Movement(0)

    mutating func finding(
        _ statistics: StoreStatistics,
        maxBytes: Int?,
        now: ContinuousClock.Instant
    ) -> HealthFinding {
        let totals = statistics.totals
        losses.note(totals.samplesOverMemoryLimit + totals.samplesEvicted, at: now)
        guard losses.isRecent(Self.memory, at: now) else {
            return .healthy("\(statistics.series) series, \(statistics.samples) samples, \(statistics.bytes) bytes")
        }
        return .degraded(
            "the history is shorter than asked for: it takes all of its memory (\(maxBytes ?? statistics.bytes) bytes); "
                + "raise --history-max-bytes, or lower --history"
        )
    }
}

/// Whether state outlives the process, where it should.
enum StateHealth {
    static func finding(_ status: StateStatus) -> HealthFinding {
        guard status.path != nil else { return .healthy("state is kept in memory, as no --state-dir is given") }
        guard let problem = status.problem else { return .healthy("state is kept on disk") }
        guard problem.movedTo != nil, status.isPersistent else {
            return .degraded(
                status.isPersistent
                    ? problem.description
                    : "state is kept in memory, and a restart loses it: \(problem.description)"
            )
        }
        return .healthy("state is kept in a new file: \(problem.description)")
    }
}

/// Whether the configuration in force is that of the files.
enum ConfigurationHealth {
    static func finding(_ state: ConfigurationStatus.State) -> HealthFinding {
        guard let problem = state.problem else { return .healthy("the configuration of the files is in force") }
        return .degraded("the last reload failed, the configuration before stays in force: \(problem)")
    }
}

/// Whether the HTTP server takes all who come.
struct WebHealth: Sendable {
    private static let memory: Duration = .seconds(120)

    private var refusals = Movement<UInt64>(0)

    mutating func finding(_ statistics: HTTPServerStatistics?, now: ContinuousClock.Instant) -> HealthFinding {
        guard let statistics else { return .healthy("nobody listens yet") }
        refusals.note(statistics.refusals(.connectionLimit), at: now)
        guard refusals.isRecent(Self.memory, at: now) else {
            return .healthy("\(statistics.openConnections) connections")
        }
        return .degraded("connections are refused as there are too many: \(statistics.openConnections) are open")
    }
}

/// Whether the process is ending, or near a limit of the system.
enum ProcessHealth {
    static func finding(openDescriptors: Int?, limit: Double?, isEnding: Bool = false) -> HealthFinding {
        guard !isEnding else { return .unhealthy("the process is ending") }
        guard let openDescriptors, let limit else { return .healthy("the process runs") }
        let text = "\(openDescriptors) of \(limit.formattedCount) files are open"
        guard Double(openDescriptors) > limit * 0.9 else { return .healthy(text) }
        return .degraded("\(text); raise the limit (ulimit -n, LimitNOFILE= of systemd)")
    }
}

extension Double {
    /// A count without a fraction; one that is no number of this machine is "any number".
    fileprivate var formattedCount: String {
        Int(exactly: rounded()).map(String.init) ?? "any number"
    }
}

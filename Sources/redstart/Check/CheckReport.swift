/// What `redstart check` found.
struct CheckReport: Sendable {
    /// The verdict, as the exit code of the process.
    enum Verdict: Int32, Sendable {
        /// Nothing of consequence fires.
        case ok = 0
        /// A warning fires.
        case warning = 1
        /// A critical alert fires.
        case critical = 2
        /// It could not be checked.
        case unknown = 3

        /// The word of the Nagios plugin guidelines.
        var nagiosWord: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }
    }

    /// The alerts that fire, the most severe first.
    let alerts: [CheckedAlert]
    /// How many alerts wait for their `for`.
    let pending: Int
    /// Why nodes could not be checked, one line each.
    let unreachable: [String]
    /// Why rules could not be evaluated, one line each.
    let failedRules: [String]
    /// The number of nodes that were asked.
    let nodes: Int
    /// The number of alerting rules that were evaluated.
    let rules: Int
    /// How the nodes were watched, behind "watched": "for 5s".
    let watched: String

    init(
        alerts: [CheckedAlert],
        pending: Int = 0,
        unreachable: [String],
        failedRules: [String],
        nodes: Int,
        rules: Int,
        watched: String
    ) {
        self.alerts = alerts.sorted { left, right in
            (-Self.rank(left), left.name, left.labels) < (-Self.rank(right), right.name, right.labels)
        }
        self.pending = pending
        self.unreachable = unreachable
        self.failedRules = failedRules
        self.nodes = nodes
        self.rules = rules
        self.watched = watched
    }

    var verdict: Verdict {
        if !unreachable.isEmpty || !failedRules.isEmpty { return .unknown }
        return switch alerts.map(Self.rank).max() ?? 0 {
        case 2: .critical
        case 1: .warning
        default: .ok
        }
    }

    private static func rank(_ alert: CheckedAlert) -> Int {
        switch alert.severity {
        case "critical": 2
        case "warning": 1
        default: 0
        }
    }
}

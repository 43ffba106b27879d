/// How well something does its work.
public enum HealthStatus: String, Sendable, CaseIterable, Comparable {
    /// All is well.
    case healthy
    /// It works, though not as it should: something elsewhere is wrong, or something is lost.
    case degraded
    /// It does not do its work, which somebody has to mend here.
    case unhealthy

    /// 0, 1 and 2, as the metric has it.
    var severity: Int {
        switch self {
        case .healthy: 0
        case .degraded: 1
        case .unhealthy: 2
        }
    }

    /// The worse one is the greater.
    public static func < (one: HealthStatus, other: HealthStatus) -> Bool {
        one.severity < other.severity
    }
}

/// A part of Redstart that can be well or not.
public enum HealthPart: String, Sendable, CaseIterable {
    case fleet, store, rules, notifications
    case remoteWrite = "remote_write"
    case state, configuration, web, process
}

/// What was found about a part.
struct HealthFinding: Sendable, Equatable {
    var status: HealthStatus
    /// One line for a person: what is wrong, and what to do.
    var message: String

    static func healthy(_ message: String) -> HealthFinding {
        HealthFinding(status: .healthy, message: message)
    }

    static func degraded(_ message: String) -> HealthFinding {
        HealthFinding(status: .degraded, message: message)
    }

    static func unhealthy(_ message: String) -> HealthFinding {
        HealthFinding(status: .unhealthy, message: message)
    }
}

/// How all parts are.
public struct HealthReport: Sendable {
    /// How one part is.
    struct Entry: Sendable {
        let part: HealthPart
        let finding: HealthFinding
        /// When the part came to be so, in milliseconds since 1970.
        let since: Int64
    }

    let entries: [Entry]

    /// That of the part that is worst.
    var status: HealthStatus {
        entries.map(\.finding.status).max() ?? .healthy
    }
}

/// How the parts are, and since when: findings in, a report out.
struct HealthHistory: Sendable {
    private var states: [HealthPart: (status: HealthStatus, since: Int64)] = [:]

    /// Takes new findings; a part that stays as well as it was keeps its time, whatever its message.
    mutating func take(_ findings: [(HealthPart, HealthFinding)], at time: Int64) -> HealthReport {
        HealthReport(
            entries: findings.map { part, finding in
                if states[part]?.status != finding.status { states[part] = (finding.status, time) }
                return HealthReport.Entry(part: part, finding: finding, since: states[part]?.since ?? time)
            }
        )
    }
}

import Metrics
import RedisClient

/// What is counted of one deployment.
struct DeploymentFigures {
    var failovers: [FailoverStateMachine.Outcome: Int] = [:]
    /// Failovers whose duration is known, and the sum of these durations.
    var timedFailovers = 0
    var failoverTime: Duration = .zero
    var lastFailoverTime: Duration?
    var isFailingOver = false
    /// Whether Sentinels watch the deployment, who tell how long a failover takes.
    var hasSentinels = false
    var isCluster = false
    /// Slots that no node serves; `nil` outside of clusters, and where no node answers.
    var slotsUncovered: Int?
    var nodesForgotten = 0

    mutating func note(_ action: FailoverStateMachine.Action) {
        switch action {
        case .none: break
        case .end(let outcome, let duration):
            failovers[outcome, default: 0] += 1
            guard let duration else { return }
            timedFailovers += 1
            failoverTime += duration
            lastFailoverTime = duration
        }
    }
}

/// The series about whole deployments, which are of no node.
struct DeploymentMetrics: Sendable {
    static let rows: [MetricRow] = [
        MetricRow(
            "", "redstart_failovers_total", .counter, labels: ["deployment", "outcome"],
            help: "Failovers by Sentinels, or of a cluster's shards, since Redstart watches, by how they ended."
        ),
        MetricRow(
            "", "redstart_failover_duration_seconds", .summary, .seconds, labels: ["deployment"],
            help: "Time from the agreement that the master is down, or the first try, to the end of the failover."
        ),
        MetricRow(
            "", "redstart_failover_last_duration_seconds", .gauge, .seconds, labels: ["deployment"],
            help: "Time that the last failover took."
        ),
        MetricRow(
            "", "redstart_failover_in_progress", .gauge, labels: ["deployment"],
            help: "Whether Sentinels try a failover."
        ),
        MetricRow(
            "", "redstart_cluster_slots_uncovered", .gauge, labels: ["deployment"],
            help: "Slots of the cluster that no node serves."
        ),
        MetricRow(
            "", "redstart_nodes_forgotten_total", .counter, labels: ["deployment"],
            help: "Nodes that are watched no longer because nobody spoke of them for a while."
        ),
    ]

    private enum Row: Int {
        case failovers, duration, lastDuration, inProgress, slotsUncovered, forgotten
    }

    private let first: FamilyID

    /// `first` is where the catalogue has `rows`.
    init(first: FamilyID) {
        self.first = first
    }

    func append(_ figures: DeploymentFigures, of deployment: String, to buffer: inout SampleBuffer) {
        let outcomes: [FailoverStateMachine.Outcome] =
            figures.hasSentinels ? [.completed, .aborted] : figures.isCluster ? [.completed] : []
        for outcome in outcomes {
            let start = buffer.labelStart
            buffer.addLabel(deployment)
            buffer.addLabel(outcome.rawValue)
            buffer.append(row(.failovers), labelsFrom: start, Double(figures.failovers[outcome, default: 0]))
        }
        let start = buffer.labelStart
        buffer.addLabel(deployment)
        if figures.hasSentinels {
            let seconds = figures.failoverTime.seconds
            buffer.append(row(.duration), role: .sum, labelsFrom: start, seconds)
            buffer.append(row(.duration), role: .count, labelsFrom: start, Double(figures.timedFailovers))
            buffer.append(row(.inProgress), labelsFrom: start, figures.isFailingOver ? 1 : 0)
        }
        if let last = figures.lastFailoverTime {
            buffer.append(row(.lastDuration), labelsFrom: start, last.seconds)
        }
        if let slots = figures.slotsUncovered {
            buffer.append(row(.slotsUncovered), labelsFrom: start, Double(slots))
        }
        buffer.append(row(.forgotten), labelsFrom: start, Double(figures.nodesForgotten))
    }

    private func row(_ row: Row) -> FamilyID {
        first.advanced(by: row.rawValue)
    }
}

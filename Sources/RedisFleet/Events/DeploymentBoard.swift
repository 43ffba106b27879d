import Metrics
import RedisClient
import Synchronization

/// What all targets write down of their deployments: the timeline of events and what is counted.
final class DeploymentBoard: Sendable {
    private struct State {
        var timeline = EventTimeline()
        var figures: [String: DeploymentFigures] = [:]
    }

    /// Deployments beyond this number have no series of their own.
    private static let deploymentLimit = 2000

    private let state = Mutex(State())

    /// Adds events that were learned of now.
    func append(_ drafts: [EventDraft]) {
        guard !drafts.isEmpty else { return }
        let now = WallClock.milliseconds()
        state.withLock { state in
            for draft in drafts { state.timeline.append(draft, at: now) }
        }
    }

    /// Changes what is counted of a deployment.
    func change(_ deployment: String, _ change: (inout DeploymentFigures) -> Void) {
        state.withLock { state in
            guard state.figures[deployment] != nil || state.figures.count < Self.deploymentLimit else { return }
            change(&state.figures[deployment, default: DeploymentFigures()])
        }
    }

    /// Ends what is counted of deployments that are not watched any more; their events stay on the timeline.
    func forget(_ deployments: [String]) {
        state.withLock { state in
            for deployment in deployments { state.figures[deployment] = nil }
        }
    }

    /// Notes how many slots of a cluster no node serves; `nil` for what is no cluster, or does not answer.
    func note(slotsUncovered: Int?, of deployment: String) {
        let isKnown = state.withLock { $0.figures[deployment] != nil }
        guard isKnown || slotsUncovered != nil else { return }
        change(deployment) { figures in
            figures.slotsUncovered = slotsUncovered
            figures.isCluster = figures.isCluster || slotsUncovered != nil
        }
    }

    func events(after number: Int, limit: Int, deployment: String?) -> (events: [FleetEvent], last: Int) {
        state.withLock { state in
            (state.timeline.events(after: number, limit: limit, deployment: deployment), state.timeline.lastNumber)
        }
    }

    func appendSamples(_ metrics: DeploymentMetrics, to buffer: inout SampleBuffer) {
        let figures = state.withLock { $0.figures }
        for (name, figures) in figures.sorted(by: { $0.key < $1.key }) {
            metrics.append(figures, of: name, to: &buffer)
        }
    }
}

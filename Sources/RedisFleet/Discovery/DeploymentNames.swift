import RedisClient
import Synchronization

/// Who has which name for which deployment, so that no two deployments share one: many Sentinels call their master
/// `mymaster`.
///
/// What was configured first keeps the plain name, whoever is found first.
final class DeploymentNames: Sendable {
    /// A place in the order of the configuration.
    typealias Rank = Int

    private struct State {
        var claims: [Rank: [String: Set<Endpoint>]] = [:]
        var wakeups: [Rank: @Sendable () -> Void] = [:]
        var nextRank: Rank = 0
    }

    private let state = Mutex(State())

    /// Takes the next place in the order; `wake` is called when another one changes its names.
    func enter(wake: @escaping @Sendable () -> Void) -> Rank {
        state.withLock { state in
            defer { state.nextRank += 1 }
            state.wakeups[state.nextRank] = wake
            return state.nextRank
        }
    }

    /// Whether one that comes before has the name for a deployment that has none of these nodes.
    func isTaken(_ name: String, for nodes: [Endpoint], before rank: Rank) -> Bool {
        state.withLock { state in
            state.claims.contains { other, names in
                other < rank && names[name].map { $0.isDisjoint(with: nodes) } ?? false
            }
        }
    }

    /// Takes these names instead of those before.
    func claim(_ deployments: [Topology.Deployment], for rank: Rank) {
        let names = Dictionary(deployments.map { ($0.name, Set($0.nodes)) }) { first, _ in first }
        let toWake: [@Sendable () -> Void] = state.withLock { state in
            let hasChanged = Set(names.keys) != Set(state.claims[rank, default: [:]].keys)
            state.claims[rank] = names
            return hasChanged ? state.wakeups.filter { $0.key > rank }.map(\.value) : []
        }
        for wake in toWake { wake() }
    }

    /// Gives all names back.
    func leave(_ rank: Rank) {
        claim([], for: rank)
        state.withLock { state in
            state.claims[rank] = nil
            state.wakeups[rank] = nil
        }
    }
}

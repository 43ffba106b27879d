import RedisClient
import Synchronization

/// The members of clusters whose nodes are watched one by one, as those nodes name them.
final class ClusterDirectory: Sendable {
    private struct State {
        var members: [Endpoint: NodeConfiguration] = [:]
        var asked: ContinuousClock.Instant?
    }

    /// Addresses beyond this number are forgotten.
    private static let limit = 4096
    /// The least time between two questions that only unknown names have caused.
    private static let patience: Duration = .seconds(5)

    private let state = Mutex(State())

    /// Takes over the members that a node names; they are reached as that node is.
    func note(_ endpoints: [Endpoint], as node: NodeConfiguration) {
        state.withLock { state in
            state.asked = .now
            for endpoint in endpoints where state.members.count < Self.limit {
                var member = node
                let address = node.connection.address
                member.connection.address = TargetAddress(
                    scheme: address.scheme,
                    endpoint: endpoint,
                    user: address.user,
                    password: address.password
                )
                state.members[endpoint] = member
            }
        }
    }

    /// How a member is reached; `nil` where no node has named it.
    subscript(endpoint: Endpoint) -> NodeConfiguration? {
        state.withLock { $0.members[endpoint] }
    }

    /// Whether it was not long ago that the nodes were asked.
    var isFresh: Bool {
        state.withLock { state in state.asked.map { $0.duration(to: .now) < Self.patience } ?? false }
    }
}

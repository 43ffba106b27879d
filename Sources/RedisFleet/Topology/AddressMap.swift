public import RedisClient

/// Which address stands for which, so that one node has one name.
///
/// Nodes behind NAT announce addresses that lead nowhere from here: the user says what stands for them
/// (`address_map`). Nodes that are known under two names are recognised by their run ID or cluster ID.
public struct AddressMap: Sendable, Hashable {
    private var targets: [Endpoint: Endpoint]

    /// The user's map from announced to reachable addresses.
    public init(_ targets: [Endpoint: Endpoint] = [:]) {
        self.targets = targets
    }

    /// Says that a node is known under another address already; ignored where that makes no sense.
    mutating func add(_ alias: Endpoint, meaning endpoint: Endpoint) {
        let endpoint = resolve(endpoint)
        guard alias != endpoint, targets[alias] == nil else { return }
        targets[alias] = endpoint
    }

    /// The address under which a node is watched.
    public func resolve(_ endpoint: Endpoint) -> Endpoint {
        var current = endpoint
        // A map of the user's may go in circles.
        for _ in 0..<4 {
            guard let next = targets[current], next != current else { break }
            current = next
        }
        return current
    }

    /// Learns from what nodes say of themselves under which further addresses they are known.
    ///
    /// Statements of configured nodes must come first, as the first address stays.
    mutating func learn(from statements: [NodeStatement]) {
        var byRunID: [String: Endpoint] = [:]
        for statement in statements {
            if let runID = statement.facts?.runID, !runID.isEmpty, statement.isReachable {
                if let first = byRunID[runID] {
                    add(statement.endpoint, meaning: first)
                } else {
                    byRunID[runID] = statement.endpoint
                }
            }
            if statement.isReachable, let announced = statement.cluster?.myself?.endpoint {
                add(announced, meaning: statement.endpoint)
            }
        }
        for master in statements.lazy.filter(\.isReachable).compactMap(\.sentinel).flatMap(\.masters) {
            for entry in [master.entry] + master.replicas {
                if let known = byRunID[entry.runID] {
                    add(entry.endpoint, meaning: known)
                }
            }
        }
    }
}

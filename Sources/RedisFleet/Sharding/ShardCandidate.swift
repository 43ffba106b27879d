import RedisClient

/// One entry of what is configured: the smallest thing that is watched by a shard or is not.
enum ShardCandidate: Sendable, Equatable {
    /// A server that is named by itself.
    case node(NodeConfiguration)
    /// A place where more are found.
    case target(TargetConfiguration)

    /// The servers that are named, which tell where they belong.
    var seeds: [NodeConfiguration] {
        switch self {
        case .node(let node): [node]
        case .target(let target):
            target.target.addresses.map { address in
                target.configuration(of: address.endpoint, isSentinel: target.target.namesSentinels)
            }
        }
    }

    /// The only master that is of interest at the seeds; `nil` for all.
    var masterName: String? {
        if case .target(let target) = self, case .sentinel(let name) = target.target.kind { name } else { nil }
    }

    /// What stands for announced addresses.
    var addressMap: AddressMap {
        if case .target(let target) = self { AddressMap(target.addressMap) } else { AddressMap() }
    }

    /// What the shard of the entry follows from, as long as it is not known to belong to another one.
    ///
    /// Only what stands in the configuration: a failover must not change it, nor who is asked first.
    var key: ShardKey {
        if case .target(let target) = self, let name = target.name {
            return ShardKey(isName: true, text: name)
        }
        let first = seeds.map(\.connection.address.endpoint).min { $0 < $1 }?.description ?? ""
        return ShardKey(isName: false, text: masterName.map { "\(first)/\($0)" } ?? first)
    }
}

/// What a deployment is known by to all shards: the name that the user gave, else an address that stands in the
/// configuration.
struct ShardKey: Sendable, Hashable, Comparable {
    /// Whether it is a name, which comes before addresses: it stays when these change.
    let isName: Bool
    let text: String

    static func < (left: ShardKey, right: ShardKey) -> Bool {
        left.isName == right.isName ? left.text < right.text : left.isName
    }
}

import RedisClient

/// Which entries of the configuration this shard watches.
///
/// An entry belongs to the shard that its key falls to, or, where several entries turn out to be one deployment, to the
/// shard of the smallest key among them. All shards have the same configuration and ask the same nodes, so they come to
/// the same result without asking each other.
///
/// They can only differ over entries that do not answer, as one shard may have heard them before and another, started
/// later, may not. Then rather two shards watch a deployment than none: what is owned by what was ever heard is
/// watched, and also what is owned by what was heard lately. The latter every shard knows.
struct ShardMembership: Sendable {
    private struct Member {
        let seeds: Set<Endpoint>
        /// Marks by when they were last heard of.
        var marks: [IdentityMark: ContinuousClock.Instant] = [:]
        /// When the entry was last found to be this shard's.
        var ownedAt: ContinuousClock.Instant?
    }

    private let shard: Shard
    /// How long a mark counts as heard lately, and outlives an answer without it: a replica that is just restarted says
    /// for a moment nothing of where it belongs.
    private let memory: Duration
    /// How long an entry is kept after it was found to be another shard's, which has to find out, too.
    private let handover: Duration
    private var members: [ShardKey: Member] = [:]

    init(_ shard: Shard, memory: Duration, handover: Duration) {
        self.shard = shard
        self.memory = memory
        self.handover = handover
    }

    /// Takes these entries in the place of those before; what is known of those that stay is kept.
    mutating func replace(with candidates: [ShardCandidate]) {
        let before = members
        members = [:]
        for candidate in candidates {
            let key = candidate.key
            let seeds = (members[key]?.seeds ?? []).union(candidate.seeds.map(\.connection.address.endpoint))
            var member = Member(seeds: seeds)
            member.marks = before[key]?.marks ?? [:]
            member.ownedAt = before[key]?.ownedAt
            members[key] = member
        }
    }

    /// What an entry's nodes have answered.
    mutating func note(_ marks: Set<IdentityMark>, of key: ShardKey, at now: ContinuousClock.Instant) {
        guard var member = members[key] else { return }
        member.marks = member.marks.filter { now - $0.value <= memory }
        for mark in marks { member.marks[mark] = now }
        members[key] = member
    }

    /// The entries to be watched now.
    mutating func watched(at now: ContinuousClock.Instant) -> Set<ShardKey> {
        for key in owned(since: nil).union(owned(since: now - memory)) { members[key]?.ownedAt = now }
        return Set(members.filter { $0.value.ownedAt.map { now - $0 <= handover } ?? false }.keys)
    }

    /// The entries that are this shard's by the marks since a time.
    private func owned(since start: ContinuousClock.Instant?) -> Set<ShardKey> {
        let seeds = members.values.reduce(into: Set<Endpoint>()) { $0.formUnion($1.seeds) }
        var groups = DisjointGroups<ShardKey>()
        var holders: [IdentityMark: ShardKey] = [:]
        for (key, member) in members {
            groups.insert(key)
            let heard = member.marks.lazy.filter { mark in start.map { mark.value >= $0 } ?? true }.map(\.key)
            for mark in Array(heard) + member.seeds.map(IdentityMark.address) {
                if case .address(let endpoint) = mark, !seeds.contains(endpoint) { continue }
                if let holder = holders[mark] { groups.join(holder, key) } else { holders[mark] = key }
            }
        }
        var deployments: [ShardKey: [ShardKey]] = [:]
        for key in members.keys { deployments[groups.root(of: key), default: []].append(key) }
        return deployments.values.reduce(into: []) { owned, keys in
            if let first = keys.min(), shard.owns(first.text) { owned.formUnion(keys) }
        }
    }
}

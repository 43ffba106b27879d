import RedisClient
import Testing

@testable import RedisFleet

@Suite("Which targets are of a shard")
struct ShardMembershipTests {
    private let start = ContinuousClock.now

    private func node(_ address: String) throws -> ShardCandidate {
        .node(NodeConfiguration(connection: ConnectionOptions(address: try TargetAddress(address))))
    }

    private func target(_ text: String, name: String? = nil) throws -> ShardCandidate {
        var target = TargetConfiguration(target: try FleetTarget(text))
        target.name = name
        return .target(target)
    }

    private func membership(_ index: Int, of count: Int, _ candidates: [ShardCandidate]) throws -> ShardMembership {
        var membership = ShardMembership(
            try Shard(index: index, count: count), memory: .seconds(300), handover: .seconds(120)
        )
        membership.replace(with: candidates)
        return membership
    }

    /// Two keys that different shards of two own, the smaller one first.
    private func pair() throws -> (small: ShardCandidate, large: ShardCandidate, owner: Int) {
        let small = try node("a:6379")
        let owner = try Shard(index: 0, count: 2).owns(small.key.text) ? 0 : 1
        let other = try Shard(index: 1 - owner, count: 2)
        let port = try #require((7000..<7100).first { other.owns("b:\($0)") })
        return (small, try node("b:\(port)"), owner)
    }

    @Test("A key is a name, else the smallest address of the configuration, with the master's name where there is one")
    func keys() throws {
        #expect(try target("sentinel://s2:1,s1:2/m").key == ShardKey(isName: false, text: "s1:2/m"))
        #expect(try target("sentinel://s2:1,s1:2/m", name: "shop").key == ShardKey(isName: true, text: "shop"))
        #expect(try target("cluster://c2,c1:7000").key.text == "c1:7000")
        #expect(try node("redis://user:secret@a").key.text == "a:6379")
        let keys = [ShardKey(isName: false, text: "a"), ShardKey(isName: true, text: "z")]
        #expect(keys.min()?.text == "z", "a name is more stable than an address")
    }

    @Test("Targets that turn out to be one deployment go to the shard of the smallest key, in every shard's view")
    func joined() throws {
        let (small, large, owner) = try pair()
        for index in 0...1 {
            var membership = try membership(index, of: 2, [large, small])
            membership.note([.history("h1"), .run("r1")], of: small.key, at: start)
            membership.note([.history("h1"), .run("r2")], of: large.key, at: start)
            #expect(membership.watched(at: start) == (index == owner ? [small.key, large.key] : []))
        }
    }

    @Test("An address that stands in the configuration joins; one that is only announced, perhaps behind NAT, does not")
    func addresses() throws {
        let (small, large, owner) = try pair()
        var membership = try membership(owner, of: 2, [small, large])
        let announced = IdentityMark.address(.tcp(host: "172.17.0.2", port: 6379))
        for key in [small.key, large.key] { membership.note([announced], of: key, at: start) }
        #expect(membership.watched(at: start) == [small.key])
        membership.note([.address(.tcp(host: "a", port: 6379))], of: large.key, at: start)
        #expect(membership.watched(at: start) == [small.key, large.key])
    }

    @Test("A target that is found to be another shard's is kept until that one must have found out")
    func handover() throws {
        let (small, large, owner) = try pair()
        var membership = try membership(1 - owner, of: 2, [small, large])
        #expect(membership.watched(at: start) == [large.key])
        for key in [small.key, large.key] { membership.note([.history("h")], of: key, at: start) }
        #expect(membership.watched(at: start + .seconds(60)) == [large.key])
        #expect(membership.watched(at: start + .seconds(121)) == [])
    }

    @Test("A replica that is restarted and says nothing of its master for a moment stays where it is")
    func restart() throws {
        let (small, large, owner) = try pair()
        var membership = try membership(owner, of: 2, [small, large])
        for key in [small.key, large.key] { membership.note([.history("h")], of: key, at: start) }
        membership.note([.history("new")], of: large.key, at: start + .seconds(200))
        #expect(membership.watched(at: start + .seconds(200)) == [small.key, large.key])
        membership.note([.history("new")], of: large.key, at: start + .seconds(400))
        #expect(membership.watched(at: start + .seconds(600)) == [small.key])
    }

    @Test("While the node with the smallest key is silent, the others stay; in the end rather two watch them than none")
    func silence() throws {
        let (small, large, owner) = try pair()
        var before = try membership(owner, of: 2, [small, large])
        var other = try membership(1 - owner, of: 2, [small, large])
        for key in [small.key, large.key] {
            before.note([.history("h")], of: key, at: start)
            other.note([.history("h")], of: key, at: start)
        }
        var time = start
        // Only one of them answers any more, such as after a failover without Sentinels.
        for _ in 0..<5 {
            time += .seconds(60)
            before.note([.history("h2"), .history("h")], of: large.key, at: time)
            other.note([.history("h2"), .history("h")], of: large.key, at: time)
            #expect(before.watched(at: time) == [small.key, large.key])
            #expect(other.watched(at: time) == [])
        }
        time += .seconds(60)
        #expect(before.watched(at: time) == [small.key, large.key])
        #expect(other.watched(at: time) == [large.key], "a shard that was started later would think so, too")

        // Such as this one, in the place of the owner: it leaves the other node to the shard that watches it now.
        var after = try membership(owner, of: 2, [small, large])
        after.note([.history("h2"), .history("h")], of: large.key, at: time)
        #expect(after.watched(at: time) == [small.key])
    }

    @Test("What is known of targets that stay outlives a reload, the others are forgotten")
    func reload() throws {
        let (small, large, owner) = try pair()
        var membership = try membership(owner, of: 2, [small, large])
        for key in [small.key, large.key] { membership.note([.history("h")], of: key, at: start) }
        _ = membership.watched(at: start)
        membership.replace(with: [large, small, try node("c")])
        #expect(membership.watched(at: start).isSuperset(of: [small.key, large.key]))
        membership.replace(with: [small])
        #expect(membership.watched(at: start) == [small.key])
    }
}

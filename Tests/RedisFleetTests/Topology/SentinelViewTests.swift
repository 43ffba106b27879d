import RedisClient
import RedisFleet
import Testing

@Suite("What a Sentinel says")
struct SentinelViewTests {
    static func view(_ folder: String) throws -> SentinelView {
        var view = try #require(SentinelView(masters: try CapturedReply.named("\(folder)/SENTINEL_MASTERS")))
        view.add(
            toMaster: "m",
            replicas: try CapturedReply.named("\(folder)/SENTINEL_REPLICAS_m"),
            peers: try CapturedReply.named("\(folder)/SENTINEL_SENTINELS_m"),
            quorum: try CapturedReply.named("\(folder)/SENTINEL_CKQUORUM_m")
        )
        return view
    }

    @Test("Master, replicas, peers and quorum", arguments: ["redis-6.2", "redis-7.0", "redis-8.0", "valkey-8.1"])
    func whole(_ server: String) throws {
        let master = try #require(try Self.view("\(server)/sentinel").masters.first)
        #expect(master.name == "m")
        #expect(master.entry.isWell)
        #expect(master.entry.quorum == 2 && master.entry.replicaCount == 2 && master.entry.otherSentinels == 2)
        #expect(master.replicas.count == 2 && master.replicas.allSatisfy { $0.isWell && $0.isLinkUp })
        #expect(master.peers.count == 2 && master.peers.allSatisfy(\.isWell))
        #expect(master.quorumCheck?.isReachable == true)
    }

    @Test("A lost quorum and a master that is down")
    func trouble() throws {
        let noQuorum = try #require(try Self.view("redis-7.0/sentinel-no-quorum").masters.first)
        #expect(noQuorum.quorumCheck?.isReachable == false)
        #expect(noQuorum.quorumCheck?.text.hasPrefix("NOQUORUM") == true)
        #expect(noQuorum.peers.allSatisfy { !$0.isWell })
        let down = try #require(try Self.view("redis-7.0/sentinel-master-down").masters.first)
        #expect(down.entry.flags.contains("o_down") && !down.entry.isWell)
    }

    @Test("Entries of a Sentinel that lies are counted and left out")
    func lies() throws {
        let text = """
            *4\r
            *6\r\n$4\r\nname\r\n$1\r\na\r\n$2\r\nip\r\n$4\r\nh\0\r\n\r\n$4\r\nport\r\n$4\r\n6379\r
            *6\r\n$4\r\nname\r\n$1\r\nb\r\n$2\r\nip\r\n$1\r\nh\r\n$4\r\nport\r\n$2\r\n-1\r
            *1\r\n$4\r\nname\r
            :7\r\n
            """
        let view = try #require(CapturedReply.reply(Array(text.utf8)).flatMap { SentinelView(masters: $0) })
        #expect(view.masters.isEmpty)
        #expect(view.skipped == 4)
    }
}

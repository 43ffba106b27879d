import RedisClient
import RedisFleet
import Testing

@Suite("What a cluster node says")
struct ClusterViewTests {
    static func view(_ folder: String, shards: Bool = true) throws -> ClusterView {
        var view = try #require(ClusterView(nodes: try CapturedReply.named("\(folder)/CLUSTER_NODES")))
        if shards, let reply = try? CapturedReply.named("\(folder)/CLUSTER_SHARDS") {
            view.add(shards: reply, usesTLS: false)
        } else if let reply = try? CapturedReply.named("\(folder)/CLUSTER_SLOTS") {
            view.add(slots: reply)
        }
        return view
    }

    @Test(
        "Members, slots, and slots that move, on the master that gives them away",
        arguments: ["redis-6.2", "redis-7.0", "redis-8.0", "valkey-8.1"]
    )
    func migrating(_ server: String) throws {
        for shards in [true, false] {
            let view = try Self.view("\(server)/cluster-migrating-master", shards: shards)
            #expect(view.skipped == 0)
            #expect(view.members.count == 6)
            #expect(view.members.filter(\.isMaster).count == 3)
            let me = try #require(view.myself)
            #expect(me.slots.text() == "0-5460" && me.slots.count == 5461)
            #expect(me.migrating == 2 && me.importing == 1)
            #expect(me.hostname == (server == "redis-6.2" ? nil : "redis-a.example.org"))
            #expect(me.endpoint?.description == "127.0.0.1:20020")
            let masters = Set(view.members.filter(\.isMaster).map(\.id))
            #expect(view.members.filter { !$0.isMaster }.allSatisfy { masters.contains($0.masterID ?? "") })
        }
    }

    @Test("The node that gets the slots counts them as importing")
    func importing() throws {
        let me = try #require(try Self.view("redis-7.0/cluster-importing-master").myself)
        #expect(me.importing == 2 && me.migrating == 0)
    }

    @Test("Failed, suspected and unknown members")
    func flags() throws {
        let failed = try Self.view("redis-7.0/cluster-fail-master")
        #expect(failed.members.filter { $0.failure == .failed }.map(\.slots.count) == [5461])
        #expect(failed.members.first { $0.failure == .failed }?.isConnected == false)
        let suspected = try Self.view("redis-7.0/cluster-pfail-master")
        #expect(suspected.members.contains { $0.failure == .suspected })
        let handshake = try #require(
            ClusterView(nodes: try CapturedReply.named("redis-7.0/cluster-handshake-master/CLUSTER_NODES"))
        )
        #expect(handshake.members.filter { $0.flags.contains(.handshake) }.count == 1)
    }

    @Test("A list with garbage: what can be read is read, the rest is counted")
    func garbage() throws {
        let id = String(repeating: "a", count: 40)
        let shard = String(repeating: "d", count: 40)
        let text = """
            \(id) 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-99 [5-?-x] 16384 9-3 x-1 -5 100
            \(id.dropLast()) 127.0.0.1:7001@17001 master - 0 0 1 connected
            \(String(repeating: "b", count: 40)) :0@0,,tls-port=0,shard-id=\(shard) master,noaddr - 0 0 many disconnected
            garbage
            \(String(repeating: "c", count: 40)) ::1:7003@17003,,shard-id=s1 slave \(id) 0 0 1 connected
            """
        let view = try #require(ClusterView(nodes: try CapturedReply.text(text)))
        #expect(view.members.count == 3)
        #expect(view.skipped == 8)
        #expect(view.members[0].slots.text() == "0-100")
        #expect(view.members[1].endpoint == nil && view.members[1].shardID == shard)
        #expect(view.members[2].shardID == nil)
        #expect(view.members[2].endpoint?.description == "[::1]:7003")
    }

    @Test("Replies cut off or with a byte changed are read without a trap")
    func mutations() throws {
        let nodes = try CapturedReply.body("redis-7.0/cluster-migrating-master/CLUSTER_NODES")
        let shards = try CapturedReply.bytes("redis-7.0/cluster-migrating-master/CLUSTER_SHARDS")
        let slots = try CapturedReply.bytes("redis-7.0/cluster-migrating-master/CLUSTER_SLOTS")
        for end in nodes.indices {
            let reply = CapturedReply.reply(Array("$\(end)\r\n".utf8) + nodes[..<end] + Array("\r\n".utf8))
            let members = reply.flatMap(ClusterView.init(nodes:))?.members ?? []
            #expect(members.count <= 6 && members.allSatisfy { $0.slots.count <= SlotSet.slotCount })
        }
        let intact = try Self.view("redis-7.0/cluster-migrating-master")
        for index in stride(from: 0, to: shards.count, by: 3) {
            var view = intact
            var bytes = shards
            bytes[index] = UInt8.random(in: 0...255)
            if let reply = CapturedReply.reply(bytes) { view.add(shards: reply, usesTLS: true) }
            bytes = slots
            bytes[index % slots.count] = UInt8.random(in: 0...255)
            if let reply = CapturedReply.reply(bytes) { view.add(slots: reply) }
            #expect(view.members.count == 6)
        }
    }
}

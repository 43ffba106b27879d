import RedisClient
import RedisCollectors
import RedisFleet
import Testing

@Suite("What a node says about its replication")
struct SelfDescriptionTests {
    @Test("A master lists its replicas", arguments: ["redis-6.2", "redis-7.0", "redis-8.0", "valkey-8.1"])
    func master(_ server: String) throws {
        let facts = try #require(
            SelfDescription(try CapturedReply.named("\(server)/master-two-replicas/INFO_all"))
        )
        #expect(facts.role == .master)
        #expect(facts.masterLink == nil && facts.isReadOnly == nil)
        #expect(facts.replicas.map(\.state) == ["online", "online"])
        #expect(facts.replicas.allSatisfy { $0.endpoint.description.hasPrefix("127.0.0.1:20") })
        #expect(facts.offset > 0 && facts.offset >= facts.replicas[0].offset)
        #expect(facts.replicationID.utf8.count == 40 && facts.runID.utf8.count == 40)
        #expect(facts.version.hasPrefix(server.split(separator: "-")[1]))
        #expect(facts.skipped == 0)
    }

    @Test("A replica names its master", arguments: ["redis-6.2", "redis-7.0", "redis-8.0", "valkey-8.1"])
    func replica(_ server: String) throws {
        let facts = try #require(SelfDescription(try CapturedReply.named("\(server)/replica/INFO_all")))
        #expect(facts.role == .replica)
        #expect(facts.masterLink?.master.description.hasPrefix("127.0.0.1:20") == true)
        #expect(facts.masterLink?.isUp == true && facts.masterLink?.isSyncing == false)
        #expect(facts.isReadOnly == true)
        #expect(facts.skipped == 0)
    }

    @Test("A link that is down and one that is synchronising are told apart")
    func links() throws {
        let broken = try #require(SelfDescription(try CapturedReply.named("redis-7.0/replica-broken/INFO_all")))
        #expect(broken.masterLink?.master.description == "127.0.0.1:20099")
        #expect(broken.masterLink?.isUp == false && broken.masterLink?.isSyncing == false)
        let syncing = try #require(SelfDescription(try CapturedReply.named("redis-7.0/replica-syncing/INFO_all")))
        #expect(syncing.masterLink?.isUp == false && syncing.masterLink?.isSyncing == true)
    }

    @Test("A Sentinel is a Sentinel, in tilt or not")
    func tilt() throws {
        let facts = try #require(SelfDescription(try CapturedReply.named("redis-7.0/sentinel-tilt/INFO_all")))
        #expect(facts.role == .sentinel)
        #expect(facts.isInTilt)
    }

    @Test("Lines that make no sense are counted and cost nothing else")
    func garbage() throws {
        let text = """
            # Replication\r
            role:slave\r
            master_host:\u{1}evil host/@\r
            master_port:99999\r
            slave0:ip=,port=1,state=online,offset=5\r
            slave1:ip=10.0.0.2,port=70000,state=online\r
            slave2:ip=10.0.0.3,port=6379,state=online,offset=99999999999999999999\r
            slave3\r
            :\r
            slave_repl_offset:many\r
            """
        let facts = try #require(SelfDescription(try CapturedReply.text(text)))
        #expect(facts.role == .replica)
        #expect(facts.masterLink == nil)
        #expect(facts.replicas.map(\.endpoint.description) == ["10.0.0.3:6379"])
        #expect(facts.skipped == 4)
    }

    @Test("A text cut off anywhere, or with one byte changed, is read without a trap")
    func mutations() throws {
        let body = try CapturedReply.body("redis-7.0/master-two-replicas/INFO_all")
        for end in stride(from: 0, through: body.count, by: 13) {
            let text = Array("$\(end)\r\n".utf8) + body[..<end] + Array("\r\n".utf8)
            let facts = CapturedReply.reply(text).flatMap(SelfDescription.init)
            #expect(end < body.count || facts?.replicas.count == 2)
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var changed = body
            changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            let text = Array("$\(changed.count)\r\n".utf8) + changed + Array("\r\n".utf8)
            let facts = CapturedReply.reply(text).flatMap(SelfDescription.init)
            #expect(facts.map { $0.replicas.count <= 2 } ?? true)
        }
    }

    @Test("What is no INFO text is no description")
    func otherReplies() throws {
        for bytes in ["-NOPERM no\r\n", ":1\r\n", "*0\r\n", "$-1\r\n", "$0\r\n\r\n", "$5\r\nhello\r\n"] {
            let reply = try #require(CapturedReply.reply(Array(bytes.utf8)))
            #expect(SelfDescription(reply) == nil)
        }
    }
}

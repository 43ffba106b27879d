import RedisClient
import Testing

@testable import RedisFleet

@Suite("Replication lag")
struct ReplicationLagTests {
    private let start = ContinuousClock.now
    private let replica = Endpoint.tcp(host: "r", port: 1)
    private let master = Endpoint.tcp(host: "m", port: 1)

    private func facts(master offset: Int64, _ history: String = "aa", before: String = "00") throws -> SelfDescription
    {
        try #require(
            SelfDescription(
                try CapturedReply.text(
                    "role:master\nmaster_replid:\(history)\nmaster_replid2:\(before)\nmaster_repl_offset:\(offset)"
                )
            )
        )
    }

    private func facts(replica offset: Int64, _ history: String = "aa", up: Bool = true) throws -> SelfDescription {
        try #require(
            SelfDescription(
                try CapturedReply.text(
                    """
                    role:slave\nmaster_host:m\nmaster_port:1\nmaster_link_status:\(up ? "up" : "down")
                    slave_repl_offset:\(offset)\nmaster_replid:\(history)
                    """
                )
            )
        )
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant {
        start + .milliseconds(Int64(seconds * 1000))
    }

    @Test("Equal is zero, behind is the time since the master was there")
    func behind() throws {
        var lag = ReplicationLag()
        for second in 0...10 {
            lag.note(try facts(master: Int64(second) * 100), of: master, at: at(Double(second)))
        }
        lag.note(try facts(replica: 1000), of: replica, at: at(10))
        #expect(lag.lag(of: replica, now: at(10)) == .init(bytes: 0, age: .zero))
        lag.note(try facts(replica: 350), of: replica, at: at(10))
        #expect(lag.lag(of: replica, now: at(10)) == .init(bytes: 650, age: .seconds(7)))
        #expect(lag.lag(of: master, now: at(10)) == nil)
    }

    @Test("The pings of an idle master make no lag of ten seconds")
    func idle() throws {
        var lag = ReplicationLag()
        for second in 0...9 {
            lag.note(try facts(master: 100), of: master, at: at(Double(second)))
        }
        lag.note(try facts(master: 114), of: master, at: at(10))
        lag.note(try facts(replica: 100), of: replica, at: at(10))
        #expect(lag.lag(of: replica, now: at(10)) == .init(bytes: 14, age: .seconds(1)))
    }

    @Test("Of a replica that is stopped, or whose link is down, the lag grows by a second a second")
    func stopped() throws {
        var lag = ReplicationLag()
        lag.note(try facts(master: 100), of: master, at: at(0))
        lag.note(try facts(replica: 100), of: replica, at: at(0))
        for second in 1...60 {
            lag.note(try facts(master: 100), of: master, at: at(Double(second)))
        }
        #expect(lag.lag(of: replica, now: at(60)) == .init(bytes: 0, age: .seconds(60)))
        lag.note(try facts(replica: 100, up: false), of: replica, at: at(61))
        #expect(lag.lag(of: replica, now: at(61))?.age == .seconds(61))
        lag.note(try facts(replica: 100), of: replica, at: at(62))
        #expect(lag.lag(of: replica, now: at(62))?.age == .zero)
    }

    @Test("A failover goes on with the new history; an offset that goes back starts anew")
    func failover() throws {
        var lag = ReplicationLag()
        for second in 0...5 {
            lag.note(try facts(master: Int64(second) * 100), of: master, at: at(Double(second)))
        }
        let heir = Endpoint.tcp(host: "h", port: 1)
        lag.note(try facts(master: 700, "bb", before: "aa"), of: heir, at: at(6))
        lag.note(try facts(replica: 300, "bb"), of: replica, at: at(6))
        #expect(lag.lag(of: replica, now: at(6)) == .init(bytes: 400, age: .seconds(3)))
        lag.note(try facts(master: 50, "bb"), of: heir, at: at(7))
        lag.note(try facts(replica: 50, "bb"), of: replica, at: at(7))
        #expect(lag.lag(of: replica, now: at(7)) == .init(bytes: 0, age: .zero))
    }

    @Test("Of a link that is up to a master that is not watched nothing is told; of one that is down, since when")
    func unknown() throws {
        var lag = ReplicationLag()
        for second in 0...60 {
            lag.note(try facts(replica: 50, "zz"), of: replica, at: at(Double(second)))
            #expect(lag.lag(of: replica, now: at(Double(second))) == nil)
        }
        var other = ReplicationLag()
        let info = """
            role:slave\nmaster_host:m\nmaster_port:1\nmaster_link_status:down\nmaster_link_down_since_seconds:90
            slave_repl_offset:50\nmaster_replid:zz
            """
        let broken = try #require(SelfDescription(try CapturedReply.text(info)))
        other.note(broken, of: replica, at: at(0))
        #expect(other.lag(of: replica, now: at(5)) == .init(bytes: nil, age: .seconds(95)))
    }

    @Test("Offsets that wrap around are as good as any")
    func wrap() throws {
        var lag = ReplicationLag()
        let start = Int64.max - 250
        for second in 0...5 {
            lag.note(try facts(master: start &+ Int64(second) * 100), of: master, at: at(Double(second)))
        }
        lag.note(try facts(replica: start &+ 500), of: replica, at: at(5))
        #expect(lag.lag(of: replica, now: at(5)) == .init(bytes: 0, age: .zero))
        lag.note(try facts(replica: start &+ 200), of: replica, at: at(5))
        #expect(lag.lag(of: replica, now: at(5)) == .init(bytes: 300, age: .seconds(3)))
        lag.note(try facts(replica: start &+ 400), of: replica, at: at(5))
        #expect(lag.lag(of: replica, now: at(5)) == .init(bytes: 100, age: .seconds(1)))
    }
}

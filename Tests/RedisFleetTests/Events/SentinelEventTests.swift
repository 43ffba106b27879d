import RedisClient
import Testing

@testable import RedisFleet

@Suite("Events of Sentinels")
struct SentinelEventTests {
    private let sentinel = Endpoint.tcp(host: "s", port: 1)

    @Test(
        "The master that an event is about",
        arguments: [
            ("+sdown", "master m 127.0.0.1 6379", "m"),
            ("+sdown", "slave 127.0.0.1:6380 127.0.0.1 6380 @ m 127.0.0.1 6379", "m"),
            ("-sdown", "sentinel 8e4a 127.0.0.1 26380 @ m 127.0.0.1 6379", "m"),
            ("+odown", "master m 127.0.0.1 6379 #quorum 2/2", "m"),
            ("+failover-state-select-slave", "master m 127.0.0.1 6379", "m"),
            ("+switch-master", "m 127.0.0.1 6379 127.0.0.1 6380", "m"),
            ("+tilt", "#tilt mode entered", nil),
            ("+new-epoch", "7", nil),
            ("+vote-for-leader", "8e4a 7", nil),
            ("+sdown", "", nil),
        ] as [(String, String, String?)]
    )
    func master(_ channel: String, _ text: String, _ name: String?) throws {
        let event = try #require(SentinelEvent(channel: channel, text: text))
        #expect(event.masterName == name)
        #expect(event.newMaster?.description == (channel == "+switch-master" ? "127.0.0.1:6380" : nil))
    }

    @Test(
        "What is none of a Sentinel's events",
        arguments: ["__sentinel__:hello", "news", "", "+a b", "+ü", "+" + String(repeating: "x", count: 60)]
    )
    func others(_ channel: String) {
        #expect(SentinelEvent(channel: channel, text: "x") == nil)
    }

    @Test(
        "A +switch-master that does not say where to is not believed",
        arguments: ["", "m", "m 1 2 3", "m a 1 b 0", "m a 1 b/c 2", "m 1 2 3 4 5"]
    )
    func brokenSwitch(_ text: String) {
        #expect(SentinelEvent(channel: "+switch-master", text: text) == nil)
    }

    @Test("Events are counted by kind, of a Sentinel that invents kinds no more than a few")
    func counts() throws {
        var log = SentinelEventLog()
        for number in 0..<200 {
            let event = try #require(SentinelEvent(channel: "+kind-\(number)", text: "master m\(number) h 1"))
            _ = log.receive(event, from: sentinel, now: .now)
            _ = log.receive(event, from: sentinel, now: .now)
        }
        let counts = log.counts(of: sentinel)
        #expect(counts.count == 64 && counts["+kind-0"] == 2)
        log.forget(sentinel)
        #expect(log.counts(of: sentinel).isEmpty)
    }

    @Test("The timeline keeps the newest events, each one line, in their order")
    func timeline() {
        var timeline = EventTimeline()
        for number in 1...2500 {
            let deployment = number % 2 == 0 ? "even" : "odd"
            timeline.append(EventDraft(kind: "+x", deployment, nil, "a\nb\u{1B}[2J"), at: Int64(number))
        }
        let all = timeline.events(after: 0, limit: .max, deployment: nil)
        #expect(all.count <= EventTimeline.limit && all.count >= 750)
        #expect(all.last?.number == 2500 && timeline.lastNumber == 2500)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.number + 1 == $1.number })
        #expect(all.allSatisfy { $0.text == "a b [2J" })
        #expect(timeline.events(after: 2490, limit: 3, deployment: nil).map(\.number) == [2498, 2499, 2500])
        #expect(timeline.events(after: 2490, limit: 3, deployment: "odd").map(\.number) == [2495, 2497, 2499])
        #expect(timeline.events(after: 2500, limit: 3, deployment: nil).isEmpty)
        #expect(timeline.events(after: 9999, limit: 3, deployment: nil).isEmpty)
    }

    @Test("Looks follow each other at once after a quiet time, and in a flood once a second")
    func pace() {
        var pacer = LookPacer()
        var now = ContinuousClock.now
        let start = now
        var looks = 0
        while now - start < .seconds(120) {
            let pause = pacer.pause(members: 3, now: now)
            if looks == 0 { #expect(pause == LookPacer.debounce) }
            now += pause
            looks += 1
        }
        #expect((120...190).contains(looks))
        #expect(pacer.pause(members: 3, now: now + .seconds(60)) == LookPacer.debounce)
        #expect(pacer.pause(members: 1000, now: now + .seconds(120)) == .seconds(1))
    }
}

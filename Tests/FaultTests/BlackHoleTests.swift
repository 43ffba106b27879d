import FleetUnderTest
import RedisClient
import RedisFleet
import TestServers
import Testing

@Suite("Many nodes, some of them black holes", .serialized, .timeLimit(.minutes(3)))
struct BlackHoleTests {
    /// Addresses of the loopback network that one server listens on; Redis allows 16.
    private static let hosts = (1...15).map { "127.0.0.\($0)" }

    @Test("150 live nodes among 50 that never answer are each polled in their interval")
    func blackHoles() async throws {
        var live: [String] = []
        var servers: [RedisServer] = []
        for _ in 0..<10 {
            let server = try await RedisServer.start(["--bind"] + Self.hosts)
            servers.append(server)
            live += Self.hosts.map { "\($0):\(server.port)" }
        }
        var holes: [BlackHole] = []
        for number in 0..<50 {
            // Half of them take connections, half do not even that.
            holes.append(try BlackHole(connects: number.isMultiple(of: 2)))
        }
        let dark = holes.map { "127.0.0.1:\($0.port)" }
        let addresses = interleaved(live, dark)
        let interval = Duration.seconds(8)
        let watched = try WatchedFleet(addresses, interval: interval, timeout: .seconds(4))
        #expect(watched.fleet.nodes.count == 200)
        let running = watched.start()
        defer { running.cancel() }
        try await eventually("each is polled three times", seconds: 90, every: .seconds(1)) {
            let polls = Dictionary(grouping: watched.outcomes.all, by: \.node.instance)
            return live.allSatisfy { (polls[$0]?.count ?? 0) >= 3 }
        }
        let fromLive = watched.outcomes.all.filter { live.contains($0.node.instance) }
        #expect(fromLive.allSatisfy { $0.failure == nil })
        // The rest is for a machine that does other things too, and all of it in debug mode.
        #expect(longestPause(of: fromLive) < interval * 2.5)
        let fromHoles = watched.outcomes.all.filter { dark.contains($0.node.instance) }
        #expect(Set(fromHoles.map(\.node)).count == 50)
        #expect(fromHoles.allSatisfy { $0.failure?.reason == .timeout })

        let started = ContinuousClock.now
        let scraped = await watched.scrape(maxAge: .seconds(1), patience: .seconds(4))
        #expect(started.duration(to: .now) < .seconds(6))
        #expect(scraped.count { $0.failure == nil } == 150)
    }

    /// Every fourth is one of `few`.
    private func interleaved(_ many: [String], _ few: [String]) -> [String] {
        few.enumerated().flatMap { number, address in many[(number * 3)..<(number * 3 + 3)] + [address] }
    }
}

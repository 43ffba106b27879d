import FleetUnderTest
import RedisClient
import RedisFleet
import TestServers
import Testing

@Suite(
    "Partitions of the network",
    .enabled(if: RemoteRedis.isExpected, "\(RemoteRedis.obstacle ?? "")"),
    .timeLimit(.minutes(6))
)
struct PartitionTests {
    @Test(
        "A node behind a partition is down with the reason, delays nobody, and heals by itself",
        arguments: RemoteRedis.Cut.allCases)
    func partition(cut: RemoteRedis.Cut) async throws {
        #expect(RemoteRedis.obstacle == nil)
        let near = try await RedisServer.start()
        let far = try await RemoteRedis()
        let watched = try WatchedFleet([far.address, near.address], interval: .seconds(1), timeout: .seconds(5))
        let running = watched.start()
        defer { running.cancel() }
        await watched.outcomes.next { $0.node.instance == far.address && $0.failure == nil }
        let started = ContinuousClock.now
        try far.cut(cut)
        let down = try #require(
            await watched.outcomes.next { $0.node.instance == far.address && $0.failure != nil }
        )
        #expect(down.failure?.reason == .timeout || down.failure?.reason == .unreachable, "\(down.failure as Any)")
        #expect(watched.value("redis_up", in: down) == 0)
        await watched.outcomes.next { $0.node.instance == far.address && $0.failure != nil }
        let reasons = Set(watched.outcomes.all.compactMap(\.failure?.reason))
        #expect(reasons.isSubset(of: [.timeout, .unreachable]), "\(reasons)")
        let ended = ContinuousClock.now
        let fromNear = watched.outcomes.all.filter { $0.node.instance == near.address && $0.finished > started }
        #expect(fromNear.allSatisfy { $0.failure == nil })
        let times = [started] + fromNear.map(\.finished) + [ended]
        #expect(zip(times, times.dropFirst()).allSatisfy { $0.duration(to: $1) < .seconds(4) }, "\(times)")
        try far.heal(cut)
        let up = try #require(
            await watched.outcomes.next { $0.node.instance == far.address && $0.failure == nil }
        )
        #expect(watched.value("redis_up", in: up) == 1)
    }
}

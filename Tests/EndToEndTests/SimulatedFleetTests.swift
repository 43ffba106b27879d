import TestServers
import Testing

/// A program that watches hundreds of servers.
@Suite("A fleet of hundreds")
struct SimulatedFleetTests {
    private static let fixtures =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        + "/RedisCollectorsTests/Fixtures/redis-7.0"

    @Test(
        "From the start all nodes are polled within one interval, connected to a few at a time", .timeLimit(.minutes(5))
    )
    func start() async throws {
        let interval = 60
        let fleet = try await SimulatedFleet.start(
            ["standalone:256", "replication:8x3x3", "cluster:3x1"], fixtures: Self.fixtures)
        // On a busy machine some would time out, and be connected to again.
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "\(interval)s", "--connection-timeout", "\(interval)s"] + fleet.addresses)
        try await redstart.process.wait(seconds: 2 * interval, for: "all nodes are polled") {
            (try? fleet.statistics()["nodes_polled"]) == fleet.addresses.count
        }
        let statistics = try fleet.statistics()
        #expect(statistics["all_polled_after_ms"].map { (0...interval * 1000).contains($0) } == true)
        // Nobody is connected to before those in front of the queue have answered.
        #expect(statistics["most_unanswered_connections"].map { (1...64).contains($0) } == true)
        #expect(statistics["accepted"] == fleet.addresses.count)
        #expect(statistics["connections"] == fleet.addresses.count)
    }

    @Test("What is wrong with each node is told, and is over when it is over", .timeLimit(.minutes(5)))
    func failures() async throws {
        let fleet = try await SimulatedFleet.start(["standalone:20"], fixtures: Self.fixtures)
        let redstart = try await RedstartProcess.serve(
            ["--poll-interval", "1s", "--connection-timeout", "3s", "--scrape-max-age", "10s"] + fleet.addresses)
        try await wait(for: [], of: fleet, at: redstart)
        let reasons = [
            ("refuse", "refused"), ("hang", "timeout"), ("close", "closed"), ("loading", "loading"),
            ("error", "protocol"), ("garbage", "protocol"),
        ]
        let expected = try zip(fleet.addresses, reasons).map { address, reason in
            try fleet.tell("FAIL", String(address.prefix { $0 != ":" }), reason.0)
            return #"redstart_node_failure_reason{reason="\#(reason.1)",instance="\#(address)"} 1"#
        }
        try await wait(for: expected, of: fleet, at: redstart)
        try fleet.tell("HEAL", "all")
        try await wait(for: [], of: fleet, at: redstart)
        try await redstart.process.wait(seconds: 30, for: "one connection a node") {
            (try? fleet.statistics()["connections"]) == fleet.addresses.count
        }
    }

    /// Waits until all nodes are known and exactly these lines tell of trouble.
    private func wait(for lines: [String], of fleet: SimulatedFleet, at redstart: RedstartProcess) async throws {
        try await redstart.process.wait(seconds: 60, for: "\(lines.count) nodes in trouble") {
            guard let text = try? redstart.get("/metrics").text else { return false }
            let told = text.split(separator: "\n").filter { $0.hasPrefix("redstart_node_failure_reason{") }.map(
                String.init)
            let known = text.split(separator: "\n").filter { $0.hasPrefix("redis_up{") }
            return known.count == fleet.addresses.count && Set(told) == Set(lines)
        }
    }
}

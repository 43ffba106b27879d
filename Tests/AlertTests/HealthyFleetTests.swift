import Glibc
import TestServers
import Testing

@Suite("A healthy fleet", .timeLimit(.minutes(15)))
struct HealthyFleetTests {
    @Test("Nothing fires but the Watchdog by the rules as they are, idle or under load", arguments: [false, true])
    func silence(isLoaded: Bool) async throws {
        let fleet = try await HealthyFleet.start(isLoaded: isLoaded)
        let redstart = try await RedstartProcess.serve(["--poll-interval", "1s"] + fleet.targets)
        let daemon = RuledDaemon(redstart: redstart, directory: redstart.process.directory)
        try await eventually("all nodes are up", every: .milliseconds(100)) {
            try daemon.query("count(redis_up == 1)").first?.value == Double(fleet.count)
        }
        // Nothing happens, for so long: alerts that wait for five minutes need a run of ten, with the variable.
        let seconds = getenv("REDSTART_HEALTHY_SECONDS").flatMap { Int(String(cString: $0)) } ?? 60
        try await Task.sleep(for: .seconds(seconds))
        let fired = try daemon.query(
            "count_over_time(ALERTS{alertstate=\"firing\", alertname!=\"Watchdog\"}[1h])"
        ).map { "\($0.labels)" }
        #expect(fired.isEmpty, "\(fired.joined(separator: "\n"))")
        #expect(try daemon.query("max_over_time(redstart_rules_failing[1h])").map(\.value) == [0])
        #expect(try daemon.alerts("Watchdog", [:]).count == 1)
        #expect(try daemon.query("count(redis_up == 1)").first?.value == Double(fleet.count))
    }
}

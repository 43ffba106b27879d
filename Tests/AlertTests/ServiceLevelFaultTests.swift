import Glibc
import TestServers
import Testing

@Suite("Faults of the service level", .timeLimit(.minutes(6)))
struct ServiceLevelFaultTests {
    @Test("A server that is away too often")
    func fast() async throws {
        let server = try await RedisServer.start()
        let daemon = try await RuledDaemon.start([server.address])
        try await daemon.waitForValue(
            of: "redis:availability_errors:ratio_5m{instance='\(server.address)'} offset 33s")
        try await daemon.see([
            Fault("RedisAvailabilityBudgetBurnsFast", server.label) {
                server.process.signal(SIGSTOP)
            } repair: {
                server.process.signal(SIGCONT)
            }
        ])
    }

    @Test("Servers that are away or slow for days")
    func slow() async throws {
        let away = try await RedisServer.start()
        let slow = try await RedisServer.debuggable()
        let ordinary = try slow.load("PING", every: 0.02)
        // A day is half a minute. The windows of five minutes and an hour are longer than that makes them, as they
        // need some polls.
        let daemon = try await RuledDaemon.start(
            [away.address, slow.address], hurry: 2880, changes: [("[104ms]", "[2s]"), ("[1250ms]", "[3s]")])
        for (kind, server) in [("availability", away), ("latency", slow)] {
            try await daemon.waitForValue(
                of: "redis:\(kind)_errors:ratio_1h{instance='\(server.address)'} offset 30s")
        }
        let load = Held<ServerProcess>()
        try await daemon.see([
            Fault("RedisAvailabilityBudgetBurnsSlowly", away.label) {
                away.process.signal(SIGSTOP)
            } repair: {
                away.process.signal(SIGCONT)
            },
            Fault("RedisLatencyBudgetBurnsSlowly", slow.label) {
                load.hold(try slow.load("DEBUG", "SLEEP", "0.02", every: 0.001))
            } repair: {
                load.release()
            },
        ])
        withExtendedLifetime(ordinary) {}
    }
}

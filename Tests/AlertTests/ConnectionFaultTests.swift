import TestServers
import Testing

@Suite("Faults of connections and performance", .timeLimit(.minutes(6)))
struct ConnectionFaultTests {
    @Test("Connections")
    func connections() async throws {
        let full = try await RedisServer.start(["--maxclients", "40"])
        let storm = try await RedisServer.start()
        let cut = try await RedisServer.start(["--maxmemory-clients", "1mb"])
        let leak = try await RedisServer.start()
        let daemon = try await RuledDaemon.start([full, storm, cut, leak].map(\.address))
        let clients = Held<[IdleConnections]>()
        let work = Held<Task<Void, Never>>()
        try cut.tell("SET", "big", String(repeating: "x", count: 50000))
        // Half an hour before, in a hurry.
        try await daemon.waitForValue(
            of: "rate(redis_commands_processed_total{instance='\(leak.address)'}[3s] offset 18s)")
        let read = String(repeating: "GET big\r\n", count: 40)
        try await daemon.see([
            Fault("RedisConnectionsHigh", full.label) {
                let many = [IdleConnections(60, to: full.port), IdleConnections(130, to: leak.port)]
                clients.hold(many + [IdleConnections(10, to: cut.port, saying: read)])
                let ports = [full.port, storm.port]
                work.hold(
                    Task {
                        while !Task.isCancelled {
                            for port in ports { _ = IdleConnections(10, to: port) }
                            // Two hundred a second: a storm, and not all of the machine.
                            try? await Task.sleep(for: .milliseconds(50))
                        }
                    })
            } repair: {
                work.current?.cancel()
                clients.release()
            },
            Fault("RedisRejectedConnections", full.label),
            Fault("RedisConnectionStorm", storm.label),
            Fault("RedisOutputBuffersCut", cut.label),
            Fault("RedisConnectionLeak", leak.label),
        ])
    }

    @Test("Performance, and what slow commands and writing to disk have to do with it")
    func performance() async throws {
        let slow = try await RedisServer.debuggable(["--slowlog-log-slower-than", "1000"])
        let busy = try await ServerVersion.redis8.start()
        let blocked = try await RedisServer.start()
        let saving = try await RedisServer.debuggable(["--rdb-key-save-delay", "100000"])
        let unusual = try await RedisServer.debuggable()
        let big = try await RedisServer.debuggable(["--slowlog-log-slower-than", "0"])
        let daemon = try await RuledDaemon.start(
            [slow, busy, blocked, saving, unusual, big].map(\.address),
            changes: [
                // A loaded machine does not give a thread its core; and forks are quick here.
                ("main_thread_seconds_total[3000ms]) > 0.9", "main_thread_seconds_total[3000ms]) > 0.1"),
                ("/ 1e6 > 0.9", "/ 1e6 > 0.1"),
                ("redis_latest_fork_seconds > 1 ", "redis_latest_fork_seconds > 0.00001 "),
                ("> 3600", "> 1"),
            ]
        )
        let load = Held<[ServerProcess]>()
        let clients = Held<Task<Void, Never>>()
        let ordinary = try unusual.load("PING", every: 0.02)
        try big.tell("SET", "big", String(repeating: "x", count: 100_000))
        try big.tell("APPEND", "big", String(repeating: "x", count: 100_000))
        try saving.tell("DEBUG", "POPULATE", "10000")
        // A server has a past of its own before it does what is unusual.
        for (name, server) in [("redis:command_seconds:avg5m", unusual), ("redis:operations:rate5m", blocked)] {
            try await daemon.waitForValue(of: "\(name){instance='\(server.address)'} offset 20s")
        }
        try await daemon.see(
            [
                Fault("RedisSlowLogGrowing", slow.label) {
                    let work = "local i = 0 while i < 500000 do i = i + 1 end"
                    load.hold([
                        try slow.load("DEBUG", "SLEEP", "0.02", every: 0.001),
                        try busy.run(work, every: 0.01),
                        try saving.load("DEBUG", "SLEEP", "0.02", every: 0.001),
                        try unusual.load("DEBUG", "SLEEP", "0.005", every: 0.001),
                        try big.load("GET", "big", every: 0.01),
                        try blocked.load("PING", every: 0.001),
                    ])
                    clients.hold(
                        Task {
                            var waiting: [IdleConnections] = []
                            // More than twice as many again and again, or they would soon be what there always is.
                            for count in [30, 50, 100, 200] where !Task.isCancelled {
                                waiting.append(IdleConnections(count, to: blocked.port, saying: "BLPOP nothing 0\r\n"))
                                try? await Task.sleep(for: .seconds(4))
                            }
                            withExtendedLifetime(waiting) {}
                        })
                    try saving.tell("BGSAVE")
                } repair: {
                    load.release()
                    clients.current?.cancel()
                    try saving.tell("FLUSHALL")
                },
                Fault("RedisCommandLatencyHigh", slow.label),
                Fault("RedisSlowCommandsBlocking", slow.label, saying: "debug"),
                Fault("RedisLatencyBudgetBurnsFast", slow.label),
                Fault("RedisMainThreadSaturated", busy.label),
                Fault("RedisEventLoopSaturated", busy.label),
                Fault("RedisBlockedClientsGrowing", blocked.label),
                Fault("RedisForkSlow", saving.label),
                Fault("RedisRewriteStuck", saving.label),
                Fault("RedisPersistenceStealsLatency", saving.label),
                Fault("RedisOperationsUnusual", blocked.label),
                Fault("RedisLatencyUnusual", unusual.label),
                Fault("RedisBigKeySuspected", big.label),
            ])
        withExtendedLifetime(ordinary) {}
    }
}

import Glibc
import TestServers
import Testing

@Suite("Faults of availability, cache and memory", .timeLimit(.minutes(6)))
struct AvailabilityFaultTests {
    @Test("Availability")
    func availability() async throws {
        let down = try await RedisServer.start()
        let restarted = try await RedisServer.start()
        let flapping = try await RedisServer.start()
        let loading = try await RedisServer.start()
        let held = Held<ServerProcess>()
        let daemon = try await RuledDaemon.start([down, restarted, flapping, loading].map(\.address))
        // The alert of its restart will last until the new process has been up for as long.
        try await daemon.waitForValue(of: "redis_uptime_in_seconds{instance='\(restarted.address)'} >= 10")
        let again = Held<ServerProcess>()
        let slow = Held<ServerProcess>()
        try await daemon.see([
            Fault("RedisDown", down.label) {
                down.process.kill()
            } repair: {
                held.hold(try await down.again())
            },
            Fault("RedisLoadingLong", loading.label) {
                try loading.tell("EVAL", "for i = 1, 3000 do redis.call('set', i, string.rep('x', 1000)) end", "0")
                try loading.tell("SAVE")
                loading.process.kill()
                let settings = ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"]
                slow.hold(try await loading.again(settings))
            } repair: {
                try loading.tell("CONFIG", "SET", "key-load-delay", "0")
            },
            Fault("RedisFlapping", flapping.label) {
                for _ in 0..<3 {
                    flapping.process.signal(SIGSTOP)
                    try await eventually("it is down") { try daemon.value("redis_up", flapping) == 0 }
                    flapping.process.signal(SIGCONT)
                    try await eventually("it is up") { try daemon.value("redis_up", flapping) == 1 }
                }
            } repair: {
                // Ends when the changes are out of sight.
            },
            Fault("RedisRestarted", restarted.label) {
                restarted.process.kill()
                again.hold(try await restarted.again())
            } repair: {
                // Ends by itself.
            },
        ])
    }

    @Test("Cache")
    func cache() async throws {
        let server = try await RedisServer.start(["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"])
        let dropped = try await RedisServer.start()
        let daemon = try await RuledDaemon.start([server.address, dropped.address])
        let load = Held<[ServerProcess]>()
        let lookups = Held<ServerProcess>()
        lookups.hold(
            try dropped.run("redis.call('set', 'a', 1) for i = 1, 100 do redis.call('get', 'a') end"))
        // The hour before, in a hurry.
        try await daemon.waitForValue(
            of: "rate(redis_keyspace_hits_total{instance='\(dropped.address)'}[36s] offset 6s) > 10")
        let miss = "for i = 1, 100 do redis.call('get', 'none' .. i) end"
        try await daemon.see([
            Fault("RedisEvictingKeys", server.label) {
                load.hold([try server.run(fillingScript), try server.run(miss)])
                lookups.hold(try dropped.run(miss))
            } repair: {
                load.release()
                lookups.hold(try dropped.run("for i = 1, 100 do redis.call('get', 'a') end"))
            },
            Fault("RedisMemoryPressure", server.label),
            Fault("RedisCacheUndersized", server.label),
            Fault("RedisCacheHitRateLow", server.label),
            Fault("RedisCacheHitRateDropped", dropped.label),
        ])
    }

    @Test("Memory")
    func memory() async throws {
        let full = try await RedisServer.debuggable(["--maxmemory", "20mb"])
        let unlimited = try await RedisServer.debuggable(["--maxmemory", "1gb"])
        let holes = try await RedisServer.debuggable()
        let growing = try await RedisServer.debuggable(["--maxmemory", "200mb"])
        let unusual = try await RedisServer.debuggable()
        let absent = try await RedisServer.start()
        let daemon = try await RuledDaemon.start(
            [full, unlimited, holes, growing, unusual, absent].map(\.address),
            changes: [
                ("(redis_total_system_memory_bytes > 0) > 0.8", "(redis_total_system_memory_bytes > 0) > 0"),
                ("redis_memory_used_bytes > 100 *", "redis_memory_used_bytes > 20 *"),
            ],
            configuration: ["include_system_metrics: true"]
        )
        let load = Held<[ServerProcess]>()
        let announcing = Held<Task<Void, Never>>()
        // A server has a past of its own before it does what is unusual.
        try await daemon.waitForValue(of: "redis_memory_used_bytes{instance='\(unusual.address)'} offset 20s")
        try await daemon.see([
            Fault("RedisMemoryHigh", full.label) {
                try full.tell("DEBUG", "POPULATE", "19000", "key", "900")
                let write = try full.load("SET", "more", String(repeating: "x", count: 100), every: 0.2)
                let fill = try full.run(fillingScript, every: 0.1)
                let grow = try growing.run(
                    "for i = 1, 20 do redis.call('append', 'k', string.rep('x', 1000)) end", every: 0.1)
                try growing.tell("DEBUG", "POPULATE", "110000", "key", "900")
                load.hold([write, fill, grow])
                try unlimited.tell("CONFIG", "SET", "maxmemory", "0")
                try unusual.tell("DEBUG", "POPULATE", "80000", "key", "900")
                try holes.tell("DEBUG", "POPULATE", "60000", "key", "900")
                // One key in twenty stays, so that most pages keep something.
                let delete = "for i = 0, 59999 do if i % 20 > 0 then redis.call('del', 'key:' .. i) end end"
                try holes.tell("EVAL", delete, "0")
            } repair: {
                load.release()
                try full.tell("FLUSHALL")
                try growing.tell("FLUSHALL")
                try holes.tell("FLUSHALL")
                try holes.tell("MEMORY", "PURGE")
                try unusual.tell("FLUSHALL")
                try unlimited.tell("CONFIG", "SET", "maxmemory", "1gb")
            },
            Fault("RedisMemoryCritical", full.label),
            Fault("RedisOutOfMemoryRefusals", full.label),
            Fault("RedisMemoryPredictedFull", growing.label),
            Fault("RedisHostMemoryHigh", unlimited.label),
            Fault("RedisFragmentationHigh", holes.label),
            Fault("RedisMemoryUnusual", unusual.label),
            Fault("RedisSwapping", absent.label) {
                // Redis takes memory for a value that is announced, touches none of it before the value comes, and gives
                // it back when nothing has come for two seconds.
                let header = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$300000000\r\n"
                announcing.hold(
                    Task {
                        var open: [IdleConnections] = []
                        while !Task.isCancelled {
                            open = open.suffix(1) + [IdleConnections(1, to: absent.port, saying: header)]
                            try? await Task.sleep(for: .seconds(1))
                        }
                    })
            } repair: {
                announcing.current?.cancel()
            },
        ])
    }
}

import Glibc
import TestServers
import Testing

@Suite("The timeline of what happened to nodes and to Redstart itself", .serialized)
struct TimelineTests {
    @Test("Parameters that change, without those that are secret, and a restart")
    func node() async throws {
        let server = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--poll-interval", "100ms", server.address])
        func events() throws -> String { try redstart.get("/api/redstart/v1/events").text }
        try await redstart.process.wait(for: "has polled") { (try? redstart.get("/-/ready").status) == 200 }
        try server.tell("config", "set", "masterauth", "hunter2")
        try server.tell("config", "set", "timeout", "77")
        // INFO tells this one, and so the others are seen at once, too.
        try server.tell("config", "set", "maxmemory", "100mb")
        try await redstart.process.wait(for: "tells of maxmemory") {
            (try? events())?.contains("maxmemory was") == true
        }
        #expect(try events().contains("\(server.address): maxmemory was 0, is 104857600"))
        #expect(try events().contains("\(server.address): timeout was 0, is 77"))
        #expect(try !events().contains("masterauth"))
        #expect(try !events().contains("hunter2"))
        #expect(try !events().contains("node_restarted"))

        server.process.kill()
        let again = try ServerProcess(
            "redis-server", ["--port", "\(server.port)", "--bind", "127.0.0.1", "--save", ""],
            in: try TemporaryDirectory())
        try await redstart.process.wait(for: "tells of the restart") {
            (try? events())?.contains("node_restarted") == true
        }
        // Without a configuration file the server has forgotten it.
        try await redstart.process.wait(for: "tells of the parameter") {
            (try? events())?.contains("timeout was 77, is 0") == true
        }
        again.kill()
    }

    @Test("Reloads of Redstart's own configuration, those that failed without what stands in a secret's place")
    func reload() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("targets: []\n", to: "redstart.yml")
        let redstart = try await RedstartProcess.serve(
            ["--config.file", directory.file("redstart.yml"), "--redis.addr="])
        func events() throws -> String { try redstart.get("/api/redstart/v1/events").text }
        #expect(try HTTPProbe.get("/-/reload", port: redstart.port, method: "POST").status == 200)
        #expect(try events().contains(#""kind":"configuration_reloaded""#))
        try directory.write("targets:\n  - redis://:hunter2@cache\n", to: "redstart.yml")
        #expect(try HTTPProbe.get("/-/reload", port: redstart.port, method: "POST").status == 500)
        #expect(try events().contains(#""kind":"configuration_reload_failed""#))
        #expect(try events().contains("redstart.yml:2:5: a target is a mapping"))
        #expect(try !events().contains("hunter2"))
    }
}

import TestServers
import Testing

@Suite("redstart top")
struct TopTests {
    @Test("In a terminal it fills the window, also when that changes, and gives it back at q", .timeLimit(.minutes(3)))
    func terminal() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--poll-interval", "1s", "redis://\(redis.address)"])
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let url = "http://127.0.0.1:\(redstart.port)"
        try run(
            "python3", "\(folder)/Clients/drive_top.py", RedstartProcess.executable, url, redis.address,
            in: redis.directory
        )
    }

    @Test("Into a pipe it prints one picture without a word for a terminal; where nobody answers it says so")
    func pipe() async throws {
        let redis = try await RedisServer.start()
        let redstart = try await RedstartProcess.serve(["--poll-interval", "1s", "redis://\(redis.address)"])
        try await redstart.process.wait(for: "has polled") { (try? redstart.get("/-/ready").status) == 200 }
        let (code, output) = try await RedstartProcess.run(["top", "--url", "http://127.0.0.1:\(redstart.port)"])
        #expect(code == 0 && output.contains("\n\(redis.address)  up") && !output.contains("\u{1B}"))
        let (failure, message) = try await RedstartProcess.run(["top", "--url", "http://127.0.0.1:1"])
        #expect(failure == 1 && message.contains("cannot reach http://127.0.0.1:1"))
    }
}

import TestServers
import Testing

@Suite("Servers of tests")
struct TestServersTests {
    @Test("A program that is not installed is named")
    func missing() async throws {
        let error = await #expect(throws: TestServerError.self) {
            try await RedisServer.start(program: "no-such-server")
        }
        #expect(
            error?.description
                == "cannot start no-such-server: it is not installed. Tests run against real servers."
        )
    }

    @Test("A server that ends at once is a failure with its log")
    func endsAtOnce() async throws {
        let error = await #expect(throws: TestServerError.self) {
            try await RedisServer.start(["--no-such-setting", "1"])
        }
        #expect(error?.description.contains("no-such-setting") == true)
    }

    @Test("A process is stopped, goes on, and is gone when killed; its log is kept")
    func signals() async throws {
        let directory = try TemporaryDirectory()
        let process = try ServerProcess("sh", ["-c", "echo started; sleep 600"], in: directory)
        try await process.wait(for: "has written its line") { process.log == "started\n" }
        #expect(process.isRunning)
        process.kill()
        #expect(!process.isRunning)
        #expect(process.log == "started\n")
    }
}

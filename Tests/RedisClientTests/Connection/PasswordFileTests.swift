import RedisClient
import TestServers
import Testing

@Suite("Passwords from files")
struct PasswordFileTests {
    @Test("The file is read for each connection; line ends behind the password do not count")
    func eachConnection() async throws {
        let directory = try TemporaryDirectory()
        let server = try await RedisServer.start(["--requirepass", "hunter2"])
        let path = try directory.write("hunter1", to: "password")
        do {
            _ = try await connect("redis://\(server.address)") { $0.passwordFile = path }
            Issue.record("logged in with a wrong password")
        } catch let error as RedisError {
            #expect(error.reason == .auth)
            #expect(!error.message.contains("hunter"))
        }
        try directory.write("hunter2\r\n", to: "password")
        let replies = try await withConnection("redis://\(server.address)", configure: { $0.passwordFile = path }) {
            await $0.run("PING").texts
        }
        #expect(replies == ["PONG"])
    }

    @Test("A password in the address comes before the file")
    func addressFirst() async throws {
        let server = try await RedisServer.start(["--requirepass", "hunter2"])
        let replies = try await withConnection(
            "redis://:hunter2@\(server.address)",
            configure: { $0.passwordFile = "/nowhere" }
        ) { await $0.run("PING").texts }
        #expect(replies == ["PONG"])
    }

    @Test("A file that is not there, or empty, is said with its path", arguments: ["missing", "empty"])
    func unusable(_ name: String) async throws {
        let directory = try TemporaryDirectory()
        try directory.write("\n", to: "empty")
        let path = directory.file(name)
        do {
            _ = try await connect("redis://127.0.0.1:1") { $0.passwordFile = path }
            Issue.record("connected")
        } catch let error as RedisError {
            #expect(error.reason == .auth)
            #expect(error.message.contains("the password file '\(path)' cannot be used: "))
        }
    }
}

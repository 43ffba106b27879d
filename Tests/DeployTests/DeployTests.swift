import TestServers
import Testing

/// What `deploy/` ships, used as those who deploy would use it. Each test is a script, to be run by hand as well.
@Suite("Ways to deploy", .serialized)
struct DeployTests {
    private static let scripts = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Scripts"

    @Test(
        "What is shipped is made from the program, runs confined as it says, and does its work",
        arguments: ["package", "image", "compose", "pods", "calls"]
    )
    func works(script: String) async throws {
        let process = try ServerProcess(
            "\(Self.scripts)/\(script)", [RedstartProcess.executable], in: try TemporaryDirectory())
        #expect(try await process.exitCode(seconds: 300) == 0, "\(process.log)")
        #expect(process.log.contains("\(script): "))
    }
}

import TestServers
import Testing

/// What `deploy/` ships, used as those who deploy would use it. Each test is a script, to be run by hand as well.
@Suite("Ways to deploy")
struct DeployTests {
    private static let scripts = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Scripts"

    @Test(
        "What is shipped is made from the program, runs confined as it says, and does its work",
        arguments: ["package", "image", "compose", "pods", "calls"]
    )
    func works(script: String) throws {
        let said = try run("\(Self.scripts)/\(script)", RedstartProcess.executable, in: TemporaryDirectory())
        #expect(said.contains("\(script): "))
    }
}

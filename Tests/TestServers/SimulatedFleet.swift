/// Many servers that do not exist, by the simulator of the benchmarks.
public struct SimulatedFleet: Sendable {
    /// The process that is all servers.
    public let process: ServerProcess
    /// Where the nodes are: an address of the loopback interface each, all with one port.
    public let addresses: [String]
    private let port: Int

    /// Starts it on a free port and waits until all nodes listen.
    ///
    /// - Parameters:
    ///   - parts: As on its command line: `["standalone:100", "replication:5x3", "cluster:3x1"]`.
    ///   - fixtures: The folder with the replies of a real server, a folder per role.
    public static func start(_ parts: [String], fixtures: String) async throws -> SimulatedFleet {
        // Somebody else may take the port between the choice and the start.
        var attemptsLeft = 5
        while true {
            let port = try freePort()
            let process = try ServerProcess(
                executable, parts + ["--port", "\(port)", "--replies", fixtures], in: try TemporaryDirectory())
            do {
                try await process.wait(seconds: 60, for: "all nodes listen") { process.log.hasSuffix("\nready\n") }
                let addresses = process.log.split(separator: "\n").dropLast().map(String.init)
                return SimulatedFleet(process: process, addresses: addresses, port: port)
            } catch {
                attemptsLeft -= 1
                guard attemptsLeft > 0, process.log.contains("Address already in use") else { throw error }
            }
        }
    }

    private static var executable: String {
        String(RedstartProcess.executable.dropLast("redstart".count)) + "FleetSimulator"
    }

    /// Has something go wrong, or right again: `"FAIL", "127.1.0.7", "hang"`.
    @discardableResult
    public func tell(_ words: String...) throws(TestServerError) -> String {
        try run(["redis-cli", "-e", "-p", "\(port)"] + words, in: process.directory)
    }

    /// What clients have done since the start, or since `RESET`.
    public func statistics() throws(TestServerError) -> [String: Int] {
        var figures: [String: Int] = [:]
        for line in try tell("STATS").split(whereSeparator: \.isNewline) {
            let sides = line.split(separator: ":")
            if sides.count == 2, let value = Int(sides[1]) { figures[String(sides[0])] = value }
        }
        return figures
    }
}

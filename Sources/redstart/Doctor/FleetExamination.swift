import NIOCore
import NIOPosix
import RedisClient
import RedisFleet

/// Examines all servers that a configuration leads to.
struct FleetExamination: Sendable {
    /// How many servers are examined side by side, beyond the polls.
    private static let width = 32

    let watch: Watch
    let timeout: Duration

    /// What was found, and how many servers there are.
    func findings() async -> ([Finding], servers: Int) {
        await watch.fleet.discover()
        let nodes = await watch.fleet.examine(deadline: .now + timeout * 4 + .seconds(5))
        guard !nodes.isEmpty else {
            return ([Finding(.warning, .server, "targets", "no server was found", advice: "Try redstart discover")], 0)
        }
        let connector = RedisConnector()
        var found = [[Finding]](repeating: [], count: nodes.count)
        await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (index, node) in nodes.enumerated() {
                if index >= Self.width, let (done, findings) = await group.next() { found[done] = findings }
                group.addTask { [watch, timeout] in
                    let examination = ServerExamination(node: node, connector: connector, timeout: timeout)
                    return (index, await examination.findings(on: watch.eventLoops.next()))
                }
            }
            for await (index, findings) in group { found[index] = findings }
        }
        return (found.flatMap { $0 }, nodes.count)
    }
}

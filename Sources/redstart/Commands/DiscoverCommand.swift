import ArgumentParser
import Metrics
import RedisFleet
import TimeSeriesStore
import WebAPI

/// `redstart discover`: which servers belong together, once, as a tree or as JSON.
struct DiscoverCommand: TableCommand {
    static let name = OptionRow.Command.discover

    enum Format: String, OptionChoice {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Find all servers of a deployment from one of them, and tell how they stand to each other.",
        discussion: """
            Each line of the tree is a server: role, address, version, health, and of a replica how many bytes it is \
            behind. What is wrong stands below each deployment, after a '!'.

            Exit codes: 0 if any server answered, 3 if none did.
            """
    )

    /// Between two looks a replica that follows gets what its master had at the first.
    private static let pause: Duration = .milliseconds(500)

    @OptionGroup var words: TableWords

    func run(_ options: Options) async throws {
        var options = options
        // To find what belongs to a plain server, too, is what the command is for.
        options.discovers = true
        let watch = Watch(
            targets: try options.readTargets(pollInterval: .seconds(3600)),
            history: StoreConfiguration(),
            logger: .silent
        )
        await watch.fleet.discover()
        if await watch.fleet.topologies().contains(where: { !$0.links.isEmpty }) {
            try await Task.sleep(for: Self.pause)
            await watch.fleet.discover()
        }
        let topologies = await watch.fleet.topologies()
        switch options.topologyFormat {
        case .text: try StandardOutput.write(TopologyTree.render(topologies))
        case .json: try StandardOutput.write(TopologyDocument.render(topologies) + Array("\n".utf8))
        }
        for failure in await watch.fleet.latestOutcomes().compactMap(\.failure) {
            StandardError.write("\(failure)\n")
        }
        if !topologies.contains(where: { $0.nodes.contains(where: \.isReachable) }) {
            throw ExitCode(CheckReport.Verdict.unknown.rawValue)
        }
    }
}

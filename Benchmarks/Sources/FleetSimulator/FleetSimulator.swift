import ArgumentParser
import Glibc
import NIOCore
import NIOPosix

/// Thousands of Redis servers that do not exist, in one thread of one process: for benchmarks and soaks.
@main
struct FleetSimulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers what a watcher asks, as thousands of Redis servers on addresses of the loopback interface.",
        discussion: """
            Prints the address of each node, a line each, then "ready". The control port, at 127.0.0.1, takes FAIL, \
            DELAY, HEAL, DROP, PROMOTE, STATS and RESET: redis-cli -p PORT FAIL 127.1.0.7 hang.
            """
    )

    @Argument(
        help:
            "standalone:700, replication:60x4 (masters x replicas of each), replication:60x4x3 (x Sentinels), cluster:3x1."
    )
    var parts: [FleetPart]

    @Option(help: "The port of all nodes, and at 127.0.0.1 that of the control.")
    var port = 7000

    @Option(help: "The address of the first node; the others follow.")
    var first = "127.1.0.1"

    @Option(help: "The folder with what a real server has answered, a folder each of standalone and sentinel.")
    var replies = "Tests/RedisCollectorsTests/Fixtures/redis-7.0"

    @Option(help: "How many commands the servers have been sent; each is several series.")
    var commands = 5

    @Option(help: "How much faster than the clock the counters run.")
    var speed = 1.0

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let addresses = try await eventLoop.flatSubmit {
            eventLoop.makeCompletedFuture { try simulation(on: eventLoop) }
                .flatMap { simulation in
                    let addresses = simulation.value.nodes.map { "\($0.address):\($0.port)" }
                    return simulation.value.listenForControl(host: "127.0.0.1", port: port)
                        .flatMap { _ in simulation.value.listen() }.map { addresses }
                }
        }.get()
        print(addresses.joined(separator: "\n"), "ready", separator: "\n")
        fflush(nil)
        // Until a signal ends the process.
        try await Task.sleep(for: .seconds(Int64.max / 1_000_000_000 - 1))
    }

    private func simulation(on eventLoop: any EventLoop) throws -> NIOLoopBound<Simulation> {
        let simulation = Simulation(
            parts: parts,
            first: try FirstAddress(first, port: port),
            replies: try RecordedReplies(folder: replies, commands: commands),
            speed: speed,
            on: eventLoop
        )
        return NIOLoopBound(simulation, eventLoop: eventLoop)
    }
}

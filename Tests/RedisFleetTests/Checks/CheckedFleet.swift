import Logging
import Metrics
import NIOCore
import NIOPosix
import RedisClient
import RedisCollectors
import RedisFleet
import TestServers
import Testing

/// A fleet of some servers with heavy checks, and what tests ask of it.
final class CheckedFleet: Sendable {
    let fleet: Fleet
    private let table: SeriesKeyTable
    private let running: Task<Void, Never>?

    /// - Parameter runs: Whether the fleet runs; else it only answers scrapes.
    init(
        _ addresses: [String],
        timeout: Duration = .seconds(10),
        runs: Bool = true,
        _ change: (inout CheckOptions) throws -> Void
    ) throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        table = SeriesKeyTable(catalog: catalog)
        var checks = CheckOptions()
        checks.schedule = .withPoll
        try change(&checks)
        let fleet = Fleet(
            nodes: try addresses.map { address in
                NodeConfiguration(
                    connection: ConnectionOptions(address: try TargetAddress(address)),
                    pollInterval: .milliseconds(200),
                    pollTimeout: timeout,
                    checks: checks
                )
            },
            table: table,
            families: families,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            deliver: { _ in }
        )
        self.fleet = fleet
        running = runs ? Task { try? await fleet.run() } : nil
    }

    deinit {
        running?.cancel()
    }

    /// The samples of a scrape of the first node by their series, as PromQL writes them.
    func scrape(maxAge: Duration = .zero) async -> [String: Double] {
        let outcomes = await fleet.scrape(maxAge: maxAge, deadline: .now + .seconds(30))
        var values: [String: Double] = [:]
        guard let outcome = outcomes.first else { return values }
        for (key, value) in zip(outcome.samples.keys, outcome.samples.values) {
            values[table.labels(of: key).description] = value
        }
        return values
    }

    /// What one scrape that waits for the checks has.
    static func once(
        _ server: RedisServer,
        _ change: (inout CheckOptions) throws -> Void
    ) async throws -> [String: Double] {
        try await CheckedFleet([server.address], runs: false, change).scrape()
    }
}

extension RedisServer {
    /// Sends commands and returns the replies; error replies are failures of the test.
    @discardableResult
    func run(_ commands: [[String]]) async throws -> [Reply] {
        let options = ConnectionOptions(address: try TargetAddress(address))
        let connection = try await RedisConnector().connect(
            options,
            on: MultiThreadedEventLoopGroup.singleton.next(),
            deadline: .now() + .seconds(20)
        )
        let pipeline = Pipeline(commands.map { words in Command(arguments: words.map { Array($0.utf8) }) })
        let result = await connection.execute(pipeline, deadline: .now() + .seconds(20))
        connection.close()
        if let failure = result.failure { throw failure }
        let replies = (0..<result.replies.count).map { result.replies[$0] }
        for reply in replies {
            #expect(reply.errorText == nil)
        }
        return replies
    }

    /// Sends one command, its words apart by spaces.
    @discardableResult
    func run(_ command: String) async throws -> Reply {
        try await run([command.split(separator: " ").map(String.init)])[0]
    }

    /// A counter of INFO, zero where it is not there.
    func counter(_ prefix: String) async throws -> Double {
        let info = try await run("INFO all").text
        let line = info.split(separator: "\r\n").first { $0.hasPrefix(prefix) }
        let digits = line?.dropFirst(prefix.count).prefix { $0.isNumber } ?? ""
        return Double(digits) ?? 0
    }

    /// How long the server has been busy with a command, by its own word.
    func seconds(of command: String) async throws -> Double {
        let info = try await run("INFO commandstats").text
        let line = info.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_\(command):") }
        let field = line?.split(separator: ",").first { $0.hasPrefix("usec=") }
        return (field.flatMap { Double($0.dropFirst("usec=".count)) } ?? 0) / 1e6
    }

    /// Adds keys `prefix0`, `prefix1` … with little values.
    func fill(_ prefix: String, count: Int) async throws {
        let script = "for i = 0, tonumber(ARGV[2]) - 1 do redis.call('SET', ARGV[1] .. i, i) end return 1"
        try await run([["EVAL", script, "0", prefix, String(count)]])
    }
}

import NIOCore
import RedisClient
import RedisCollectors

/// The connections of one node's checks: that to the node, and during a run those to other nodes of its cluster.
struct CheckConnection: Sendable {
    /// What came of a step and how long the server was busy with it.
    struct Answer: Sendable {
        let answer: CheckAnswer
        let serverTime: Duration
    }

    private struct Peer: Sendable {
        let connection: RedisConnection
        var database: Int
        /// How long the way to the server and back takes.
        let roundTrip: Duration
    }

    /// Other nodes beyond this number are not asked.
    private static let peerLimit = 64

    private var options: ConnectionOptions
    private let connector: RedisConnector
    private let gate: ConnectGate
    private let eventLoop: any EventLoop
    private let isCluster: Bool
    private var own: Peer?
    private var others: [Endpoint: Peer] = [:]

    init(
        _ options: ConnectionOptions,
        isCluster: Bool,
        connector: RedisConnector,
        gate: ConnectGate,
        eventLoop: any EventLoop
    ) {
        self.options = options
        // So that CLIENT LIST tells it from the connection of the polls.
        self.options.clientName = options.clientName.map { $0 + "-checks" }
        self.isCluster = isCluster
        self.connector = connector
        self.gate = gate
        self.eventLoop = eventLoop
    }

    /// Ends the connections to other nodes, or all.
    mutating func close(includingOwn: Bool) {
        for peer in others.values { peer.connection.close() }
        others = [:]
        guard includingOwn else { return }
        own?.connection.close()
        own = nil
    }

    /// Asks a question.
    ///
    /// - Throws: `RedisError` when the node itself does not answer; that another one does not is a refusal.
    mutating func ask(_ question: CheckQuestion, deadline: NIODeadline) async throws(RedisError) -> Answer {
        guard let address = question.address, let endpoint = endpoint(of: address), endpoint != ownEndpoint else {
            var peer = try await ready(own, ownEndpoint, deadline: deadline)
            defer { own = peer }
            return try await Self.ask(question, &peer, deadline: deadline)
        }
        guard others[endpoint] != nil || others.count < Self.peerLimit else {
            return Answer(answer: .refusal("keys live on more than \(Self.peerLimit) nodes"), serverTime: .zero)
        }
        do {
            var peer = try await ready(others[endpoint], endpoint, deadline: deadline)
            let answer = try await Self.ask(question, &peer, deadline: deadline)
            others[endpoint] = peer
            return answer
        } catch {
            others[endpoint] = nil
            return Answer(answer: .refusal(error.message), serverTime: .zero)
        }
    }

    private var ownEndpoint: Endpoint {
        options.address.endpoint
    }

    /// A cluster that does not know its own addresses leaves the host out: then it is the one that was asked.
    private func endpoint(of address: String) -> Endpoint? {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        let host = String(address[..<colon])
        if !host.isEmpty { return .tcp(host: host, port: port) }
        guard case .tcp(let host, _) = ownEndpoint else { return nil }
        return .tcp(host: host, port: port)
    }

    private func ready(_ peer: Peer?, _ endpoint: Endpoint, deadline: NIODeadline) async throws(RedisError) -> Peer {
        if let peer, peer.connection.isUsable { return peer }
        var options = options
        if endpoint != ownEndpoint {
            options.address = TargetAddress(
                scheme: options.address.scheme.usesTLS ? .rediss : .redis,
                endpoint: endpoint,
                user: options.address.user,
                password: options.address.password
            )
        }
        let connection = try await connect(options, deadline: deadline)
        // A replica in a cluster sends its askers away unless they say that old data will do.
        let greeting = Pipeline(isCluster ? [Command("READONLY"), Command("PING")] : [Command("PING")])
        var shortest = Duration.seconds(1)
        for _ in 0..<3 {
            let result = await connection.execute(greeting, deadline: deadline)
            if let failure = result.failure { throw failure }
            shortest = min(shortest, result.roundTrip)
        }
        return Peer(connection: connection, database: options.address.database ?? 0, roundTrip: shortest)
    }

    /// Connects when it is its turn, as polls do.
    private func connect(
        _ options: ConnectionOptions,
        deadline: NIODeadline
    ) async throws(RedisError) -> RedisConnection {
        guard let ticket = await gate.enter(isRetry: false) else {
            throw RedisError(
                reason: .closed,
                address: options.address.description,
                message: "the check was ended before it was connected"
            )
        }
        defer { gate.leave(ticket) }
        return try await connector.connect(options, on: eventLoop, deadline: deadline)
    }

    private static func ask(
        _ question: CheckQuestion,
        _ peer: inout Peer,
        deadline: NIODeadline
    ) async throws(RedisError) -> Answer {
        let selects = question.database != peer.database
        let prefix = selects ? [Command("SELECT", String(question.database))] : []
        let asking = question.isAsking ? [Command("ASKING")] : []
        let commands = question.commands.flatMap { asking + [$0] }
        let result = await peer.connection.execute(Pipeline(prefix + commands), deadline: deadline)
        if let failure = result.failure { throw failure }
        let serverTime = max(.zero, result.roundTrip - peer.roundTrip)
        if selects {
            if let text = result.replies[0].errorText {
                return Answer(
                    answer: .refusal("SELECT \(question.database): \(text)"),
                    serverTime: serverTime
                )
            }
            peer.database = question.database
        }
        let replies = stride(from: prefix.count + asking.count, to: result.replies.count, by: 1 + asking.count)
            .map { result.replies[$0] }
        return Answer(answer: .replies(replies), serverTime: serverTime)
    }
}

public import RedisClient

/// One server, for somebody who examines how it can be watched.
public struct ExaminedNode: Sendable {
    /// How it is reached and what it is asked.
    public let configuration: NodeConfiguration
    /// Its last poll; `nil` where there was none.
    public let outcome: PollOutcome?
    /// The commands that it has refused on the connection of the polls.
    public let refused: [Command]

    /// The server as its series name it.
    public var node: Node {
        configuration.node
    }
}

extension Fleet {
    /// Polls every server twice, so that all is asked that a watch asks, and returns what came of it.
    ///
    /// - Parameter deadline: For both polls together.
    public func examine(deadline: ContinuousClock.Instant) async -> [ExaminedNode] {
        _ = await scrape(maxAge: .zero, deadline: deadline)
        await lookAtAll()
        _ = await scrape(maxAge: .zero, deadline: deadline)
        var nodes: [ExaminedNode] = []
        for session in watchedSessions {
            nodes.append(
                ExaminedNode(
                    configuration: session.configuration,
                    outcome: await session.latest,
                    refused: await session.refusedCommands
                )
            )
        }
        return nodes
    }
}

import NIOCore

/// What the clients have done, since the figures were last taken back.
struct Statistics {
    /// How many fall into each stretch of time.
    struct Rate {
        let nanoseconds: UInt64
        private var window: UInt64 = 0
        private var current = 0
        private(set) var highest = 0

        init(nanoseconds: UInt64) {
            self.nanoseconds = nanoseconds
        }

        mutating func count(at now: NIODeadline) {
            let window = now.uptimeNanoseconds / nanoseconds
            current = window == self.window ? current + 1 : 1
            self.window = window
            highest = max(highest, current)
        }
    }

    /// When the first client came.
    private var start: NIODeadline?
    private(set) var accepted = 0
    private(set) var closed = 0
    private(set) var commands = 0
    private(set) var polls = 0
    private var nodesPolled = 0
    private var allPolledAfter: TimeAmount?
    private var accepts = Rate(nanoseconds: 100_000_000)
    private var pollRate = Rate(nanoseconds: 1_000_000_000)
    /// Connections that have not been answered anything yet.
    private var unanswered = 0
    private var highestUnanswered = 0

    mutating func accept() {
        accepted += 1
        if start == nil { start = .now() }
        accepts.count(at: .now())
        unanswered += 1
        highestUnanswered = max(highestUnanswered, unanswered)
    }

    mutating func close(wasAnswered: Bool) {
        closed += 1
        if !wasAnswered { unanswered -= 1 }
    }

    mutating func answerFirst() {
        unanswered -= 1
    }

    mutating func command() {
        commands += 1
    }

    /// A node was asked INFO ALL, as a poll begins with.
    mutating func poll(isFirst: Bool, of nodes: Int) {
        polls += 1
        let now = NIODeadline.now()
        pollRate.count(at: now)
        guard isFirst else { return }
        nodesPolled += 1
        if nodesPolled == nodes, let start { allPolledAfter = now - start }
    }

    /// The reply to STATS: names and numbers.
    func text(of nodes: [SimulatedNode], connections: Int) -> String {
        let polls = nodes.map(\.polls)
        let figures: [(name: String, value: Int)] = [
            ("nodes", nodes.count), ("connections", connections), ("accepted", accepted), ("closed", closed),
            ("commands", commands), ("polls", self.polls), ("nodes_polled", nodesPolled),
            ("all_polled_after_ms", allPolledAfter.map { Int($0.nanoseconds / 1_000_000) } ?? -1),
            ("fewest_polls_of_a_node", polls.min() ?? 0), ("most_polls_of_a_node", polls.max() ?? 0),
            ("most_accepted_in_100ms", accepts.highest), ("most_polls_in_1s", pollRate.highest),
            ("most_unanswered_connections", highestUnanswered),
        ]
        return figures.map { "\($0.name):\($0.value)\r\n" }.joined()
    }
}

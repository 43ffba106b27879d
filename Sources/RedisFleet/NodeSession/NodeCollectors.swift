import Metrics
import RedisClient
import RedisCollectors

/// What one node is asked in a poll, and what its replies become.
///
/// Which commands make sense depends on what INFO says (role, version), so the first poll of a connection asks INFO
/// alone and then the rest; after that all commands go as one pipeline. A collector may want a follow-up once it knows
/// the replies. A command that the server refuses is not sent again on the same connection.
struct NodeCollectors: Sendable {
    /// The commands of one pipeline and whose they are.
    struct Plan: Sendable {
        let pipeline: Pipeline
        fileprivate let parts: [Part]
    }

    fileprivate struct Part: Sendable {
        let collector: Int
        /// For each command of the collector its place in the pipeline; `nil` where it is not sent.
        let positions: [Int?]

        /// The reply to each command, `nil` where there is none; none at all where some have not come.
        func replies(in tape: ReplyTape) -> [Reply?] {
            let isComplete = positions.allSatisfy { $0.map { $0 < tape.count } ?? true }
            return positions.map { position in isComplete ? position.map { tape[$0] } : nil }
        }
    }

    private let collectors: [any Collector]
    private let options: CollectorOptions
    private(set) var state = CollectorState()
    private var refused = Refusals<[String]>()
    /// Whether INFO has been read on this connection.
    private(set) var hasFacts = false
    /// The collectors that are still to be asked in this poll.
    private var pending: [Int] = []
    /// Whether they want a follow-up.
    private var isFollowUp = false
    private var lastCommands: [[String]] = []
    private var lastPipeline: Pipeline?
    private(set) var skips: [SkipCount] = []

    /// Parts of replies that one collector has skipped for one reason.
    struct SkipCount: Sendable {
        let collector: String
        let reason: SkipReason
        var count: Int
    }

    /// The first collector must be the one that reads INFO.
    init(collectors: CollectorCatalog, options: CollectorOptions) {
        self.collectors = collectors.collectors
        self.options = options
    }

    /// The number of commands that are not sent because this server has refused them.
    var refusedCommands: Int {
        refused.count
    }

    /// Those commands.
    var refusals: [Command] {
        refused.all.map { words in Command(arguments: words.map { Array($0.utf8) }) }
    }

    /// A new connection: what the server refused may have changed, and so may the server.
    mutating func startEpoch() {
        refused.removeAll()
        hasFacts = false
        pending = []
        isFollowUp = false
    }

    /// Whether there is more to ask in this poll than the last plan had.
    var hasMoreToAsk: Bool {
        !pending.isEmpty
    }

    /// The commands to send now.
    mutating func plan(now: Int64) -> Plan {
        var context = CollectorContext(options: options, nowMilliseconds: now)
        context.isFollowUp = isFollowUp
        let indices = !hasFacts ? [Self.info] : pending.isEmpty ? Array(collectors.indices) : pending
        pending = hasFacts ? [] : Array(collectors.indices.dropFirst())
        var commands: [[String]] = []
        let parts = indices.map { index in
            let wanted = collectors[index].commands(context, &state)
            let positions = wanted.map { command -> Int? in
                guard !refused.contains(command) else { return nil }
                commands.append(command)
                return commands.count - 1
            }
            return Part(collector: index, positions: positions)
        }
        return Plan(pipeline: pipeline(of: commands), parts: parts)
    }

    /// Most polls send what the poll before sent, so the encoded bytes are kept.
    private mutating func pipeline(of commands: [[String]]) -> Pipeline {
        if commands == lastCommands, let lastPipeline {
            return lastPipeline
        }
        let pipeline = Pipeline(commands.map { words in Command(arguments: words.map { Array($0.utf8) }) })
        lastCommands = commands
        lastPipeline = pipeline
        return pipeline
    }

    /// Turns the replies of a plan into samples.
    ///
    /// Of a pipeline that broke off, collectors take part whose replies have all come.
    ///
    /// - Throws: `RedisError` when the server does not answer INFO with an INFO text: without it nothing is known of
    ///   the node, whatever else it answers.
    mutating func collect(
        _ replies: ReplyTape,
        of plan: Plan,
        address: String,
        place: NodePlace?,
        now: Int64,
        into buffer: inout SampleBuffer
    ) throws(RedisError) {
        var context = CollectorContext(options: options, nowMilliseconds: now)
        context.isFollowUp = isFollowUp
        isFollowUp = false
        if let place {
            context.deployment = place.deployment
            context.shard = place.shard
        }
        for part in plan.parts {
            let own = part.replies(in: replies)
            let collector = collectors[part.collector]
            let outcome = collector.collect(own, context, &state, into: &buffer)
            count(outcome.skips, of: type(of: collector).name)
            if outcome.wantsFollowUp, !context.isFollowUp {
                pending.append(part.collector)
                isFollowUp = true
            }
            if part.collector == Self.info {
                guard outcome.samples > 0, outcome.refusal == nil else {
                    throw Self.unusableInfo(own.first ?? nil, address: address)
                }
                hasFacts = true
            } else {
                learnRefusals(own, of: part)
            }
        }
    }

    /// Hands over what was found in the logs of slow and large commands since the last call.
    mutating func takeSlowLogFindings() -> SlowLogFindings {
        state.takeSlowLogFindings()
    }

    /// Hands over which parameters of the configuration were found changed since the last call.
    mutating func takeConfigChanges() -> [ConfigChange] {
        state.takeConfigChanges()
    }

    /// The place of the collector of INFO.
    private static let info = 0

    private static func unusableInfo(_ reply: Reply?, address: String) -> RedisError {
        guard let text = reply?.errorText else {
            return RedisError(
                reason: .protocol,
                address: address,
                message: "\(address) answers INFO with something else than the text of Redis. Is it a Redis server?"
            )
        }
        return RedisError(
            reason: reply?.failureReason ?? .protocol,
            address: address,
            message: "\(address) refuses INFO: \(text)"
        )
    }

    private mutating func learnRefusals(_ replies: [Reply?], of part: Part) {
        for (position, reply) in zip(part.positions, replies) where reply?.refusal != nil {
            if let position { refused.add(lastCommands[position]) }
        }
    }

    private mutating func count(_ new: ParseSkips, of collector: String) {
        guard !new.isEmpty else { return }
        for reason in SkipReason.allCases where new[reason] > 0 {
            if let index = skips.firstIndex(where: { $0.collector == collector && $0.reason == reason }) {
                skips[index].count += new[reason]
            } else {
                skips.append(SkipCount(collector: collector, reason: reason, count: new[reason]))
            }
        }
    }
}

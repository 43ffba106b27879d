import NIOCore
import RedisClient

extension Fleet {
    /// How many servers are asked at a time.
    private static let askedAtOnce = 64
    /// How long a server may take; what is silent longer than that is taken for silent.
    private static let patience: Duration = .seconds(2)

    /// One server to be asked for an entry.
    private struct Question: Sendable {
        let key: ShardKey
        let seed: NodeConfiguration
        let masterName: String?
        let addressMap: AddressMap
    }

    /// By what each entry can be told to be of the same deployment as another one; nothing for those of which no seed
    /// answers.
    func identityMarks(of candidates: [ShardCandidate]) async -> [ShardKey: Set<IdentityMark>] {
        let questions = candidates.flatMap { candidate in
            candidate.seeds.map { seed in
                Question(
                    key: candidate.key, seed: seed, masterName: candidate.masterName, addressMap: candidate.addressMap
                )
            }
        }
        var marks: [ShardKey: Set<IdentityMark>] = [:]
        await withTaskGroup(of: (ShardKey, Set<IdentityMark>?).self) { group in
            for (position, question) in questions.enumerated() {
                if position >= Self.askedAtOnce, let (key, answer) = await group.next(), let answer {
                    marks[key, default: []].formUnion(answer)
                }
                group.addTask { (question.key, await self.marks(question)) }
            }
            for await case (let key, let answer?) in group { marks[key, default: []].formUnion(answer) }
        }
        return marks
    }

    private func marks(_ question: Question) async -> Set<IdentityMark>? {
        let statement = NodeStatement(endpoint: question.seed.connection.address.endpoint)
        let answer: NodeStatement?
        if let session = session(at: statement.endpoint) {
            let inquiry = NodeInquiry(session: session, masterName: question.masterName)
            answer = await inquiry.answer(to: statement, within: Self.patience)
        } else {
            answer = await askBriefly(question, statement)
        }
        return answer.map { IdentityMark.marks(of: $0, question.addressMap) }
    }

    /// Asks over a connection that is closed again.
    private func askBriefly(_ question: Question, _ statement: NodeStatement) async -> NodeStatement? {
        let deadline = NIODeadline.now() + TimeAmount(Self.patience)
        let surroundings = surroundings
        // Why it cannot be reached is said by the shard that watches it.
        let connection = try? await surroundings.connector.connect(
            question.seed.connection,
            on: surroundings.eventLoops.next(),
            deadline: deadline
        )
        guard let connection else { return nil }
        defer { connection.close() }
        let usesTLS = question.seed.connection.address.scheme.usesTLS
        let inquiry = NodeInquiry(masterName: question.masterName, usesTLS: usesTLS) { commands in
            let result = await connection.execute(Pipeline(commands), deadline: deadline)
            guard result.failure == nil, result.replies.count == commands.count else { return nil }
            return commands.indices.map { result.replies[$0] }
        }
        return await inquiry.answer(to: statement)
    }
}

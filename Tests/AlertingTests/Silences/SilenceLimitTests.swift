import HTTPClient
import Logging
import NIOPosix
import PromQL
import StateFile
import Testing

@testable import Alerting

@Suite("How many silences there may be")
struct SilenceLimitTests {
    @Test("Of silences that are made at once no more are kept than may be", .timeLimit(.minutes(3)))
    func limit() async throws {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let service = try NotificationService(
            NotificationConfiguration(),
            store: NotificationStore(try StateFile(directory: nil, now: 0)),
            client: HTTPClient(eventLoops: MultiThreadedEventLoopGroup.singleton),
            threads: threads,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { 1_000_000 }
        ) {
            []
        }
        let made = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<(SilenceBook.limit + 20) {
                let silence = Silence(
                    id: "",
                    matchers: [LabelMatcher(name: "alertname", equals: "A")],
                    startsAt: 1_000_000,
                    endsAt: 2_000_000,
                    updatedAt: 0,
                    createdBy: "me",
                    comment: "\(number)"
                )
                group.addTask { (try? await service.set(silence)) != nil }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(made == SilenceBook.limit)
        #expect(await service.silences.count == SilenceBook.limit)
        try await threads.shutdownGracefully()
    }
}

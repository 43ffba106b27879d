import Synchronization
import Testing

@testable import WebAPI

@Suite("How many queries run at once", .timeLimit(.minutes(1)))
struct QueryGateTests {
    /// Ends when told to.
    private final class Job: Sendable {
        let started = AsyncStream<Void>.makeStream()
        let ended = AsyncStream<Void>.makeStream()

        func run(_ gate: QueryGate, timeout: Duration? = nil) -> Task<Result<Int, APIError>, Never> {
            Task {
                do throws(APIError) {
                    return .success(
                        try await gate.run(timeout: timeout) { () async throws(APIError) in
                            started.continuation.yield()
                            for await _ in ended.stream { break }
                            return 1
                        }
                    )
                } catch {
                    return .failure(error)
                }
            }
        }

        func hasStarted() async {
            for await _ in started.stream { break }
        }

        func end() {
            ended.continuation.yield()
        }
    }

    /// How many run, and the most that ever did.
    private final class Counts: Sendable {
        private let state = Mutex((running: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func begin() {
            state.withLock { state in
                state.running += 1
                state.most = max(state.most, state.running)
            }
        }

        func end() {
            state.withLock { $0.running -= 1 }
        }
    }

    @Test("Beyond the limit a query waits until one has ended")
    func limit() async throws {
        let gate = QueryGate(limit: 2)
        let jobs = (0..<3).map { _ in Job() }
        let tasks = jobs.prefix(2).map { $0.run(gate) }
        for job in jobs.prefix(2) { await job.hasStarted() }
        let third = jobs[2].run(gate, timeout: .milliseconds(20))
        #expect(
            await third.value == .failure(APIError(kind: .timeout, message: "query timed out in query queue"))
        )
        let fourth = Job()
        let fourthTask = fourth.run(gate)
        jobs[0].end()
        await fourth.hasStarted()
        jobs[1].end()
        fourth.end()
        for task in tasks + [fourthTask] { #expect(await task.value == .success(1)) }
    }

    @Test("A query that may take no time at all does not wait, however often it is asked")
    func noTime() async throws {
        let gate = QueryGate(limit: 1)
        let running = Job()
        let first = running.run(gate)
        await running.hasStarted()
        for _ in 0..<200 {
            let late = Job().run(gate, timeout: .zero)
            #expect(
                await late.value == .failure(APIError(kind: .timeout, message: "query timed out in query queue"))
            )
        }
        running.end()
        #expect(await first.value == .success(1))
    }

    @Test("Whoever goes away while waiting takes no place")
    func cancellation() async throws {
        let gate = QueryGate(limit: 1)
        let running = Job()
        let first = running.run(gate)
        await running.hasStarted()
        let gone = Job().run(gate)
        gone.cancel()
        #expect(await gone.value == .failure(APIError.canceled(in: "query queue")))
        running.end()
        #expect(await first.value == .success(1))
        let next = Job()
        let last = next.run(gate)
        await next.hasStarted()
        next.end()
        #expect(await last.value == .success(1))
    }

    @Test("A hundred at a limit of three: never more than three, and all have their turn")
    func many() async {
        let gate = QueryGate(limit: 3)
        let counts = Counts()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let answer: Int? = try? await gate.run(timeout: nil) { () async throws(APIError) in
                        counts.begin()
                        await Task.yield()
                        counts.end()
                        return 1
                    }
                    return answer == 1
                }
            }
            for await isDone in group { #expect(isDone) }
        }
        #expect((1...3).contains(counts.most))
    }
}

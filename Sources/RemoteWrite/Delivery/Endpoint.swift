import HTTPClient
import Logging
import Metrics
import NIOPosix
import Outbound
import Synchronization
import Tracing

/// Sends what is in the log to one endpoint, round by round, until it is cancelled.
final class Endpoint: Sendable {
    /// What all endpoints share.
    struct Surroundings: Sendable {
        let log: SampleLog
        let client: HTTPClient
        let families: FamilyIndex
        let externalLabels: Labels
        /// Where files are read, and requests made.
        let threads: NIOThreadPool
        let logger: Logger
        /// Something is done with, for good.
        let progressed: @Sendable () -> Void
    }

    private struct State {
        var reader: LogReader
        var batch = SampleBatch()
        var progress: WriteProgress
        var format: EndpointConfiguration.Format
        var statistics = EndpointStatistics()
        /// The latest time that the far side has.
        var newestWritten: Int64
        var lastRefusalLogged: ContinuousClock.Instant?
    }

    let configuration: EndpointConfiguration
    private let around: Surroundings
    private let file: ProgressFile?
    private let state: Mutex<State>
    /// Nothing is waited for any more: what is there goes out at once.
    private let isEnding = Mutex(false)

    /// - Parameter progress: Where to begin.
    init(
        _ configuration: EndpointConfiguration,
        from progress: WriteProgress,
        file: ProgressFile?,
        in around: Surroundings
    ) {
        self.configuration = configuration
        self.around = around
        self.file = file
        let treatment = RecordDecoder.Treatment(
            externalLabels: around.externalLabels,
            relabelling: configuration.relabelling,
            tellsStartTimes: configuration.format == .otlp
        )
        let decoder = RecordDecoder(treatment, families: around.families)
        state = Mutex(
            State(
                reader: LogReader(around.log, from: progress.position, decoder: decoder),
                progress: progress,
                format: configuration.format,
                newestWritten: WallClock.milliseconds()
            )
        )
    }

    /// How far it has got.
    var progress: WriteProgress {
        state.withLock { $0.progress }
    }

    /// Whether there is nothing left to send.
    var isDone: Bool {
        state.withLock { $0.reader.pending == 0 && $0.progress.roundEnd == nil }
    }

    /// How it goes.
    var statistics: EndpointStatistics {
        state.withLock { state in
            var result = state.statistics
            result.pending = state.reader.pending + state.batch.count
            for (reason, count) in [
                ("queue_full", state.reader.losses.evicted), ("damaged", state.reader.losses.corrupt),
            ] where count > 0 {
                result.dropped[reason] = count
            }
            if result.pending > 0 {
                result.lagSeconds = max(0, Double(WallClock.milliseconds() - state.newestWritten) / 1000)
            }
            return result
        }
    }

    /// Sends without waiting for more.
    func hurry() {
        isEnding.withLock { $0 = true }
    }

    /// Sends until the task is cancelled.
    func run() async {
        do {
            while true {
                try await waitForSamples()
                guard let round = try await around.threads.runIfActive({ self.nextRound() }) else { continue }
                try await send(round)
            }
        } catch {
            // It was cancelled: the next one goes on from `progress`.
        }
    }

    // MARK: Reading

    private static let longestTick: Duration = .milliseconds(500)

    /// Waits until there is enough for a request, or something has waited for long enough.
    private func waitForSamples() async throws {
        let sending = configuration.sending
        let tick = min(sending.deadline, Self.longestTick)
        var waited: Duration = .zero
        while true {
            try Task.checkCancellation()
            let (pending, isResuming) = state.withLock { ($0.reader.pending, $0.progress.roundEnd != nil) }
            let isEnding = isEnding.withLock { $0 }
            if isResuming || pending >= sending.maxSamples { return }
            if pending > 0, isEnding || waited >= sending.deadline { return }
            try await Task.sleep(for: isEnding ? .milliseconds(20) : tick)
            if pending > 0 { waited += tick }
        }
    }

    /// Reads samples for a round; `nil` where there is none.
    private func nextRound() -> WriteRound? {
        let sending = configuration.sending
        return state.withLock { state in
            state.batch.removeAll()
            if sending.ageLimitMilliseconds > 0 {
                state.reader.skipRows(before: WallClock.milliseconds() - sending.ageLimitMilliseconds)
            }
            let resumed = state.progress.roundEnd
            if let resumed {
                state.reader.read(into: &state.batch, atLeast: .max, through: resumed)
            } else {
                state.reader.read(into: &state.batch, atLeast: sending.maxSamples * sending.maxShards)
            }
            for (reason, count) in [("relabelled", state.batch.relabelled), ("too_old", state.batch.tooOld)]
            where count > 0 {
                state.statistics.dropped[reason, default: 0] += count
            }
            guard state.batch.count > 0 else {
                state.progress = WriteProgress(position: state.reader.position)
                save(&state)
                return nil
            }
            let parts =
                resumed == nil ? WriteRound.parts(for: state.batch.count, sending) : max(1, state.progress.parts)
            state.progress.roundEnd = state.reader.position
            state.progress.parts = parts
            save(&state)
            return round(of: &state)
        }
    }

    /// The requests of the batch at hand, in the format in force.
    private func round(of state: inout State) -> WriteRound {
        let parts = state.progress.parts
        let encoder = RequestEncoder(
            format: state.format,
            maxSamples: configuration.sending.maxSamples,
            families: around.families
        )
        state.statistics.shards = parts
        return WriteRound(
            parts: encoder.requests(of: state.batch, symbols: state.reader.decoder.symbols, parts: parts),
            newest: state.batch.samples.map(\.timestamp).max()
        )
    }

    private func save(_ state: inout State) {
        do {
            try file?.write(state.progress)
        } catch {
            // Where the disk is full the log says so; without the file more is sent again after a crash.
        }
    }

    // MARK: Sending

    private struct WrongVersion: Error {}

    private func send(_ round: WriteRound) async throws {
        var round = round
        while true {
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for part in round.parts where !part.isEmpty {
                        group.addTask { for request in part { try await self.send(request) } }
                    }
                    try await group.waitForAll()
                }
                break
            } catch is WrongVersion {
                around.logger.warning(
                    "the endpoint does not know remote write 2.0; it gets 1.0",
                    metadata: ["endpoint": "\(configuration.name)"]
                )
                round = state.withLock { state in
                    state.format = .remoteWrite1
                    return self.round(of: &state)
                }
            }
        }
        state.withLock { state in
            state.progress = WriteProgress(position: state.reader.position)
            state.batch.removeAll()
            if let newest = round.newest { state.newestWritten = newest }
            save(&state)
        }
        around.progressed()
    }

    /// Sends a request until the far side has taken or refused it.
    private func send(_ request: WriteRequest) async throws {
        var failures = 0
        while true {
            switch await traced(request) {
            case .wrongVersion: throw WrongVersion()
            case .written(let samples, let rest):
                noteSuccess(request, samples: samples, rest: rest)
                return
            case .refused(let reason, let detail):
                noteRefusal(request, reason, detail)
                return
            case .retry(let reason, let detail, let after):
                try Task.checkCancellation()
                failures += 1
                noteFailure(request, reason, detail)
                let own = configuration.sending.backoff.wait(failures: failures, random: .random(in: 0...1))
                try await Task.sleep(for: .milliseconds(max(own, min(after ?? 0, Self.longestRetryAfter))))
            }
        }
    }

    /// Nobody may ask for more than that.
    private static let longestRetryAfter: Int64 = 600_000

    /// Tries once, in a span where such are wanted.
    private func traced(_ request: WriteRequest) async -> WriteOutcome {
        guard let tracer = around.client.tracer else { return await attempt(request) }
        let attributes = [
            SpanAttribute("redstart.remote_write.endpoint", configuration.name),
            SpanAttribute("redstart.remote_write.samples", request.samples),
        ]
        return await tracer.span("remote write", attributes) {
            await attempt(request)
        } result: { outcome in
            outcome.problem.map { ([SpanAttribute("error.type", $0)], $0) } ?? ([], nil)
        }
    }

    private func attempt(_ request: WriteRequest) async -> WriteOutcome {
        do {
            let access = configuration.access
            let identity = try access.headers()
            let response = try await around.client.send(
                ClientRequest(
                    method: "POST",
                    url: configuration.url,
                    headers: request.headers + configuration.headers.map { ($0.name, $0.value) } + identity,
                    body: request.body,
                    timeout: access.timeout,
                    tls: access.tls
                )
            )
            return WriteOutcome(response, to: request, configuration.sending)
        } catch let error as HTTPClientError {
            return .retry(reason: error.reason.rawValue, detail: error.problem, after: nil)
        } catch {
            return .retry(reason: "secret", detail: "\(error)", after: nil)
        }
    }

    private func noteSuccess(_ request: WriteRequest, samples: Int, rest: String) {
        let wasFailing = state.withLock { state in
            defer { state.statistics.isFailing = false }
            state.statistics.sent += samples
            state.statistics.bytes += request.body.count
            if samples < request.samples { state.statistics.dropped[rest, default: 0] += request.samples - samples }
            return state.statistics.isFailing
        }
        if wasFailing {
            around.logger.notice("the endpoint takes samples again", metadata: ["endpoint": "\(configuration.name)"])
        }
    }

    private func noteFailure(_ request: WriteRequest, _ reason: String, _ detail: String) {
        let isNew = state.withLock { state in
            defer { state.statistics.isFailing = true }
            state.statistics.retried += request.samples
            state.statistics.failedAttempts[reason, default: 0] += 1
            return !state.statistics.isFailing
        }
        guard isNew else { return }
        around.logger.warning(
            "the endpoint takes no samples; they wait, and are sent again",
            metadata: ["endpoint": "\(configuration.name)", "reason": "\(reason)", "answer": "\(detail)"]
        )
    }

    private static let refusalLogInterval: Duration = .seconds(60)

    private func noteRefusal(_ request: WriteRequest, _ reason: String, _ detail: String) {
        let now = ContinuousClock.now
        let isLogged = state.withLock { state in
            state.statistics.dropped[reason, default: 0] += request.samples
            state.statistics.failedAttempts[reason, default: 0] += 1
            if let last = state.lastRefusalLogged, now - last < Self.refusalLogInterval { return false }
            state.lastRefusalLogged = now
            return true
        }
        guard isLogged else { return }
        around.logger.error(
            "the endpoint refuses samples for good; they are dropped",
            metadata: [
                "endpoint": "\(configuration.name)", "reason": "\(reason)", "samples": "\(request.samples)",
                "answer": "\(detail)",
            ]
        )
    }
}

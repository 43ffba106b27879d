import HTTPServer
import Metrics
import RedisClient
import RedisCollectors
import RedisFleet

/// `/scrape?target=…`: one server, as redis_exporter has it, but only if it is configured or allowed.
struct ScrapeRoute: Sendable {
    /// A list of keys longer than this is refused.
    private static let listLimit = 8192

    let fleet: Fleet
    let exposure: NodeExposure
    let selfMetrics: SelfMetrics
    let maxAge: Duration
    let policy: @Sendable () -> ScrapePolicy

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        do throws(ScrapeProblem) {
            let parameters = RequestParameters(request)
            let target = parameters.text("target")
            guard !target.isEmpty else {
                throw ScrapeProblem(.badRequest, "'target' parameter must be specified, as in /scrape?target=host:6379")
            }
            let configuration = try await configuration(of: target, parameters)
            let deadline = ContinuousClock.now + NodeExposure.patience(of: request)
            let outcome = try await outcome(of: configuration, deadline: deadline)
            return exposure.respond([exposure.expose(outcome, withInstance: false)], to: request, repeats: false)
        } catch {
            selfMetrics.countRefusedScrape()
            return .text(error.status, error.message)
        }
    }

    /// A watched server is polled by its session, unless something else is asked of it.
    private func outcome(
        of configuration: NodeConfiguration,
        deadline: ContinuousClock.Instant
    ) async throws(ScrapeProblem) -> PollOutcome {
        let endpoint = configuration.connection.address.endpoint
        if let watched = await fleet.configuration(at: endpoint), watched.isSameQuestion(as: configuration),
            let outcome = await fleet.scrape(endpoint, maxAge: maxAge, deadline: deadline)
        {
            return outcome
        }
        var configuration = configuration
        configuration.checks.schedule = .withPoll
        do throws(TooManyNodes) {
            return try await fleet.onDemand.scrape(configuration, maxAge: maxAge, deadline: deadline)
        } catch {
            throw ScrapeProblem(.serviceUnavailable, "\(error.limit) servers are being scraped by name; try again")
        }
    }

    private func configuration(
        of target: String,
        _ parameters: RequestParameters
    ) async throws(ScrapeProblem) -> NodeConfiguration {
        var configuration: NodeConfiguration
        do throws(ScrapeRefusal) {
            configuration = try await policy().resolve(target) { await fleet.configuration(at: $0) }
        } catch {
            if case .invalid = error { throw ScrapeProblem(.badRequest, "Invalid 'target' parameter: \(error)") }
            throw ScrapeProblem(.forbidden, "\(error)")
        }
        try take("check-keys", parameters, into: &configuration.checks.keys)
        try take("check-single-keys", parameters, into: &configuration.checks.singleKeys)
        try take("check-streams", parameters, into: &configuration.checks.streams)
        try take("check-single-streams", parameters, into: &configuration.checks.singleStreams)
        try take("count-keys", parameters, into: &configuration.checks.countKeys)
        let serverName = [parameters.text("tls_server_name"), parameters.text("tls-server-name")].first { !$0.isEmpty }
        if let serverName { configuration.connection.tls.serverName = serverName }
        return configuration
    }

    /// What a parameter says comes in the place of what the flag of that name says.
    private func take(
        _ name: String,
        _ parameters: RequestParameters,
        into selectors: inout [KeySelector]
    ) throws(ScrapeProblem) {
        let text = parameters.text(name)
        guard !text.isEmpty else { return }
        guard text.utf8.count <= Self.listLimit else {
            throw ScrapeProblem(.badRequest, "'\(name)' has more than \(Self.listLimit) bytes")
        }
        do throws(InvalidKeyList) {
            selectors = try KeySelector.list(text)
        } catch {
            throw ScrapeProblem(.badRequest, "Invalid '\(name)' parameter: \(error.message)")
        }
    }
}

/// Why a scrape by name gets no metrics.
private struct ScrapeProblem: Error {
    let status: HTTPStatus
    let message: String

    init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension NodeConfiguration {
    /// Whether the same server is asked the same, in the same way.
    fileprivate func isSameQuestion(as other: NodeConfiguration) -> Bool {
        connection == other.connection && collectors == other.collectors && checks == other.checks
    }
}

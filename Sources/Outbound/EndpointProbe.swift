public import HTTPClient

/// A place that something is sent to, and how it is asked without sending it anything.
public struct EndpointProbe: Sendable {
    /// What came of asking.
    public enum Result: Sendable, Equatable {
        /// It is there.
        case reachable(status: Int)
        /// It does not take the credentials.
        case refused(status: Int)
        /// It answers, though there is nothing at this path, or it has a trouble of its own.
        case doubtful(status: Int)
        /// It cannot be asked; the reason is for people.
        case failed(String)
    }

    /// What it is called in the configuration.
    public let name: String
    /// Where it is, without credentials and path, which may be a secret.
    public var place: String {
        request?.url.origin ?? name
    }
    private let request: ClientRequest?
    private let problem: String

    /// A place that is asked for the head of what is at an address.
    ///
    /// - Parameters:
    ///   - headers: Fields that the place wants besides.
    ///   - method: `HEAD`, as it must change nothing; `GET` where the place has something for it.
    ///   - longest: A probe waits no longer, whatever the configuration allows for.
    public init(
        name: String,
        url: HTTPURL,
        access: HTTPAccess = HTTPAccess(),
        headers: [(name: String, value: String)] = [],
        method: String = "HEAD",
        longest: Duration = .seconds(5)
    ) {
        self.name = name
        do throws(SecretProblem) {
            request = ClientRequest(
                method: method,
                url: url,
                headers: [("User-Agent", "Redstart")] + headers + (try access.headers()),
                timeout: min(access.timeout, longest),
                tls: access.tls
            )
            problem = ""
        } catch {
            request = nil
            problem = error.description
        }
    }

    /// A place that cannot be asked.
    public init(name: String, problem: String) {
        self.name = name
        self.problem = problem
        request = nil
    }

    /// Asks once.
    public func run(_ client: HTTPClient) async -> Result {
        guard let request else { return .failed(problem) }
        do throws(HTTPClientError) {
            let status = try await client.send(request).status
            switch status {
            case 401, 403, 407: return .refused(status: status)
            // What is not found by its head may still take what is posted: 405 says so, 404 does not.
            case 404, 410, 500...599: return .doubtful(status: status)
            default: return .reachable(status: status)
            }
        } catch {
            return .failed(error.problem)
        }
    }
}

import HTTPClient
import Metrics
import Outbound

/// One way to tell a receiver.
protocol MessageSender: Sendable {
    /// Tries once to deliver a message.
    ///
    /// - Parameter beforeSending: Called in the last moment before the receiver can have the whole message; where it
    ///   throws, the receiver never gets it. It may wait for the disk.
    func send(
        _ message: NotificationMessage,
        beforeSending: @escaping @Sendable () throws -> Void
    ) async -> DeliveryOutcome
}

/// Tells a receiver by HTTP.
struct HTTPSender: MessageSender {
    let integration: Receiver.Integration
    let client: HTTPClient
    let externalURL: String

    func send(
        _ message: NotificationMessage,
        beforeSending: @escaping @Sendable () throws -> Void
    ) async -> DeliveryOutcome {
        let request: ClientRequest
        do throws(SecretProblem) {
            guard let made = try self.request(message) else { return .refused(reason: "configuration") }
            request = made
        } catch {
            return .failed(reason: "secret", after: nil)
        }
        return await client.deliver(request, beforeSending)
    }

    /// `nil` where the address, which a file may hold, is none.
    private func request(_ message: NotificationMessage) throws(SecretProblem) -> ClientRequest? {
        switch integration {
        case .webhook(let settings):
            var request = try Self.request(to: settings.url, settings.access)
            request.body = WebhookBody.render(message, externalURL: externalURL)
            // The same in every attempt: a receiver that remembers it takes nothing twice.
            request.headers.append(("Idempotency-Key", message.deliveryID))
            return request
        case .slack(let settings):
            let address = try settings.url.read()
            guard let url = try? HTTPURL(address) else { return nil }
            var request = try Self.request(to: url, settings.access)
            request.body = SlackBody.render(message, settings: settings, externalURL: externalURL)
            return request
        case .pagerDuty(let settings):
            var request = try Self.request(to: settings.url, settings.access)
            request.body = PagerDutyBody.render(
                message,
                routingKey: try settings.routingKey.read(),
                severity: settings.severity,
                externalURL: externalURL
            )
            return request
        case .command: return nil
        }
    }

    private static func request(to url: HTTPURL, _ access: HTTPAccess) throws(SecretProblem) -> ClientRequest {
        ClientRequest(
            method: "POST",
            url: url,
            headers: HTTPAccess.commonHeaders + (try access.headers()),
            timeout: access.timeout,
            tls: access.tls
        )
    }
}

extension HTTPAccess {
    /// The header fields that every receiver gets.
    static let commonHeaders: [(name: String, value: String)] = [
        ("Content-Type", "application/json"), ("User-Agent", "Redstart"),
    ]
}

extension HTTPClient {
    /// Sends a request of which only matters whether it was taken.
    ///
    /// 2xx is; 408, 429, 5xx and all failures of the network may be taken later, after the time that the server asks
    /// for; everything else never.
    func deliver(
        _ request: ClientRequest,
        _ beforeSending: @escaping @Sendable () throws -> Void = {}
    ) async -> DeliveryOutcome {
        do throws(HTTPClientError) {
            let response = try await send(request, beforeCompletion: beforeSending)
            let reason = "http_\(response.status)"
            switch response.status {
            case 200...299: return .delivered
            case 408, 429, 500...599:
                return .failed(reason: reason, after: response.retryAfter(now: WallClock.milliseconds()))
            default: return .refused(reason: reason)
            }
        } catch {
            let reason = error.reason.rawValue
            return error.reason == .redirects ? .refused(reason: reason) : .failed(reason: reason, after: nil)
        }
    }
}

import Alerting
import FoundationEssentials
import HTTPServer
import JSON
import Metrics
import PromQL

/// `/api/redstart/v1/silences`: what is not told, in the form of Alertmanager's API v2.
struct SilenceRoutes: Sendable {
    let service: NotificationService
    /// Who may make and end silences here; `nil` where nobody may.
    let changes: ChangeGuard?

    /// What is sent to make or change one.
    private struct Posted: Decodable {
        struct Matcher: Decodable {
            let name: String
            let value: String
            let isRegex: Bool?
            let isEqual: Bool?
        }

        let id: String?
        let matchers: [Matcher]
        let startsAt: String?
        let endsAt: String
        let createdBy: String
        let comment: String
    }

    func list(_ request: HTTPRequest) async -> HTTPResponse {
        let now = WallClock.milliseconds()
        let silences = await service.silences
        var writer = JSONWriter()
        writer.array(of: silences) { Self.write($1, at: now, to: &$0) }
        return HTTPResponse(contentType: "application/json", bytes: writer.bytes)
    }

    func one(_ request: HTTPRequest) async -> HTTPResponse {
        let id = request.parameter("id") ?? ""
        guard let silence = await service.silences.first(where: { $0.id == id }) else { return Self.unknown }
        var writer = JSONWriter()
        Self.write(silence, at: WallClock.milliseconds(), to: &writer)
        return HTTPResponse(contentType: "application/json", bytes: writer.bytes)
    }

    func post(_ request: HTTPRequest) async -> HTTPResponse {
        if let refusal = refusal(of: request) { return refusal }
        let silence: Silence
        do throws(APIError) {
            silence = try Self.silence(request.body, now: WallClock.milliseconds())
        } catch {
            return Self.failure(.badRequest, error.message)
        }
        do throws(SilenceError) {
            let id = try await service.set(silence)
            var writer = JSONWriter()
            writer.object { $0.member("silenceID", id) }
            return HTTPResponse(contentType: "application/json", bytes: writer.bytes)
        } catch {
            return Self.failure(error)
        }
    }

    func delete(_ request: HTTPRequest) async -> HTTPResponse {
        if let refusal = refusal(of: request) { return refusal }
        do throws(SilenceError) {
            try await service.expireSilence(request.parameter("id") ?? "")
            return HTTPResponse(contentType: "application/json", bytes: Array("{}".utf8))
        } catch {
            return Self.failure(error)
        }
    }

    private func refusal(of request: HTTPRequest) -> HTTPResponse? {
        guard let changes else { return Self.forbidden }
        return changes.problem(with: request).map { Self.failure(.forbidden, $0) }
    }

    private static func silence(_ body: [UInt8], now: Int64) throws(APIError) -> Silence {
        let posted: Posted
        do {
            posted = try JSONDecoder().decode(Posted.self, from: Data(body))
        } catch {
            throw .badData("the body is no silence: \(explanation(error))")
        }
        func time(_ name: String, _ text: String) throws(APIError) -> Int64 {
            guard let time = PrometheusTime.milliseconds(text) else {
                throw .badData("\(name): expected a time such as 2026-01-31T12:00:00Z")
            }
            return time
        }
        var matchers: [LabelMatcher] = []
        for matcher in posted.matchers { matchers.append(try self.matcher(matcher)) }
        return Silence(
            id: posted.id ?? "",
            matchers: matchers,
            startsAt: try posted.startsAt.map { (text) throws(APIError) in try time("startsAt", text) } ?? now,
            endsAt: try time("endsAt", posted.endsAt),
            updatedAt: now,
            createdBy: posted.createdBy,
            comment: posted.comment
        )
    }

    private static func matcher(_ posted: Posted.Matcher) throws(APIError) -> LabelMatcher {
        let isEqual = posted.isEqual ?? true
        let operation: LabelMatcher.Operation =
            posted.isRegex ?? false ? (isEqual ? .matches : .notMatches) : (isEqual ? .equal : .notEqual)
        guard Labels.isLabelName(posted.name) else {
            throw .badData("\(Quoting.quoted(posted.name)) is no label name")
        }
        do {
            return try LabelMatcher(name: posted.name, operation: operation, value: posted.value)
        } catch {
            throw .badData(error.message)
        }
    }

    private static func explanation(_ error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "`\(place(context.codingPath + [key]))` is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            return "`\(place(context.codingPath))` has the wrong type"
        default: return "it is no JSON"
        }
    }

    private static func write(_ silence: Silence, at now: Int64, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", silence.id)
            writer.key("status")
            writer.object { $0.member("state", silence.state(at: now).rawValue) }
            writer.member("updatedAt", PrometheusTime.rfc3339(silence.updatedAt))
            writer.member("comment", silence.comment)
            writer.member("createdBy", silence.createdBy)
            writer.member("startsAt", PrometheusTime.rfc3339(silence.startsAt))
            writer.member("endsAt", PrometheusTime.rfc3339(silence.endsAt))
            writer.key("matchers")
            writer.array(of: silence.matchers) { writer, matcher in
                writer.object { writer in
                    writer.member("name", matcher.name)
                    writer.member("value", matcher.value)
                    writer.key("isRegex")
                    writer.bool(matcher.operation == .matches || matcher.operation == .notMatches)
                    writer.key("isEqual")
                    writer.bool(matcher.operation == .equal || matcher.operation == .matches)
                }
            }
        }
    }

    private static let forbidden = failure(
        .forbidden,
        "silences can be changed only where Redstart is started with --web.enable-admin"
    )
    private static let unknown = failure(.notFound, "there is no such silence")

    private static func failure(_ error: SilenceError) -> HTTPResponse {
        switch error {
        case .unknown: unknown
        case .invalid(let problem): failure(.badRequest, problem)
        case .notKept: failure(.serviceUnavailable, "the silence cannot be kept; the log says why")
        }
    }

    /// As Alertmanager answers: the problem as a text of JSON.
    private static func failure(_ status: HTTPStatus, _ problem: String) -> HTTPResponse {
        var writer = JSONWriter()
        writer.string(problem)
        return HTTPResponse(status, contentType: "application/json", bytes: writer.bytes)
    }
}

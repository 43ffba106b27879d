import Alerting
import HTTPServer
import JSON
import Metrics
import PromQL

/// `/api/redstart/v1/journal`: what happened to alerts, the newest first.
struct JournalRoute: Sendable {
    /// Reads the journal; `nil` where it cannot be read.
    typealias Reader = @Sendable (JournalQuery) async -> [JournalEntry]?

    private static let defaultLimit = 100
    private static let limit = 10_000

    let read: Reader

    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        let query: JournalQuery
        do throws(APIError) {
            query = try Self.query(RequestParameters(request), now: WallClock.milliseconds())
        } catch {
            return PrometheusResponse.failure(error)
        }
        guard let entries = await read(query) else {
            return PrometheusResponse.failure(APIError(kind: .execution, message: "the journal cannot be read"))
        }
        return PrometheusResponse.success { writer in
            writer.object { writer in
                writer.key("entries")
                writer.array(of: entries) { Self.write($1, to: &$0) }
                // Where there may be more: the parameter `before` of the next page.
                if entries.count == query.limit, let last = entries.last { writer.member("next", last.id) }
            }
        }
    }

    private static func query(_ parameters: RequestParameters, now: Int64) throws(APIError) -> JournalQuery {
        var query = JournalQuery(limit: min(try parameters.limit() ?? defaultLimit, limit))
        if !parameters.text("alert").isEmpty { query.alert = parameters.text("alert") }
        if !parameters.text("instance").isEmpty { query.labels.append(("instance", parameters.text("instance"))) }
        for name in parameters.all("state") {
            guard let kind = AlertChange.Kind(rawValue: name) else {
                throw .badParameter("state", "expected one of pending, firing, resolved, dropped")
            }
            query.kinds.insert(kind)
        }
        query.from = try time("since", parameters, now: now)
        query.through = try time("until", parameters, now: now)
        if let before = Int64(parameters.text("before")) { query.before = before }
        return query
    }

    /// A time, or how long ago it was: `2h`.
    private static func time(
        _ name: String,
        _ parameters: RequestParameters,
        now: Int64
    ) throws(APIError) -> Int64? {
        let text = parameters.text(name)
        if text.isEmpty { return nil }
        if let ago = DurationText.milliseconds(text) { return now - ago }
        return try parameters.time(name)
    }

    private static func write(_ entry: JournalEntry, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", entry.id)
            writer.member("time", PrometheusTime.rfc3339(entry.timestampMilliseconds))
            writer.member("state", entry.kind.rawValue)
            writer.member("alert", entry.labels["alertname"] ?? "")
            writer.labels("labels", entry.labels)
            writer.labels("annotations", entry.annotations)
            writer.member("value", NumberFormat.decimalText(entry.value))
            writer.member("activeAt", PrometheusTime.rfc3339(entry.activeAt))
            if let time = entry.firedAt { writer.member("firedAt", PrometheusTime.rfc3339(time)) }
            if let time = entry.resolvedAt { writer.member("resolvedAt", PrometheusTime.rfc3339(time)) }
            writer.member("group", entry.group)
            writer.member("file", entry.file)
        }
    }
}

extension JSONWriter {
    /// A key with labels as an object of texts.
    fileprivate mutating func labels(_ name: String, _ labels: Labels) {
        key(name)
        object { writer in
            labels.withEachPair { name, value in
                writer.key(String(decoding: name, as: UTF8.self))
                writer.string(value)
            }
        }
    }
}

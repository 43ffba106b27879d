import HTTPServer
import JSON
import Metrics
import PromQL
import RedisCollectors
import RedisFleet

/// `/api/redstart/v1/slowlog`: the entries of the logs of slow and large commands, newest first.
///
/// Parameters: `instance`, `cmd` and `log` (`slow`, `large-request`, `large-reply`), each repeatable, `since` (a time,
/// or a duration back from now) and `limit` (100 if not given).
struct SlowLogRoute: Sendable {
    let archive: SlowLogArchive

    func respond(to request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let records = archive.records(try Self.filter(RequestParameters(request)))
            return PrometheusResponse.success { writer in
                writer.object { writer in
                    writer.key("entries")
                    writer.array(of: records) { Self.write($1, to: &$0) }
                }
            }
        }
    }

    private static func filter(_ parameters: RequestParameters) throws(APIError) -> SlowLogArchive.Filter {
        var filter = SlowLogArchive.Filter()
        filter.instances = Set(parameters.all("instance").filter { !$0.isEmpty })
        filter.commands = Set(parameters.all("cmd").filter { !$0.isEmpty }.map { $0.lowercased() })
        for text in parameters.all("log") where !text.isEmpty {
            guard let log = SlowLogKind(rawValue: text) else {
                let names = SlowLogKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badParameter("log", "there is no log \(Quoting.quoted(text)); there are: \(names)")
            }
            filter.logs.insert(log)
        }
        if let milliseconds = try since(parameters) {
            filter.sinceSeconds = milliseconds / 1000
        }
        if !parameters.text("limit").isEmpty {
            filter.limit = try parameters.limit() ?? .max
        }
        return filter
    }

    /// A time, or how long ago: `5m`.
    private static func since(_ parameters: RequestParameters) throws(APIError) -> Int64? {
        let text = parameters.text("since")
        guard !text.isEmpty else { return nil }
        if Double(text) == nil, let duration = DurationText.milliseconds(text) {
            return WallClock.milliseconds() - duration
        }
        return try parameters.time("since")
    }

    /// RFC 3339; a server may say anything, so what is no time of this era is its nearest end.
    private static func time(of entry: SlowLogEntry) -> String {
        let latest: Int64 = 253_402_300_799
        return PrometheusTime.rfc3339(min(max(entry.timestampSeconds, 0), latest) * 1000)
    }

    private static func write(_ record: SlowLogArchive.Record, to writer: inout JSONWriter) {
        let entry = record.entry
        writer.object { writer in
            writer.member("instance", record.node.instance)
            writer.member("log", entry.log.rawValue)
            writer.member("id", entry.id)
            writer.member("time", time(of: entry))
            if entry.log == .slow {
                writer.key("durationSeconds")
                writer.number(Double(entry.amount) / 1e6)
            } else {
                writer.member("bytes", entry.amount)
            }
            writer.member("cmd", entry.command)
            writer.member("argumentCount", entry.argumentCount)
            if !entry.arguments.isEmpty {
                writer.key("arguments")
                writer.array(of: entry.arguments) { $0.string($1) }
            }
            writer.member("clientAddress", entry.clientAddress)
            writer.member("clientName", entry.clientName)
        }
    }
}

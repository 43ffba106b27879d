import HTTPServer
import JSON

/// A report as JSON, and as the word that redis_exporter has for it.
enum HealthDocument {
    private static let text = MediaType("text", "plain")
    private static let json = MediaType("application", "json")

    /// `ok` as of redis_exporter for those who do not ask for JSON, by `Accept` or `?format=json`; the status is 503 for what is unhealthy.
    static func respond(_ report: HealthReport, version: String, to request: HTTPRequest) -> HTTPResponse {
        let status: HTTPStatus = report.status == .unhealthy ? .serviceUnavailable : .ok
        // Who takes anything gets what redis_exporter says.
        let accepted = request.accept.preferredIndex(among: [text, json]) == 1
        let wantsJSON = request.query.first("format").map { $0 == "json" } ?? accepted
        var response =
            wantsJSON
            ? HTTPResponse(status, contentType: "application/json", bytes: json(report, version: version))
            : HTTPResponse(status, contentType: "text/plain; charset=utf-8", bytes: Array(text(report).utf8))
        response.headers.set("Vary", "Accept")
        response.headers.set("Cache-Control", "no-store")
        return response
    }

    /// `ok`, or a line for each part that is unhealthy.
    private static func text(_ report: HealthReport) -> String {
        let entries = report.entries.filter { $0.finding.status == .unhealthy }
        guard !entries.isEmpty else { return "ok" }
        return entries.map { "unhealthy: \($0.part.rawValue): \($0.finding.message)\n" }.joined()
    }

    private static func json(_ report: HealthReport, version: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("status", report.status.rawValue)
            writer.member("version", version)
            writer.key("parts")
            write(report.entries, to: &writer)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The parts as a list of objects.
    static func write(_ entries: [HealthReport.Entry], to writer: inout JSONWriter) {
        writer.array(of: entries) { writer, entry in
            writer.object { writer in
                writer.member("name", entry.part.rawValue)
                writer.member("status", entry.finding.status.rawValue)
                writer.member("message", entry.finding.message)
                writer.member("since", PrometheusTime.rfc3339(entry.since))
            }
        }
    }
}

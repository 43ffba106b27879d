import HTTPServer
import JSON
import Metrics

/// `/api/v1/metadata`: type, unit and help of the families.
struct MetadataRoute: Sendable {
    let catalog: MetricCatalog

    func respond(to request: HTTPRequest) -> HTTPResponse {
        PrometheusResponse.answer { () throws(APIError) in
            let parameters = RequestParameters(request)
            let limit = try Self.number("limit", parameters)
            // There is one entry per family: a limit on them can only be a wrong one.
            _ = try Self.number("limit_per_metric", parameters)
            let metric = parameters.text("metric")
            let families = catalog.rows.indices.map { FamilyID(index: $0) }
                .map { (name: catalog.name(of: $0), row: catalog[$0]) }
                .filter { metric.isEmpty || $0.name == metric }
                .sorted { $0.name < $1.name }
            let count = limit.map { $0 < 0 ? families.count : $0 } ?? families.count
            return PrometheusResponse.success { writer in
                writer.object { writer in
                    for family in families.prefix(count) {
                        writer.key(family.name)
                        writer.array { Self.write(family.row, to: &$0) }
                    }
                }
            }
        }
    }

    private static func number(_ name: String, _ parameters: RequestParameters) throws(APIError) -> Int? {
        let text = parameters.text(name)
        guard !text.isEmpty else { return nil }
        guard let number = Int(text) else { throw .badData("\(name) must be a number") }
        return number
    }

    private static func write(_ row: MetricRow, to writer: inout JSONWriter) {
        let unit = row.unit.suffix.flatMap { suffix in
            let base = row.name.hasSuffix("_total") ? String(row.name.dropLast("_total".count)) : row.name
            return base.hasSuffix("_\(suffix)") ? suffix : nil
        }
        writer.object { writer in
            writer.member("type", row.kind.rawValue)
            writer.member("unit", unit ?? "")
            writer.member("help", row.help)
        }
    }
}
